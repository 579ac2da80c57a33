import assert from "node:assert/strict";
import { Rights } from "../../../../provider/engine/rights";
import type { Permission } from "../../../../provider/roles/permissions";

const pods: Permission = { namespace: "shop", group: "", resource: "pods", verbs: ["list"] };
const jobs: Permission = { namespace: "shop", group: "batch", resource: "jobs", verbs: ["list"] };
const record: Permission = {
    namespace: "trident-dr",
    group: "",
    resource: "configmaps",
    verbs: ["get"],
    names: ["record"],
};

type Answer = { resourceRules?: object[] | null; incomplete?: boolean; evaluationError?: string };

/** The rights that are read, and the namespaces that were asked about. */
async function read(answer: (namespace: string) => Answer | Error | object) {
    const asked: string[] = [];
    const cluster = {
        ask: (_path: string, body: unknown) => {
            const { namespace } = (body as { spec: { namespace: string } }).spec;
            asked.push(namespace);
            const given = answer(namespace);
            return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
        },
    };
    return { rights: await new Rights(cluster, [pods, jobs, record]).read(), asked };
}

const all = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
const status = (answer: Answer) => ({ status: { incomplete: false, resourceRules: [], ...answer } });

describe("reading the own rights at a cluster", () => {
    it("asks once for each namespace, and finds what is missing", async () => {
        const { rights, asked } = await read((namespace) =>
            status({
                resourceRules:
                    namespace === "shop" ? [{ verbs: ["list"], apiGroups: [""], resources: ["pods"] }] : [all],
            }),
        );
        assert.deepEqual(asked, ["shop", "trident-dr"]);
        assert.deepEqual(rights, { missing: [jobs] });
        assert.deepEqual((await read(() => status({ resourceRules: [all] }))).rights, { missing: [] });
        assert.deepEqual((await read(() => status({ resourceRules: null }))).rights, { missing: [pods, jobs, record] });
    });

    it("believes a cluster that does not tell all only where nothing is missing", async () => {
        const partly = {
            incomplete: true,
            evaluationError: "webhook authorizer does not support user rule resolution",
        };
        assert.deepEqual((await read(() => status(partly))).rights, {
            unknown: "the cluster does not tell all of them: webhook authorizer does not support user rule resolution",
        });
        assert.deepEqual((await read(() => status({ ...partly, resourceRules: [all] }))).rights, { missing: [] });
    });

    it("takes what cannot be read for unknown, and never fails", async () => {
        assert.deepEqual((await read(() => new Error("east: no answer in time"))).rights, {
            unknown: "east: no answer in time",
        });
        assert.ok("unknown" in (await read(() => ({ kind: "Status" }))).rights);
    });
});
