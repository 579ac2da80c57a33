import assert from "node:assert/strict";
import { selfSigned } from "../../../../lab/ontap";
import { Ontap } from "../../../../lab/trident/ontap";
import { clusterAnswer, ScriptedCluster } from "../../provider/clients/ontap/fixture";

describe("Trident's stand-in: the array's certificate", () => {
    let cluster: ScriptedCluster | undefined;

    afterEach(() => cluster?.stop());

    const read = async (array: ScriptedCluster) => {
        array.answer = () => ({ json: clusterAnswer });
        const managementLif = array.url.replace("https://", "");
        return new Ontap({ managementLif, username: "u", password: "p", ca: array.certificate, speed: 1 }).cluster();
    };

    it("is refused where it names no address, although it is the very one that is trusted", async () => {
        cluster = await ScriptedCluster.start();
        await assert.rejects(read(cluster));
        assert.equal(cluster.seen.length, 0);
    });

    it("is accepted where it names the address", async () => {
        cluster = await ScriptedCluster.start((folder) =>
            selfSigned(folder, "ontap", { commonName: "cluster", addresses: ["127.0.0.1"] }),
        );
        assert.equal((await read(cluster)).name, "cluster-east");
    });
});
