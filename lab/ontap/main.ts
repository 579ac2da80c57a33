import { readFileSync } from "node:fs";
import { readSiteDescriptor } from "../site";
import { startSimulator } from "./simulator";

/** `node --import tsx lab/ontap/main.ts --site <descriptor.json>`: the ONTAP simulator of one site. */
async function main(): Promise<void> {
    const { ontap, speed } = readSiteDescriptor();
    const address = (url: string) => {
        const { hostname: host, port } = new URL(url);
        return { host, port: Number(port) };
    };
    const simulator = await startSimulator({
        folder: ontap.folder,
        clusterName: ontap.clusterName,
        svm: ontap.svm,
        aggregate: ontap.aggregate,
        users: ontap.users,
        management: address(ontap.url),
        data: address(ontap.dataUrl),
        interclusterAddress: ontap.interclusterAddress,
        tls: { cert: readFileSync(ontap.certFile, "utf8"), key: readFileSync(ontap.keyFile, "utf8") },
        speed,
        requestLog: ontap.requestLog,
    });
    const stop = () => {
        // What was answered is durable already: nothing that hangs may hold the process up.
        setTimeout(() => process.exit(0), 3000).unref();
        void simulator.close().then(() => process.exit(0));
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    process.stdout.write("ready\n");
}

main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
});
