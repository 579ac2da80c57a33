import { openS3 } from "../../../../provider/clients/buckets/s3";
import { Cluster } from "../../../../provider/clients/kubernetes/cluster";
import { kinds } from "../../../../provider/clients/kubernetes/kinds";
import { OntapClient } from "../../../../provider/clients/ontap";
import { span, startTrace } from "../../../../provider/support/trace";

/** Where each server is, and what its certificate's authority is. */
export interface Servers {
    kubeconfig: string;
    array: { url: string; certificate: string };
    bucket: { endpoint: string; rootCA: string };
}

/** Many requests at once to an API server, an array and a bucket, as the environment wants it traced. */
async function main(servers: Servers, secret: string): Promise<void> {
    startTrace(process.env, (line) => console.error(line));
    const cluster = Cluster.connect("east", { kubeconfig: servers.kubeconfig });
    const array = new OntapClient({
        site: "east",
        endpoint: servers.array,
        credentials: { username: "admin", password: secret },
    });
    const credentials = { accessKeyId: "key", secretAccessKey: secret };
    const access = { ...servers.bucket, secure: true, bucket: "archives", verify: true, credentials };
    await span("check", "handler", {}, () =>
        Promise.all(
            Array.from({ length: 20 }, async (_, index) => {
                await cluster.get(kinds.application, { namespace: "shop", name: `app${index}` });
                await array.svmPeers.all();
                await openS3("vault-east", access, 60_000).get(`trident-dr/app${index}/epoch-1.json`);
            }),
        ),
    );
    process.exit(0);
}

void main(JSON.parse(process.env["SERVERS"]!) as Servers, process.env["SECRET"]!);
