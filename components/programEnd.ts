import * as pulumi from "@pulumi/pulumi";

/** Longer than any program waits between two declarations. */
const patienceMinutes = 60;

/** Enough for the CLI to end a program that failed, which makes everything else about it superfluous. */
const failureSeconds = 5;

/**
 * The moment from which a program declares nothing more to a pair.
 *
 * The role of an item cannot be declared before every item of the pair is known: one that comes after it may be declared
 * much later, behind any number of `await`s. No turn of the event loop marks that moment. These do:
 *
 * 1. The program calls `pair.outputs()`, the last thing it does with the pair.
 * 2. The program ends without doing so: Pulumi settles the outputs of its stack.
 * 3. The process comes to rest (`beforeExit`). Whatever is still being waited for, by the program or by Pulumi on its
 *    behalf, can then only come from the roles. Resources may be declared from this event: `@pulumi/aws` does so.
 *
 * Which items the site is to serve, which the peering takes as an input, is not known before then either.
 *
 * Hence a program that waits for a role never keeps that role waiting. Only a process that never comes to rest (one that
 * uses the Automation API) could, with a program that neither calls `pair.outputs()` nor ends: it gets an error after an
 * hour without a declaration. A program that fails takes its roles with it: nothing changes at a site whose program was
 * not read to its end.
 *
 * A unit test on Pulumi's mocks may run without a stack. There is no program then whose end could be awaited, and no
 * site whose roles could be carried out in the wrong order: whatever the same turn of the event loop declares counts.
 */
export class ProgramEnd {
    /** Rejected, with the reason, when the end will not come. */
    readonly reached: Promise<void>;
    private settle!: { reach: () => void; fail: (why: string) => void };
    private readonly patience: NodeJS.Timeout;

    /**
     * @param pair Name of the pair, for messages.
     * @param within How long to wait, in milliseconds, where a test cannot wait as long.
     */
    constructor(
        pair: string,
        private readonly within = { declaration: patienceMinutes * 60_000, failure: failureSeconds * 1000 },
    ) {
        this.reached = new Promise<void>((resolve, reject) => {
            this.settle = { reach: resolve, fail: (why) => reject(new Error(why)) };
        });
        this.patience = setTimeout(() => this.settle.fail(neverEnded(pair)), within.declaration).unref();
        process.once("beforeExit", this.settle.reach);
        this.reached.then(this.stopWatching, this.stopWatching);
        const stack = outputsOfRunningStack();
        if (stack === undefined) {
            setImmediate(this.settle.reach);
        } else {
            stack.then(this.settle.reach, this.programFailed);
        }
    }

    /** The program has said that it declares nothing more. */
    reach(): void {
        this.settle.reach();
    }

    /** The program has declared something, so it is not stuck. */
    declared(): void {
        this.patience.refresh();
    }

    /** The CLI reports the program's error and ends it. The Automation API waits until nothing is pending. */
    private readonly programFailed = () => {
        this.stopWatching();
        setTimeout(() => this.settle.fail("the program failed"), this.within.failure).unref();
    };

    private readonly stopWatching = () => {
        clearTimeout(this.patience);
        process.off("beforeExit", this.settle.reach);
    };
}

function neverEnded(pair: string): string {
    return (
        `the program has declared nothing for ${patienceMinutes} minutes and has not called outputs() of the pair ` +
        `${pair}. Call it once everything is declared, before waiting for anything that is mirrored`
    );
}

/**
 * What Pulumi settles once the program has ended, unless the program of the current stack (if any) already has. The SDK
 * has no declared way to wait for it that works in a preview, where `apply` passes over unknown values.
 */
function outputsOfRunningStack(): Promise<unknown> | undefined {
    const stack = pulumi.runtime.getStackResource() as StackInternals | undefined;
    return stack === undefined || stack.__registered === true ? undefined : stack.getData?.();
}

interface StackInternals {
    /** Whether the outputs of the program have been handed to the engine. */
    __registered?: boolean;
    /** The outputs of the program. */
    getData?(): Promise<unknown>;
}
