import { readFile, writeFile } from "node:fs/promises";
import { stringify } from "yaml";
import type { CertificateFiles } from "../ontap";

/** One way into a cluster. */
export interface Access {
    /** Name of the context. */
    context: string;
    cluster: string;
    user: string;
    /** https URL of the API server. */
    server: string;
    caFile: string;
    certificate: CertificateFiles;
}

/** Writes a kubeconfig that needs no other file; its first context is the current one. */
export async function writeKubeconfig(file: string, accesses: readonly Access[]): Promise<void> {
    const base64 = async (pem: string) => (await readFile(pem)).toString("base64");
    const entries = await Promise.all(
        accesses.map(async ({ context, cluster, user, server, caFile, certificate }) => ({
            context: { name: context, context: { cluster, user: `${cluster}/${user}` } },
            cluster: { name: cluster, cluster: { server, "certificate-authority-data": await base64(caFile) } },
            user: {
                name: `${cluster}/${user}`,
                user: {
                    "client-certificate-data": await base64(certificate.certFile),
                    "client-key-data": await base64(certificate.keyFile),
                },
            },
        })),
    );
    const clusters = new Map(entries.map(({ cluster }) => [cluster.name, cluster]));
    const kubeconfig = {
        apiVersion: "v1",
        kind: "Config",
        "current-context": accesses[0]?.context,
        contexts: entries.map(({ context }) => context),
        clusters: [...clusters.values()],
        users: entries.map(({ user }) => user),
    };
    await writeFile(file, stringify(kubeconfig), { mode: 0o600 });
}
