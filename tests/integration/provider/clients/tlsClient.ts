import { Cluster } from "../../../../provider/clients/kubernetes/cluster";
import { loadKubeConfig } from "../../../../provider/clients/kubernetes/kubeconfig";
import { kinds } from "../../../../provider/clients/kubernetes/kinds";
import { watchOnce } from "../../../../provider/clients/kubernetes/watch";
import { OntapClient } from "../../../../provider/clients/ontap";
import { openS3 } from "../../../../provider/clients/buckets/s3";

const [port, verification, kubeconfig] = process.argv.slice(2) as [string, "verify" | "none", string];
const name = { name: "watch", namespace: "shop" };

const calls: Record<string, () => Promise<unknown>> = {
    ontap: () =>
        new OntapClient({
            site: "east",
            endpoint: { url: `https://127.0.0.1:${port}`, verification },
            credentials: { username: "ontap", password: "canary-password" },
            timeouts: { patience: 5_000 },
        }).cluster(),
    s3: () =>
        openS3(
            "vault-east",
            {
                endpoint: `127.0.0.1:${port}`,
                secure: true,
                bucket: "bucket",
                rootCA: undefined,
                verify: verification === "verify",
                credentials: { accessKeyId: "key", secretAccessKey: "canary-secret" },
            },
            5_000,
        ).get("s3"),
    kubernetes: () => Cluster.connect("east", { kubeconfig }).get(kinds.configMap, { ...name, name: "kubernetes" }),
    watch: () =>
        watchOnce(
            {
                site: "east",
                config: loadKubeConfig("east", { kubeconfig }),
                kind: kinds.configMap,
                name,
                reached: () => false,
                read: () => Promise.resolve(undefined),
                signal: AbortSignal.timeout(5_000),
                redact: (text) => text,
            },
            undefined,
        ),
};

/** Makes one call of each client, one after the other, and prints what came of each. */
async function main(): Promise<void> {
    const outcomes: Record<string, string> = {};
    for (const [client, call] of Object.entries(calls)) {
        outcomes[client] = await call().then(
            () => "nothing was said",
            (error: unknown) => (error as Error).message,
        );
    }
    console.log(JSON.stringify(outcomes));
}

void main();
