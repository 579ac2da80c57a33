import assert from "node:assert/strict";
import { KubernetesError } from "../../../../../provider/clients/kubernetes/errors";
import { labelsChosenBy, probe, probePod } from "../../../../../provider/drivers/applications/podProbe";
import { type LabelSelector, labelSelectorMatches } from "../../../../../provider/support/labelSelector";

describe("the labels of a pod that a selector chooses", () => {
    const chosen: [LabelSelector, Record<string, string>][] = [
        [{ matchLabels: { app: "shop", tier: "" } }, { app: "shop", tier: "" }],
        [{ matchExpressions: [{ key: "app", operator: "In", values: ["shop", "till"] }] }, { app: "shop" }],
        [
            {
                matchLabels: { app: "till" },
                matchExpressions: [{ key: "app", operator: "In", values: ["shop", "till"] }],
            },
            { app: "till" },
        ],
        [
            {
                matchExpressions: [
                    { key: "app", operator: "In", values: ["shop", "till"] },
                    { key: "app", operator: "NotIn", values: ["shop"] },
                    { key: "app", operator: "Exists" },
                ],
            },
            { app: "till" },
        ],
        [
            {
                matchExpressions: [
                    { key: "app", operator: "Exists" },
                    { key: "app", operator: "NotIn", values: ["probe-0", "probe-1"] },
                ],
            },
            { app: "probe-2" },
        ],
        [
            {
                matchExpressions: [
                    { key: "app", operator: "NotIn", values: ["books"] },
                    { key: "legacy", operator: "DoesNotExist" },
                ],
            },
            {},
        ],
        [{}, {}],
    ];
    for (const [selector, labels] of chosen) {
        it(`are chosen: ${JSON.stringify(selector)}`, () => {
            assert.deepEqual(labelsChosenBy(selector), labels);
            assert.equal(labelSelectorMatches(selector, labels), true);
        });
    }

    const impossible: LabelSelector[] = [
        { matchLabels: { app: "shop" }, matchExpressions: [{ key: "app", operator: "In", values: ["till"] }] },
        { matchLabels: { app: "shop" }, matchExpressions: [{ key: "app", operator: "NotIn", values: ["shop"] }] },
        { matchLabels: { app: "shop" }, matchExpressions: [{ key: "app", operator: "DoesNotExist" }] },
        {
            matchExpressions: [
                { key: "app", operator: "Exists" },
                { key: "app", operator: "DoesNotExist" },
            ],
        },
    ];
    for (const selector of impossible) {
        it(`are none: ${JSON.stringify(selector)}`, () => assert.equal(labelsChosenBy(selector), undefined));
    }
});

describe("a pod that is only tried", () => {
    const pod = probePod("shop", { app: "shop" });
    const policy = { name: "trident-dr-shop.shop", fingerprint: "3f9a1c2e" };
    const by = (name: string, fingerprint: string) =>
        `east: create Pod shop/trident-dr-probe was refused by the admission of its cluster: pods "trident-dr-probe" is forbidden: ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: no (trident-dr ${fingerprint})`;
    const answered = (kind: KubernetesError["kind"], message: string, passing?: KubernetesError["passing"]) =>
        probe(
            { create: () => Promise.reject(new KubernetesError(message, kind, "east", "create", passing)) },
            pod,
            policy,
        );

    it("is not kept", async () => {
        const asked: unknown[] = [];
        const create = (_: unknown, options?: object) => {
            asked.push(options);
            return Promise.resolve(pod);
        };
        assert.deepEqual(await probe({ create }, pod, policy), { instead: "it would be created" });
        assert.deepEqual(asked, [{ dryRun: true }]);
    });

    it("is refused by this very policy as it is now, and by no other one or earlier state of it", async () => {
        assert.deepEqual(await answered("rejected", by(policy.name, policy.fingerprint)), { found: "refused" });
        const others = [
            by("trident-dr-shop.shop2", policy.fingerprint),
            by(policy.name, "00000000"),
            'pods "trident-dr-probe" is forbidden: violates PodSecurity "restricted:latest"',
            'admission webhook "pods.example.com" denied the request: no',
        ];
        for (const message of others) {
            assert.deepEqual(await answered("rejected", message), { instead: message });
        }
    });

    it("is tried again while the API server is away, and fails where the right is missing", async () => {
        const passing = { answered: false, notDone: true };
        assert.deepEqual(await answered("unreachable", "no answer", passing), { instead: "no answer" });
        await assert.rejects(answered("forbidden", 'User "x" cannot create resource "pods"'), /cannot create/);
        await assert.rejects(answered("unauthorized", "refuses the credentials"), /credentials/);
    });

    it("meets the strictest Pod Security Standard, and quotas that ask for requests and limits", () => {
        const spec = pod.spec as {
            securityContext: unknown;
            containers: { securityContext: unknown; resources: { requests: object; limits: object } }[];
        };
        assert.deepEqual(spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
        assert.deepEqual(spec.containers[0]!.securityContext, {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
        });
        assert.deepEqual(Object.keys(spec.containers[0]!.resources.requests), ["cpu", "memory"]);
        assert.deepEqual(Object.keys(spec.containers[0]!.resources.limits), ["cpu", "memory"]);
    });
});
