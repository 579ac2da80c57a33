import { withoutControls } from "../support/printable";
import { refuseUnverified } from "../support/tlsVariable";
import { Silence } from "../support/silence";
import { startTrace } from "../support/trace";
import { Credentials, type ConfigurationRequest } from "./credentials";
import { whenEngineIsGone } from "./engineWatch";

/** Milliseconds that the answer of the last call gets to reach an engine that may still be there. */
const answerTime = 1_000;

interface ProviderProcessOptions {
    /** Where credentials are looked up before the configuration. Default: the environment of this process. */
    environment?: NodeJS.ProcessEnv | undefined;
    /** Prints a line for the user. Default: to standard output, which the engine shows. */
    log?: ((line: string) => void) | undefined;
    /** With which the process ends when it was interrupted. Default 0: to an engine, that is no failure of its own. */
    interruptedCode?: number;
}

/**
 * What all handlers of this process share: the credentials of the stack whose operation it serves, the interruption of
 * that operation, and its output. It is the only state that outlives a call.
 */
export class ProviderProcess {
    readonly #environment: NodeJS.ProcessEnv;
    readonly #log: (line: string) => void;
    readonly #interruptedCode: number;
    readonly #interruption = new AbortController();
    readonly silence = new Silence();
    #credentials: Credentials;
    #running = 0;

    constructor({
        environment = process.env,
        log = (line) => console.log(line),
        interruptedCode = 0,
    }: ProviderProcessOptions = {}) {
        this.#environment = environment;
        this.#interruptedCode = interruptedCode;
        this.#log = log;
        this.#credentials = new Credentials({ config: { get: () => undefined } }, environment);
    }

    /** The process's one instance: it ends when the run is interrupted, or when its engine is gone. */
    static start(): ProviderProcess {
        const started = new ProviderProcess();
        started.listen();
        // The run of an engine that was killed must not go on beside the next one.
        whenEngineIsGone(process.argv.at(-1), () => started.interrupt());
        return started;
    }

    /** Begins to listen for the signal that interrupts a run. */
    listen(): void {
        withoutNotices();
        startTrace(this.#environment, (line) => this.log(line));
        process.on("SIGINT", () => this.interrupt());
    }

    /** The engine configures a provider before it calls it; until then only the environment is known. */
    configure(request: ConfigurationRequest): void {
        refuseUnverified(this.#environment);
        this.#credentials = new Credentials(request, this.#environment);
    }

    get credentials(): Credentials {
        // The engine configures a provider once, whatever comes of it, and goes on to call it.
        refuseUnverified(this.#environment);
        return this.#credentials;
    }

    /** Aborted when the run is interrupted: waiting then ends, and the run ends between two steps. */
    get interrupted(): AbortSignal {
        return this.#interruption.signal;
    }

    /**
     * Runs something that an interrupt may end only at a safe point. The engine lets a dynamic provider's call go on
     * after the first Ctrl-C, and signals its process with the second, and when it is done with it.
     */
    async uninterrupted<T>(run: () => Promise<T>): Promise<T> {
        this.#running++;
        try {
            return await run();
        } finally {
            this.#running--;
            if (this.interrupted.aborted && this.#running === 0) {
                setTimeout(() => process.exit(this.#interruptedCode), answerTime);
            }
        }
    }

    /** Prints a line for the user. */
    log(line: string): void {
        this.#log(withoutControls(line));
    }

    /**
     * Prints a line of JSON where `TRIDENT_DR_PLAN` asks for it: `pulumi preview --json` has what a provider prints among
     * its diagnostics. An input or an output would be in every user's state instead.
     */
    logData(data: object): void {
        if (this.#environment["TRIDENT_DR_PLAN"] === "json") {
            this.#log(
                JSON.stringify(data, (_key, value: unknown) =>
                    typeof value === "string" ? withoutControls(value) : value,
                ),
            );
        }
    }

    private interrupt(): void {
        this.#interruption.abort();
        if (this.#running === 0) {
            process.exit(this.#interruptedCode);
        }
    }
}

/** A notice of the AWS SDK about the version of Node.js would be printed in the middle of a takeover, or of a table. */
export function withoutNotices(): void {
    process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
}
