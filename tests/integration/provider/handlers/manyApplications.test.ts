import assert from "node:assert/strict";
import { Outcomes } from "../../../../provider/engine/outcomes";
import { MirrorRoleHandler } from "../../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import { goodInputs } from "../../../unit/provider/engine/goodInputs";
import { type CountingServer, countingServer } from "../clients/countingServer";

/** A site's API server and array in one, which have nothing: what is asked of them is what counts. */
describe("the plans of many applications in one run", () => {
    let server: CountingServer;
    /** Whether the account may list in all namespaces. */
    let mayListAll: boolean;

    before(async () => {
        server = await countingServer((method, target) => answerTo(method, target, mayListAll));
    });
    after(() => server.close());

    /** What the plans of so many applications ask, by what is asked. */
    async function requestsFor(count: number): Promise<Map<string, number>> {
        server.reset();
        const { url, kubeconfig, certificate } = server;
        const environment = { TRIDENT_DR_ONTAP_USERNAME: "u", TRIDENT_DR_ONTAP_PASSWORD: "p" };
        const handler = new MirrorRoleHandler(
            new ProviderProcess({ environment, log: () => undefined }),
            new Outcomes(),
        );
        for (let index = 0; index < count; index++) {
            const name = `app${index}`;
            const news = {
                ...goodInputs(),
                application: name,
                namespaces: [name],
                recordNamespace: "trident-dr",
                cluster: { kubeconfig },
                ontap: { endpoint: { url, caCertificate: certificate }, svm: "svm_east" },
            };
            const { failures } = await handler.check({ application: name }, news);
            assert.deepEqual(failures, []);
            await handler.diff("id", { ...news }, news).catch(() => undefined);
        }
        const counted = new Map<string, number>();
        for (const what of server.asked.map(withoutNames)) {
            counted.set(what, (counted.get(what) ?? 0) + 1);
        }
        return counted;
    }
    const total = (counted: ReadonlyMap<string, number>) => [...counted.values()].reduce((sum, one) => sum + one, 0);

    it("take two requests for each application more, where the account may list in all namespaces", async () => {
        mayListAll = true;
        const [few, many] = [await requestsFor(10), await requestsFor(60)];
        const more = [...many].filter(([what, times]) => times !== few.get(what));
        assert.ok(total(many) - total(few) <= 2 * 50, more.map(([what, times]) => `${times} ${what}`).join("\n"));
    });

    it("are asked for one by one where the account may not", async () => {
        mayListAll = false;
        const counted = await requestsFor(10);
        assert.equal(counted.get("GET /api/v1/namespaces/*/pods"), 10);
        assert.equal(counted.get("GET /api/v1/pods"), undefined);
    });

    it("share their connections", async () => {
        mayListAll = true;
        await requestsFor(20);
        assert.ok(server.handshakes <= 22, `${server.handshakes} handshakes`);
    });
});

function answerTo(method: string, target: string, mayListAll: boolean): { status: number; body: unknown } {
    if (target.endsWith("/selfsubjectaccessreviews")) {
        return { status: 201, body: { status: { allowed: mayListAll } } };
    }
    if (method === "POST") {
        return { status: 201, body: { status: { resourceRules: [], incomplete: true } } };
    }
    const isOfArray = target.startsWith("/api/") && !target.startsWith("/api/v1/");
    const isObject = /\/(namespaces\/[^/]+\/[^/]+|persistentvolumes)\/[^/]+$/.test(target.split("?")[0]!);
    return isOfArray
        ? { status: 200, body: { records: [] } }
        : isObject
          ? { status: 404, body: { kind: "Status", reason: "NotFound", details: { name: "it" }, code: 404 } }
          : { status: 200, body: { metadata: {}, items: [] } };
}

function withoutNames(request: string): string {
    return request.split("?")[0]!.replace(/app\d+/g, "*");
}
