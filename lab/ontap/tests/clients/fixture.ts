import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Simulator } from "../../simulator";
import { startSimulator } from "../../simulator";
import { Authority } from "../../pki";
import { type Ended, PythonEnvironment } from "./python";

/** One site, as the clients are told of it. */
interface Described {
    url: string;
    data_url: string;
    svm: string;
    aggregate: string;
    cluster_name: string;
    address: string;
    ca_file: string;
    username?: string;
    password?: string;
    cert_file?: string;
    key_file?: string;
}

/** Two simulated clusters for clients that others wrote, with everything they answer on record. */
export class Sites {
    private constructor(
        readonly folder: string,
        readonly python: PythonEnvironment,
        readonly east: Simulator,
        readonly west: Simulator,
        private readonly described: Record<"east" | "west", Described>,
    ) {}

    static async start(): Promise<Sites> {
        const python = await PythonEnvironment.ensure((line) => console.log(`      ${line}`));
        const folder = await mkdtemp(path.join(os.tmpdir(), "clients-"));
        const authority = await Authority.create(folder, "authority");
        const ca = await readFile(authority.certFile, "utf8");
        const start = async (name: string) => {
            const names = { addresses: ["127.0.0.1"], names: ["localhost"] };
            const files = await authority.issue(folder, name, { commonName: `cluster_${name}`, ...names });
            return startSimulator({
                folder: path.join(folder, name),
                clusterName: `cluster_${name}`,
                svm: `svm_${name}`,
                aggregate: `aggr_${name}`,
                speed: 1000,
                tls: { cert: await readFile(files.certFile, "utf8"), key: await readFile(files.keyFile, "utf8") },
                clientCertificates: { ca, accounts: ["admin"] },
                answerLog: path.join(folder, `${name}.jsonl`),
            });
        };
        const [east, west] = await Promise.all([start("east"), start("west")]);
        const { certFile, keyFile } = await authority.issue(folder, "admin", { commonName: "admin" });
        const describe = (one: Simulator): Described => ({
            url: one.url,
            data_url: one.dataUrl,
            svm: one.svm,
            aggregate: one.aggregate,
            cluster_name: one.clusterName,
            address: one.interclusterAddress,
            ca_file: authority.certFile,
        });
        const described = {
            east: { ...describe(east), username: "admin", password: "admin" },
            // The west is reached without a password.
            west: { ...describe(west), cert_file: certFile, key_file: keyFile },
        };
        return new Sites(folder, python, east, west, described);
    }

    /** Both sites, as a file for the Python scripts. */
    async file(): Promise<string> {
        const file = path.join(this.folder, "sites.json");
        await writeFile(file, JSON.stringify(this.described));
        return file;
    }

    /** Both sites, as the variables of a playbook. */
    forAnsible(): object {
        const site = (one: Described, host: string) => {
            const { username, password, cert_file, key_file } = one;
            const login = { hostname: host, http_port: Number(new URL(one.url).port), use_rest: "always", https: true };
            const account =
                password === undefined ? { cert_filepath: cert_file, key_filepath: key_file } : { username, password };
            return { ...one, login: { ...login, ...account } };
        };
        const { east, west } = this.described;
        // The collection tells clusters apart by their host alone.
        return { ca_file: east.ca_file, east: site(east, "127.0.0.1"), west: site(west, "localhost") };
    }

    /** Fails with all that the program said when it did not end well. */
    static passed({ code, output }: Ended): string {
        assert.equal(code, 0, `it ended with ${code}:\n${output.slice(-6000)}`);
        return output;
    }

    /** Holds every answer so far against the official schemas; gives what was checked. */
    async judge(): Promise<string> {
        const files = ["east", "west"].map((name) => path.join(this.folder, `${name}.jsonl`));
        return Sites.passed(await this.python.script("schemas.py", files));
    }

    async close(): Promise<void> {
        await Promise.all([this.east.close(), this.west.close()]);
        await rm(this.folder, { recursive: true, force: true });
    }
}
