import { OntapClient } from "../../../../provider/clients/ontap";
import { Lookup } from "../../../../provider/clients/buckets/lookup";
import { Cluster } from "../../../../provider/clients/kubernetes/cluster";
import { Secrets } from "../../../../provider/support/secrets";
import { span, startTrace, traceLoading } from "../../../../provider/support/trace";
import { traced } from "../../../../provider/handlers/traced";

/** What must be in no trace. */
const { CANARY = "", KUBECONFIG_FILE = "" } = process.env;

/** Where nothing answers. */
const nowhere = "https://127.0.0.1:9";

/** One call of a handler, with a request of each kind, as the environment wants it traced. */
async function main(): Promise<void> {
    startTrace(process.env, (line) => console.error(line));
    traceLoading();
    const cluster = Cluster.connect("east", { kubeconfig: KUBECONFIG_FILE });
    const array = new OntapClient({
        site: "east",
        endpoint: { url: nowhere, verification: "none" },
        credentials: { username: "admin", password: CANARY },
        timeouts: { patience: 1_000 },
    });
    const bucket = new Lookup("east-vault", 1_000, new Secrets([CANARY]), () => ({
        status: 403,
        word: "AccessDenied",
    }));
    const handler = traced("MirrorRole", {
        check: (_olds: unknown, _news: unknown) =>
            span("inspect", "inspection", {}, async () => {
                await Promise.all([
                    cluster
                        .ask("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {}, 500)
                        .catch(() => undefined),
                    array.cluster().catch(() => undefined),
                    bucket
                        .ask("GET claims/epoch-1.json", () => Promise.reject(new Error(CANARY)))
                        .catch(() => undefined),
                ]);
            }),
    });
    await handler.check(undefined, { application: "shop", site: "east", password: CANARY });
    const sdk = Object.keys(require.cache).filter((file) => /opentelemetry[\\/](?!api)/.test(file));
    console.log(JSON.stringify({ sdk: sdk.length }));
    process.exit(0);
}

void main();
