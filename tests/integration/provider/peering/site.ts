import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { startSimulator, type Simulator } from "../../../../lab/ontap";
import { OntapClient, type OntapClientOptions } from "../../../../provider/clients/ontap";
import { PeeringHandler } from "../../../../provider/handlers/peering";
import type { Properties } from "../../../../provider/handlers/results";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import type { RoleRecord } from "../../../../provider/roles/record";

export const testPassphrase = "canary-passphrase";
export const providerText = "text of the provider";

interface RequestLine {
    user: string;
    method: string;
    path: string;
}

/** One site: its simulator, the handlers configured for its stack, and what they printed and called. */
export class Site {
    readonly printed: string[] = [];
    readonly calls: string[] = [];
    /** What the stack's state says, once the resource was created. */
    state: { id: string; inputs: Properties; outputs: Properties } | undefined;
    /** The site's record of each item that it is to serve. */
    record: RoleRecord | undefined;

    private constructor(
        readonly name: string,
        readonly folder: string,
        public ontap: Simulator,
    ) {}

    static async start(name: string): Promise<Site> {
        const folder = await mkdtemp(path.join(os.tmpdir(), `peering-${name}-`));
        return new Site(name, folder, await startSimulator(Site.options(name, folder)));
    }

    /** Stops the array and starts it again with its data, at another address and with other passwords. */
    async moveArray(password: string): Promise<void> {
        await this.ontap.close();
        const options = Site.options(this.name, this.folder);
        const { interclusterAddress } = this.ontap;
        const product = { username: "product", password };
        this.ontap = await startSimulator({ ...options, interclusterAddress, users: { ...options.users, product } });
    }

    private static options(name: string, folder: string) {
        return {
            folder: path.join(folder, "ontap"),
            clusterName: `cluster-${name}`,
            svm: `svm_${name}`,
            speed: 600,
            requestLog: path.join(folder, "requests.log"),
            users: {
                admin: { username: "admin", password: "admin" },
                trident: { username: "trident", password: "trident" },
                product: { username: "product", password: `canary-password-${name}` },
            },
        };
    }

    async stop(): Promise<void> {
        await this.ontap.close();
        await rm(this.folder, { recursive: true, force: true });
    }

    handlers(
        config: Record<string, string | undefined> = {},
        client: Partial<OntapClientOptions> = {},
        peeringPatience = 250,
    ): PeeringHandler {
        const log = (line: string) => this.printed.push(line);
        const handlers = new PeeringHandler(new ProviderProcess({ environment: {}, log }), {
            peeringPatience,
            records: ({ items }) => Promise.resolve(items.map(() => this.record)),
            client: {
                onCall: (call) => this.calls.push(call),
                pauses: { transport: 5, short: 5, long: 5, job: 5 },
                ...client,
            },
        });
        const values: Record<string, string | undefined> = {
            ontapUsername: "product",
            ontapPassword: `canary-password-${this.name}`,
            peeringPassphrase: testPassphrase,
            ...config,
        };
        void handlers.configure({ config: { get: (key) => values[key.replace("trident-dr:", "")] } });
        return handlers;
    }

    inputs(peer: Site, more: Properties = {}): Properties {
        return {
            site: this.name,
            peerSite: peer.name,
            endpoint: { url: this.ontap.url, certificate: this.ontap.certificate },
            svm: this.ontap.svm,
            peer: {
                svm: peer.ontap.svm,
                cluster: peer.ontap.clusterName,
                interclusterAddresses: [peer.ontap.interclusterAddress],
            },
            timeouts: { request: "40s" },
            __provider: providerText,
            ...more,
        };
    }

    /** What `pulumi preview` does with the resource; the answer says whether it would change. */
    async preview(inputs: Properties, handlers = this.handlers()): Promise<boolean> {
        const { failures } = await handlers.check(this.state?.inputs ?? {}, inputs);
        if (failures.length > 0) {
            throw new Error(failures.map(({ reason }) => reason).join("\n"));
        }
        if (this.state === undefined) {
            return true;
        }
        return (await handlers.diff(this.state.id, this.state.outputs, inputs)).changes;
    }

    /** What `pulumi up` does with the resource. */
    async up(inputs: Properties, handlers = this.handlers()): Promise<Properties> {
        const changes = await this.preview(inputs, handlers);
        if (this.state === undefined) {
            const { id, outs } = await handlers.create(inputs);
            this.state = { id, inputs, outputs: outs };
        } else if (changes) {
            const { outs } = await handlers.update(this.state.id, this.state.outputs, inputs);
            this.state = { ...this.state, inputs, outputs: outs };
        }
        return this.state.outputs;
    }

    /** Writes that the product made at this site's array, as the array logged them. */
    async writes(): Promise<string[]> {
        const lines = (await readFile(path.join(this.folder, "requests.log"), "utf8")).trim().split("\n");
        return lines
            .map((line) => JSON.parse(line) as RequestLine)
            .filter(({ user, method }) => user === "product" && method !== "GET")
            .map(({ method, path: called }) => `${method} ${called.replace(/^\/api/, "")}`);
    }

    /** The array as its administrator sees it. */
    get admin(): OntapClient {
        const { url, certificate } = this.ontap;
        return new OntapClient({
            site: this.name,
            endpoint: { url, certificate },
            credentials: { username: "admin", password: "admin" },
        });
    }
}

export async function messageOf(work: Promise<unknown>): Promise<string> {
    const failure = await work.then(
        () => assert.fail("expected a failure"),
        (thrown: unknown) => thrown,
    );
    return (failure as Error).message;
}
