import assert from "node:assert/strict";
import { KubernetesError } from "../../../../../provider/clients/kubernetes/errors";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";
import type { Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/objects";
import { runActions } from "../../../../../provider/drivers/action";
import type { ApplicationState } from "../../../../../provider/drivers/applications/observe";
import {
    inForceAnnotation,
    type PodPolicyState,
    readPodPolicy,
} from "../../../../../provider/drivers/applications/podPolicy";
import {
    bindingManifest,
    claimsNamedIn,
    fingerprintOf,
    policyManifest,
} from "../../../../../provider/drivers/applications/podPolicySpec";
import type { QuotaState } from "../../../../../provider/drivers/applications/quota";
import { readMirror } from "../../../../../provider/drivers/applications/observe";
import { mirrorManifest } from "../../../../../provider/drivers/applications/manifests";
import { podPolicyName } from "../../../../../provider/roles/podPolicyName";
import type { LabelSelector } from "../../../../../provider/support/labelSelector";
import { running, settingsOfShop, viewOf } from "./view";

const labelSelector: LabelSelector = { matchLabels: { app: "shop" } };
const settings = { ...settingsOfShop(), labelSelector };
const policyName = "ValidatingAdmissionPolicy trident-dr-shop.shop";
const bindingName = "ValidatingAdmissionPolicyBinding trident-dr-shop.shop";
const forbid = { do: "forbid-pods" } as const;
const allow = { do: "allow-pods" } as const;
const written = "2026-11-22T03:00:00Z";

/** As the API server gives them, with what it fills in. */
function stored(claims: string[] = [], changes: { policy?: object; binding?: object } = {}): PodPolicyState {
    const metadata = {
        creationTimestamp: "2026-11-22T02:00:00Z",
        managedFields: [
            { manager: "pulumi-trident-dr", time: written },
            { manager: "kube-controller-manager", subresource: "status", time: "2026-11-22T09:00:00Z" },
        ],
    };
    const policy = policyManifest(settings, claims);
    const binding = bindingManifest(settings);
    const annotations = { [inForceAnnotation]: fingerprintOf(settings, claims) };
    const spec = policy.spec as { matchConstraints: object };
    return {
        policy: {
            ...policy,
            metadata: { ...policy.metadata, ...metadata },
            spec: { ...spec, matchConstraints: { ...spec.matchConstraints, objectSelector: {} }, ...changes.policy },
        },
        binding: {
            ...binding,
            metadata: { ...binding.metadata, ...metadata, annotations },
            spec: { ...(binding.spec as object), ...changes.binding },
        },
        claims: [],
    };
}

const viewIn = (state: Partial<ApplicationState>, cluster?: object) =>
    viewOf(state, { labelSelector, ...(cluster && { cluster }) });
const callsOf = (step: typeof forbid | typeof allow, state: Partial<ApplicationState>) =>
    viewIn(state)
        .actions(step)
        .map(({ call }) => call);

const confirming = [
    `wait for ${policyName} to be in force: a pod that is only tried is refused`,
    `patch ${bindingName}: it is in force`,
];

describe("the policy that keeps a selected application's pods from starting", () => {
    it("is made with its binding, and tried before anything relies on it", () => {
        assert.deepEqual(callsOf(forbid, { podPolicy: { claims: [] } }), [
            `apply ${policyName}: no pod that app=shop chooses, or that mounts a claim of shop, starts`,
            `apply ${bindingName}: it is enforced`,
            ...confirming,
        ]);
    });

    it("makes no call where it stands, and only what is missing after a run that was cut off", () => {
        assert.deepEqual(callsOf(forbid, { podPolicy: stored() }), []);
        const { binding, ...unbound } = stored();
        assert.deepEqual(callsOf(forbid, { podPolicy: unbound }), [
            `apply ${bindingName}: it is enforced`,
            ...confirming,
        ]);
        const untried = { ...binding!, metadata: { ...binding!.metadata, annotations: {} } };
        assert.deepEqual(callsOf(forbid, { podPolicy: { ...unbound, binding: untried } }), confirming);
    });

    for (const [what, change] of Object.entries({
        "another expression": { validations: [] },
        "no refusal of what cannot be evaluated": { failurePolicy: "Ignore" },
        "a condition": { matchConditions: [{ name: "never", expression: "false" }] },
        "a parameter": { paramKind: { apiVersion: "v1", kind: "ConfigMap" } },
        "fewer pods": {
            matchConstraints: {
                ...(policyManifest(settings, []).spec as { matchConstraints: object }).matchConstraints,
                objectSelector: { matchLabels: { some: "pods" } },
            },
        },
        "an exception": {
            matchConstraints: {
                ...(policyManifest(settings, []).spec as { matchConstraints: object }).matchConstraints,
                excludeResourceRules: [{ resourceNames: ["shop-0"] }],
            },
        },
    })) {
        it(`is put back where somebody gave it ${what}`, () => {
            const podPolicy = stored([], { policy: change });
            assert.deepEqual(viewIn({ podPolicy }).observed.barrier, { stands: false, by: policyName });
            assert.match(
                callsOf(forbid, { podPolicy })[0]!,
                /^patch ValidatingAdmissionPolicy trident-dr-shop\.shop: /,
            );
        });
    }

    for (const [what, change] of Object.entries({
        "only warns": { validationActions: ["Warn"] },
        "is for some objects only": { matchResources: { objectSelector: { matchLabels: { some: "pods" } } } },
        "is another policy's": { policyName: "other" },
    })) {
        it(`is put back where its binding ${what}`, () => {
            const podPolicy = stored([], { binding: change });
            assert.deepEqual(viewIn({ podPolicy }).observed.barrier, { stands: false, by: policyName });
            assert.deepEqual(callsOf(forbid, { podPolicy }), [`patch ${bindingName}: it is enforced`, ...confirming]);
        });
    }

    it("has stood since anybody wrote it last, its status apart, and since now where nobody noted that", () => {
        assert.deepEqual(viewIn({ podPolicy: stored() }).observed.barrier, {
            stands: true,
            since: written,
            by: policyName,
        });
        const podPolicy = stored();
        const { managedFields: _, ...metadata } = podPolicy.policy!.metadata;
        const before = new Date().toISOString();
        const { since } = viewIn({ podPolicy: { ...podPolicy, policy: { ...podPolicy.policy!, metadata } } }).observed
            .barrier!;
        assert.ok(since! >= before, since);
    });

    it("names every claim that somebody could write to, and need not name one more where a mirror leads into them", () => {
        const claims = ["shop/data-0", "shop/data-1"];
        const short = { ...stored(["shop/data-0"]), claims };
        const mirror = readMirror(mirrorManifest(settings, "uid"));
        const stands = (state: Partial<ApplicationState>) => viewIn(state).observed.barrier!.stands;
        assert.equal(stands({ podPolicy: { ...stored(claims), claims } }), true);
        assert.equal(stands({ podPolicy: { ...stored(claims), claims: ["shop/data-0"] } }), true);
        assert.equal(stands({ podPolicy: short }), false);
        assert.equal(stands({ podPolicy: short, mirror }), true);
        assert.equal(stands({ podPolicy: short, mirror: { ...mirror, desiredState: "Promoted" } }), false);
        const workloads = [running("Deployment shop/outsider", { belongs: false })];
        assert.equal(stands({ podPolicy: short, mirror, workloads }), false);
    });

    it("is removed, the binding first, where the site is to serve: ours, and no other's", () => {
        assert.deepEqual(callsOf(allow, { podPolicy: stored() }), [`delete ${bindingName}`, `delete ${policyName}`]);
        assert.deepEqual(callsOf(allow, { podPolicy: { claims: [] } }), []);
        assert.deepEqual(callsOf(allow, { podPolicy: undefined }), []);
        assert.deepEqual(callsOf(allow, { podPolicy: unlabelled(stored()) }), []);
    });

    it("of others under this name is not replaced", async () => {
        const state = { podPolicy: unlabelled(stored()) };
        assert.deepEqual(viewIn(state).observed.barrier, { stands: false, by: policyName });
        await assert.rejects(
            runActions(viewIn(state).actions(forbid), () => undefined, "east"),
            /^.*east: ValidatingAdmissionPolicy trident-dr-shop\.shop is in the way, and somebody else created it/,
        );
    });

    it("takes the place of quotas that were left, which keep pods of others from starting", () => {
        const left: QuotaState = {
            namespace: "shop",
            isOurs: true,
            asDeclared: true,
            inForce: true,
            createdAt: written,
        };
        const quotas = [left];
        assert.deepEqual(callsOf(forbid, { podPolicy: stored(), quotas }), [
            "delete ResourceQuota shop/trident-dr-shop",
        ]);
        assert.deepEqual(callsOf(allow, { podPolicy: stored(), quotas }), [
            "delete ResourceQuota shop/trident-dr-shop",
            `delete ${bindingName}`,
            `delete ${policyName}`,
        ]);
    });

    it("says so where no pod can have the labels that are selected", async () => {
        const impossible = { ...labelSelector, matchExpressions: [{ key: "app", operator: "DoesNotExist" as const }] };
        const cluster = { apply: () => Promise.resolve({}), list: () => Promise.resolve([]) };
        const actions = viewOf({ podPolicy: { claims: [] } }, { labelSelector: impossible, cluster }).actions(forbid);
        await assert.rejects(
            runActions(actions, () => undefined, "east"),
            /labelSelector of shop: expected requirements that a pod can meet, found !app,app=shop, which no object can meet, so that nothing of shop is mirrored\. Nothing was stopped\. .*under another name and with another selector/,
        );
    });

    it("has a name that no other application's has at the cluster", () => {
        assert.equal(podPolicyName("shop", "shop"), "trident-dr-shop.shop");
        assert.notEqual(podPolicyName("a-b", "c"), podPolicyName("a", "b-c"));
        assert.ok(podPolicyName("n".repeat(63), "a".repeat(63)).length <= 253);
    });
});

function unlabelled({ policy, binding, claims }: PodPolicyState): PodPolicyState {
    const without = (object: KubernetesObject) => ({ ...object, metadata: { ...object.metadata, labels: {} } });
    return { policy: without(policy!), binding: without(binding!), claims };
}

describe("what a policy is made of", () => {
    const specOf = (selector: LabelSelector, claims: string[] = []) =>
        policyManifest({ ...settings, labelSelector: selector }, claims).spec as {
            variables: { name: string; expression: string }[];
            validations: { expression: string; message: string }[];
        };
    const chosen = (selector: LabelSelector) => specOf(selector).validations[0]!.expression;

    it("chooses pods as Kubernetes does: what is not to have a value need not have the label", () => {
        const of = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values?: string[]) =>
            chosen({ matchExpressions: [{ key: "tier", operator, ...(values && { values }) }] });
        const has = '"tier" in variables.labels';
        assert.equal(of("In", ["b", "a"]), `!((${has} && variables.labels["tier"] in ["a","b"]))`);
        assert.equal(of("NotIn", ["a"]), `!(!(${has} && variables.labels["tier"] in ["a"]))`);
        assert.equal(of("Exists"), `!((${has}))`);
        assert.equal(of("DoesNotExist"), `!(!(${has}))`);
        assert.equal(
            chosen({ matchLabels: { app: "shop" }, matchExpressions: [{ key: "tier", operator: "Exists" }] }),
            `!(("app" in variables.labels && variables.labels["app"] in ["shop"]) && (${has}))`,
        );
    });

    it("has whatever is configured as a text, and as nothing else", () => {
        const strange = 'x"] || true || "\\';
        const expression = chosen({ matchLabels: { [strange]: strange } });
        assert.ok(expression.includes(`variables.labels[${JSON.stringify(strange)}] in [${JSON.stringify(strange)}]`));
        assert.deepEqual(specOf(labelSelector, [strange]).variables[1], {
            name: "claims",
            expression: JSON.stringify([strange]),
        });
    });

    it("is the same in whatever order it is configured, and another one with other content", () => {
        const [one, other] = [
            { a: "1", b: "2" },
            { b: "2", a: "1" },
        ].map((matchLabels) => ({ matchLabels }));
        assert.deepEqual(specOf(one!, ["x/1", "x/2"]), specOf(other!, ["x/2", "x/1"]));
        const prints = [
            fingerprintOf(settings, []),
            fingerprintOf(settings, ["shop/data"]),
            fingerprintOf({ ...settings, labelSelector: { matchLabels: { app: "till" } } }, []),
            fingerprintOf({ ...settings, namespaces: ["shop"] }, []),
        ];
        assert.equal(new Set(prints).size, prints.length);
        assert.match(specOf(labelSelector).validations[0]!.message, new RegExp(`\\(trident-dr ${prints[0]!}\\)$`));
    });

    it("tells which claims it names, unless it was changed", () => {
        const { spec } = policyManifest(settings, ["shop/b", "shop/a"]);
        assert.deepEqual(claimsNamedIn(spec, settings), ["shop/a", "shop/b"]);
        const { variables } = spec as ReturnType<typeof specOf>;
        const claims = { name: "claims", expression: '["shop/a"] + []' };
        assert.equal(claimsNamedIn({ ...(spec as object), variables: [variables[0], claims] }, settings), undefined);
        assert.equal(claimsNamedIn(undefined, settings), undefined);
    });
});

