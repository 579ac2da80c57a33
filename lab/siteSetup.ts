import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { furnish, whenServing } from "./kubernetes/furnish";
import { controlPlanePorts, type ControlPlane, prepareControlPlane } from "./kubernetes/controlPlane";
import { type Authority, freeAddress, selfSigned } from "./ontap";
import { holdPorts } from "./ports";
import type { ProcessSpecification, Supervisor } from "./processes";
import { prepareS3, type S3Server, s3Ports } from "./s3/server";
import type { SiteDescriptor } from "./site";
import type { Tools } from "./tools";

/** Programs of a site that stand for what is not there, and where each of them lies. */
const programs = {
    ontap: path.join(__dirname, "array", "main.ts"),
    trident: path.join(__dirname, "trident", "main.ts"),
    protect: path.join(__dirname, "protect", "main.ts"),
    writer: path.join(__dirname, "writer", "main.ts"),
};
export type StandIn = keyof typeof programs;
export const standIns = Object.keys(programs) as StandIn[];

/** A site whose keys, ports and settings exist, and nothing of which runs yet. */
interface PreparedSite {
    descriptor: SiteDescriptor;
    controlPlane: ControlPlane;
    /** Starts everything, stage by stage; complete when pods can run. */
    start(supervisor: Supervisor): Promise<void>;
}

/** Gives a site its folder, keys, ports and descriptor. */
export async function prepareSite(options: {
    name: string;
    /** Folder of the lab; the site's own lies in it. */
    labFolder: string;
    speed: number;
    calendarSpeed: number;
    tools: Tools;
    authority: Authority;
    standIns: readonly StandIn[];
}): Promise<PreparedSite> {
    const { name, labFolder, speed, calendarSpeed, tools, authority } = options;
    const folder = path.join(labFolder, name);
    const [logs, pki] = [path.join(folder, "logs"), path.join(folder, "pki")];
    const ports = await holdPorts(controlPlanePorts + s3Ports + 3);
    const shared = { site: name, logs, tools, authority, ports };
    const controlPlane = await prepareControlPlane({ ...shared, folder: path.join(folder, "kubernetes") });
    const s3 = await prepareS3({ ...shared, folder: path.join(folder, "s3") });
    const ontap = await describeOntap(name, folder, logs, pki, [ports.next(), ports.next()]);
    const webhook = await authority.issue(pki, "webhook", {
        commonName: "trident-protect-webhook",
        addresses: ["127.0.0.1"],
        names: ["localhost"],
    });
    const descriptor: SiteDescriptor = {
        name,
        folder,
        ledgerFolder: path.join(labFolder, "ledger"),
        speed,
        calendarSpeed,
        kubernetes: {
            server: controlPlane.server,
            adminKubeconfig: controlPlane.adminKubeconfig,
            productKubeconfig: controlPlane.productKubeconfig,
            auditLog: controlPlane.auditLog,
            webhook: { host: "127.0.0.1", port: ports.next(), ...webhook, caFile: authority.certFile },
        },
        ontap,
        s3: {
            endpoint: s3.endpoint,
            bucket: s3.bucket,
            accessKey: s3.accessKey,
            secretKey: s3.secretKey,
            caFile: s3.caFile,
            accessLog: s3.accessLog,
        },
    };
    const descriptorFile = path.join(folder, "site.json");
    await mkdir(descriptor.ledgerFolder, { recursive: true });
    await mkdir(ontap.folder, { recursive: true });
    await writeFile(descriptorFile, JSON.stringify(descriptor, undefined, 4), { mode: 0o600 });
    await ports.release();
    const standIns = options.standIns.map((standIn) => specify(standIn, descriptor, descriptorFile));
    return {
        descriptor,
        controlPlane,
        start: (supervisor) => startSite({ supervisor, controlPlane, s3, standIns }),
    };
}

async function startSite(parts: {
    supervisor: Supervisor;
    controlPlane: ControlPlane;
    s3: S3Server;
    standIns: readonly ProcessSpecification[];
}): Promise<void> {
    const { supervisor, controlPlane, s3, standIns } = parts;
    const all = [...controlPlane.processes, ...s3.processes, ...standIns];
    const servers = all.filter(({ stage }) => stage < 3);
    const controllers = all.filter(({ stage }) => stage === 3);
    const actors = all.filter(({ stage }) => stage > 3);
    await supervisor.start(servers);
    // Definitions are there before those who watch for their objects.
    await Promise.all([supervisor.start(controllers), furnish(controlPlane.adminKubeconfig), s3.furnish()]);
    await Promise.all([supervisor.start(actors), whenServing(controlPlane.adminKubeconfig)]);
}

async function describeOntap(
    name: string,
    folder: string,
    logs: string,
    pki: string,
    [managementPort, dataPort]: [number, number],
): Promise<SiteDescriptor["ontap"]> {
    const clusterName = `cluster-${name}`;
    const certificate = await selfSigned(pki, "ontap", {
        commonName: clusterName,
        addresses: ["127.0.0.1"],
        names: [clusterName],
    });
    const account = (username: string) => ({ username, password: randomBytes(12).toString("base64url") });
    return {
        url: `https://127.0.0.1:${managementPort}`,
        ...certificate,
        caFile: certificate.certFile,
        clusterName,
        svm: `svm_${name}`,
        aggregate: "aggr1",
        interclusterAddress: await freeAddress(),
        dataUrl: `http://127.0.0.1:${dataPort}`,
        users: { admin: account("admin"), trident: account("trident"), product: account("product") },
        requestLog: path.join(logs, "ontap-requests.jsonl"),
        folder: path.join(folder, "ontap"),
    };
}

/** How a stand-in is started. */
function specify(name: StandIn, descriptor: SiteDescriptor, descriptorFile: string): ProcessSpecification {
    return {
        site: descriptor.name,
        name,
        // The array is there before whatever talks to it.
        stage: name === "ontap" ? 1 : 4,
        argv: [process.execPath, "--import", "tsx", programs[name], "--site", descriptorFile],
        // Where tsx finds itself and the project's compiler options.
        cwd: path.join(__dirname, ".."),
        log: path.join(descriptor.folder, "logs", `${name}.log`),
        ready: { kind: "line", pattern: "^ready$" },
        readySeconds: 180,
    };
}
