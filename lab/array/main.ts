import { readFileSync } from "node:fs";
import { runSiteProcess } from "../controllers";
import { startSimulator } from "../ontap";

/** `node --import tsx lab/array/main.ts --site <descriptor.json>`: the ONTAP simulator of one site. */
runSiteProcess(async ({ ontap, speed }) => {
    const simulator = await startSimulator({
        folder: ontap.folder,
        clusterName: ontap.clusterName,
        svm: ontap.svm,
        aggregate: ontap.aggregate,
        users: ontap.users,
        management: addressOf(ontap.url),
        data: addressOf(ontap.dataUrl),
        interclusterAddress: ontap.interclusterAddress,
        tls: { cert: readFileSync(ontap.certFile, "utf8"), key: readFileSync(ontap.keyFile, "utf8") },
        speed,
        requestLog: ontap.requestLog,
    });
    return { stop: () => simulator.close() };
});

function addressOf(url: string): { host: string; port: number } {
    const { hostname: host, port } = new URL(url);
    return { host, port: Number(port) };
}