describe("reading the policy", () => {
    const reading = (get: (kind: Kind, name: ObjectName) => Promise<KubernetesObject | undefined>) =>
        readPodPolicy({ get, list: () => Promise.resolve([]) }, settings);
    const failing = (kind: KubernetesError["kind"]) => () =>
        Promise.reject(new KubernetesError("no", kind, "east", "get"));

    it("finds both by their name, in no namespace", async () => {
        const { policy, binding } = stored();
        const asked: ObjectName[] = [];
        const found = await reading((kind, name) => {
            asked.push(name);
            return Promise.resolve(
                kind === kinds.podPolicy ? policy : kind === kinds.podPolicyBinding ? binding : undefined,
            );
        });
        assert.deepEqual(found, { policy, binding, claims: [] });
        assert.deepEqual(asked, [{ name: "trident-dr-shop.shop" }, { name: "trident-dr-shop.shop" }]);
    });

    it("is not tried for an application without a selector", () => {
        const { barrier } = viewOf({ podPolicy: stored() }).observed;
        assert.deepEqual(barrier, { stands: false });
    });

    it("is unknown to a user who may not, finds none at a cluster without the kind, and fails with anything else", async () => {
        assert.equal(await reading(failing("forbidden")), undefined);
        assert.deepEqual(await reading(failing("kind-missing")), { claims: [] });
        await assert.rejects(reading(failing("unreachable")), KubernetesError);
    });
});
