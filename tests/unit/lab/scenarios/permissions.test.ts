import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import type { Permission } from "../../../../provider/roles/permissions";
import { productUser } from "../../../../lab/kubernetes/controlPlane";
import { comparePermissions, permissionReport, requestsIn } from "../../../../lab/scenarios/permissions";
import { faultsOf } from "../../../../lab/scenarios/report";

const permissions: Permission[] = [
    { namespace: "trident", group: "", resource: "secrets", verbs: ["get", "patch", "create"], names: ["ours"] },
    { namespace: "shop", group: "apps", resource: "deployments", verbs: ["list"] },
    { group: "", resource: "namespaces", verbs: ["get"], names: ["shop"] },
];

const event = (
    verb: string,
    objectRef: object | undefined,
    code = 200,
    stage = "ResponseComplete",
    username = productUser,
) => JSON.stringify({ stage, verb, user: { username }, requestURI: "/", objectRef, responseStatus: { code } });
const secret = { resource: "secrets", namespace: "trident", name: "ours", apiVersion: "v1" };

const compare = (...events: string[]) => comparePermissions([{ permissions, requests: requestsIn(events) }]);

describe("generated permissions against an audit log", () => {
    it("tell what is used and not generated, and what is generated and not used", () => {
        assert.deepEqual(
            compare(
                event("get", secret),
                event("patch", secret, 201),
                event("list", { resource: "deployments", apiGroup: "apps", namespace: "shop" }),
                event("get", { resource: "namespaces", namespace: "shop", name: "shop" }),
            ),
            {
                used: [
                    "create secrets in trident, by name",
                    "get namespaces, by name",
                    "get secrets in trident, by name",
                    "list deployments.apps in shop",
                    "patch secrets in trident, by name",
                ],
                unused: [],
                missing: [],
            },
        );
        assert.deepEqual(compare(event("patch", secret), event("delete", secret)), {
            used: ["patch secrets in trident, by name"],
            unused: [
                "create secrets in trident, by name",
                "get namespaces, by name",
                "get secrets in trident, by name",
                "list deployments.apps in shop",
            ],
            missing: ["delete secrets in trident (ours)"],
        });
    });

    it("do not count what every user may do: ask for its own rights", () => {
        const review = { resource: "selfsubjectrulesreviews", apiGroup: "authorization.k8s.io" };
        assert.deepEqual(requestsIn([event("create", review, 201)]), []);
    });

    it("do not count what others asked", () => {
        const status = { resource: "appmirrorrelationships", subresource: "status", namespace: "shop", name: "shop" };
        assert.deepEqual(requestsIn([event("patch", status, 200, "ResponseComplete", "admin")]), []);
    });

    it("take a name, a namespace, a group and a subresource for what they are", () => {
        const { missing } = compare(
            event("get", { ...secret, name: "theirs" }),
            event("get", { ...secret, namespace: "shop" }),
            event("list", { resource: "deployments", namespace: "shop" }),
            event("get", { resource: "namespaces", namespace: "bank", name: "bank" }),
            event("patch", { ...secret, subresource: "status" }),
        );
        assert.deepEqual(missing, [
            "get namespaces (bank)",
            "get secrets in shop (ours)",
            "get secrets in trident (theirs)",
            "list deployments in shop",
            "patch secrets/status in trident (ours)",
        ]);
    });

    it("do not cover a plain create by a name, or a list of what is restricted to names", () => {
        assert.deepEqual(compare(event("create", secret, 201), event("list", { ...secret, name: undefined })).missing, [
            "create secrets in trident",
            "list secrets in trident",
        ]);
    });

    it("count what was refused, and neither discovery nor an unfinished request", () => {
        assert.deepEqual(compare(event("delete", secret, 403)).missing, ["delete secrets in trident (ours)"]);
        assert.deepEqual(compare(event("get", undefined), event("delete", secret, 200, "ResponseStarted")).missing, []);
    });

    it("are used if one site uses them", () => {
        const requests = requestsIn([event("get", secret), event("patch", secret, 201)]);
        const lists = requestsIn([event("list", { resource: "deployments", apiGroup: "apps", namespace: "shop" })]);
        assert.deepEqual(
            comparePermissions([
                { permissions, requests },
                { permissions, requests: lists },
            ]).unused,
            ["get namespaces, by name"],
        );
    });

    it("keep a right to an object apart from the same one to all of them", () => {
        const classes = { group: "", resource: "classes", verbs: ["get"] } as const;
        const asked = requestsIn([event("get", { resource: "classes", name: "ours" })]);
        const both: Permission[] = [{ ...classes, names: ["ours"] }, classes];
        const { used, unused } = comparePermissions([{ permissions: both, requests: asked }]);
        assert.deepEqual({ used, unused }, { used: ["get classes, by name"], unused: ["get classes"] });
    });

    it("are read from the files of a lab's stacks", async () => {
        const folder = await mkdtemp(path.join(tmpdir(), "permissions-"));
        try {
            const sites = { east: { vault: { type: "GenericS3" } }, west: { vault: { type: "GenericS3" } } };
            const stackFile = path.join(folder, "Pulumi.east.yaml");
            const auditLog = path.join(folder, "audit.jsonl");
            const config = {
                "trident-dr:site": "east",
                "trident-dr:takeover": "2",
                "trident-dr:sites": sites,
                "trident-dr:applications": [{ name: "shop", namespaces: ["shop"], every: "5 minutes" }],
                "trident-dr:vaultCredentials": { secure: "v1:…" },
            };
            await writeFile(stackFile, stringify({ config }));
            const services = { resource: "services", namespace: "shop" };
            const mirror = {
                resource: "appmirrorrelationships",
                apiGroup: "protect.trident.netapp.io",
                namespace: "shop",
            };
            await writeFile(auditLog, `${event("patch", { ...mirror, name: "shop" })}\n${event("list", services)}\n`);
            const { used, unused, missing } = permissionReport([{ stackFile, auditLog }]);
            assert.deepEqual(missing, ["list services in shop"]);
            const where = "appmirrorrelationships.protect.trident.netapp.io in an application's namespace";
            assert.ok(unused.includes(`delete ${where}`));
            assert.ok(unused.includes("create configmaps in the namespace of records, by name"));
            assert.deepEqual(used, [`patch ${where}`]);
        } finally {
            await rm(folder, { recursive: true, force: true });
        }
    });

    it("are a fault of a scenario where they do not suffice, and none where it does not use all", () => {
        const report = {
            scenario: "switch",
            laps: 1,
            stages: [],
            announcedLossSeconds: 0,
            actualLossSeconds: 0,
            lostWrites: 0,
            lostPlannedWrites: 0,
            lostUnannounced: 0,
            twoWriterSeconds: 0,
            previewCalls: [],
            executedCalls: ["patch Schedule shop/shop-daily"],
            unannounced: [],
            notMade: [],
            writesOfSecondUp: 0,
            residualChanges: 0,
            acknowledgedWrites: 1,
        };
        const rest = { used: [], unused: ["get namespaces"] };
        assert.deepEqual(faultsOf({ ...report, permissions: { ...rest, missing: [] } }), []);
        assert.deepEqual(faultsOf({ ...report, permissions: { ...rest, missing: ["list services in shop"] } }), [
            "the generated roles do not allow: list services in shop",
        ]);
    });
});
