#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { certificateFiles } from "./pki";
import { type Simulator, startSimulator } from "./simulator";

/** `ontap-simulator --folder DIR`: one simulated cluster on loopback, until SIGINT or SIGTERM. */
const program = new Command("ontap-simulator")
    .description("Simulates one NetApp ONTAP cluster: its REST API, on 127.0.0.1 alone, until it is interrupted")
    .version(ownVersion())
    .requiredOption(
        "--folder <folder>",
        "all that the cluster keeps; on a folder used before, it goes on with its data",
    )
    .option("--port <port>", "of the REST API", port, 0)
    .option("--data-port <port>", "of the data path, which stands for NFS", port, 0)
    .option("--name <name>", "of the cluster, at its first start", "cluster")
    .option("--svm <name>", "of its SVM, at its first start", "svm")
    .option("--aggregate <name>", "of its aggregate, at its first start", "aggr1")
    .option("--intercluster-address <address>", "of 127.0.0.0/8, for peers (default: a free one)", loopback)
    .option("--password <password>", "of the user admin", "admin")
    .option("--speed <factor>", "what takes a minute on a real cluster takes a minute divided by this", positive, 60)
    .option(
        "--peer-timeout <seconds>",
        "after which a call to a peer is given up (default: 30 / speed, at least 4)",
        positive,
    )
    .option("--request-log <file>", "gets a line of JSON for each request")
    .option("--json", "print what there is to know as one line of JSON")
    .addHelpText("after", "\nA port of 0, the default, stands for any that is free.")
    .showHelpAfterError("(--help lists all options)")
    .action(run);

interface Options {
    folder: string;
    port: number;
    dataPort: number;
    name: string;
    svm: string;
    aggregate: string;
    interclusterAddress?: string;
    password: string;
    speed: number;
    peerTimeout?: number;
    requestLog?: string;
    json?: boolean;
}

async function run(options: Options): Promise<void> {
    const { name, svm, aggregate, interclusterAddress, speed, peerTimeout, requestLog } = options;
    const folder = path.resolve(options.folder);
    const admin = { username: "admin", password: options.password };
    const simulator = await startSimulator({
        folder,
        clusterName: name,
        svm,
        aggregate,
        users: { admin },
        management: { host: "127.0.0.1", port: options.port },
        data: { host: "127.0.0.1", port: options.dataPort },
        interclusterAddress,
        speed,
        peerTimeout: peerTimeout && peerTimeout * 1000,
        requestLog,
    });
    endOnSignal(simulator);
    const facts = factsOf(simulator, admin, certificateFiles(folder, "management").certFile);
    console.log(options.json ? JSON.stringify(facts) : describe(facts));
}

/** What a client has to know of the cluster. */
function factsOf(simulator: Simulator, admin: { username: string; password: string }, certificateFile: string) {
    const { url, dataUrl, interclusterAddress, clusterName, svm, aggregate, certificate } = simulator;
    return {
        url,
        ...admin,
        certificateFile,
        certificate,
        cluster: clusterName,
        svm,
        aggregate,
        interclusterAddress,
        dataUrl,
    };
}

function describe(facts: ReturnType<typeof factsOf>): string {
    return [
        `URL           ${facts.url}`,
        `user          ${facts.username}`,
        `password      ${facts.password}`,
        `certificate   ${facts.certificateFile}`,
        `cluster       ${facts.cluster}`,
        `SVM           ${facts.svm}`,
        `aggregate     ${facts.aggregate}`,
        `intercluster  ${facts.interclusterAddress}`,
        `data path     ${facts.dataUrl}`,
        "",
        facts.certificate.trimEnd(),
        "",
        "It serves until it is interrupted (Ctrl-C). To see that it does:",
        `  curl --cacert ${quoted(facts.certificateFile)} --user ${quoted(`${facts.username}:${facts.password}`)} ${facts.url}/api/cluster`,
    ].join("\n");
}

function quoted(value: string): string {
    return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** Of this package, whether it runs from its sources or from what was built. */
function ownVersion(): string {
    const manifest = readFileSync(require.resolve("ontap-simulator/package.json"), "utf8");
    return (JSON.parse(manifest) as { version: string }).version;
}

function endOnSignal(simulator: Simulator): void {
    const end = () => {
        // What was answered is on disk already: nothing that hangs may hold the process up.
        setTimeout(() => process.exit(0), 3000).unref();
        void simulator.close().then(() => process.exit(0));
    };
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
}

function port(text: string): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > 65_535) {
        throw new InvalidArgumentError("Expected a port, 0 to 65535.");
    }
    return value;
}

function loopback(text: string): string {
    if (!isIPv4(text) || !text.startsWith("127.")) {
        throw new InvalidArgumentError("Expected an address of 127.0.0.0/8.");
    }
    return text;
}

function positive(text: string): number {
    const value = Number(text);
    if (!(value > 0 && Number.isFinite(value))) {
        throw new InvalidArgumentError("Expected a positive number.");
    }
    return value;
}

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
});
