import { strict as assert } from "node:assert";
import Ajv from "ajv";
import { type JsonSchema, settingsForm, stackFileSchema } from "../../../components/settings/reference/jsonSchema";
import { secretKey } from "../../../components/settings/schema";
import { validate } from "../../../components/settings/validate";
import { canaries, configurationOf, goodValues } from "./configuration";

type Path = readonly (string | number)[];

/** A good configuration with one value spoilt, and what was done to it. */
interface Mistake {
    what: string;
    path: Path;
    values: object;
    /** Whether it is one that a schema can tell. */
    isOfForm: boolean;
}

/** Where the schema's objects are in a good configuration that has something of everything. */
function completeValues() {
    const values = goodValues();
    Object.assign(values.sites.east!, {
        storageClass: { name: "fast" },
        snapshotClass: { name: "fast" },
        tridentBackend: {
            autoExportPolicy: true,
            defaults: { encryption: true },
            storage: [{ zone: "a", defaults: { encryption: false } }],
            spec: { debugTraceFlags: { api: true } },
        },
        moreBackends: [{ name: "capacity", aggregate: "aggr2", defaults: { encryption: true } }],
        moreStorageClasses: [{ name: "cheap", backend: "capacity" }],
    });
    Object.assign(values.applications[0]!, {
        timeouts: { promote: "1h" },
        names: { mirror: "shop-mirror", schedule: "shop-often", daily: "shop-nightly" },
        daily: { hour: 1, minute: 30, keep: 7 },
        schedules: [
            {
                name: "shop-monthly",
                granularity: "Monthly",
                minute: 0,
                hour: 3,
                dayOfMonth: -1,
                snapshotRetention: 3,
                backupRetention: 12,
                snapshotReclaimPolicy: "Retain",
                dataMover: "Kopia",
                vault: "west",
                enabled: true,
            },
        ],
        hooks: [
            {
                name: "shop-warm-up",
                action: "Failover",
                stage: "Post",
                source: "#!/bin/sh\ntrue\n",
                arguments: ["now"],
                matchingCriteria: [{ type: "containerName", value: "shop" }],
            },
            { recipe: "mysql", user: "backup", matchingCriteria: [{ type: "containerName", value: "db" }] },
        ],
        labelSelector: {
            matchLabels: { app: "shop" },
            matchExpressions: [{ key: "tier", operator: "In", values: ["front"] }],
        },
        includedClusterScopedResources: [
            {
                groupVersionKind: { group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole" },
                labelSelector: {
                    matchLabels: { app: "shop" },
                    matchExpressions: [{ key: "tier", operator: "In", values: ["front"] }],
                },
            },
        ],
        transformations: [
            {
                resource: { group: "networking.k8s.io", version: "v1", kind: "Ingress", name: "shop" },
                operations: [
                    { op: "copy", path: "/metadata/labels/from", from: "/metadata/labels/site" },
                    { op: "replace", path: "/spec/rules/0/host", value: "shop.west.example" },
                ],
            },
        ],
        snapshotTimeouts: { completion: "90m", volumeSnapshotsCreated: "10m", volumeSnapshotsReadyToUse: "45m" },
        snapshotReclaimPolicy: "Retain",
        resourceFilter: { resourceSelectionCriteria: "Include", resourceMatchers: [{ kind: "Deployment" }] },
    });
    return {
        ...values,
        volumes: [{ name: "archive", volumes: ["archive01"], timeouts: { promote: "1h" } }],
    };
}

/** Vaults of the types that the others' keys are not of. */
const vaults = [
    { type: "AWS", bucket: "dr-east", region: "eu-central-1", create: { oldVersionDays: 30 } },
    { type: "Azure", bucket: "dr-east", accountName: "shopdr" },
    { type: "GCP", bucket: "dr-east", projectID: "shop-dr" },
    { type: undefined, existing: "east-archive", credentialsSecret: "east-key" },
] as const;

const credentialsOf = {
    AWS: undefined,
    existing: undefined,
    Azure: { accountKey: canaries.eastKey },
    GCP: { credentials: canaries.eastKey },
};

function withVault(vault: (typeof vaults)[number]): object {
    const values = completeValues();
    values.sites.east!.vault = JSON.parse(JSON.stringify(vault)) as Record<string, unknown>;
    const { west } = values.vaultCredentials;
    const east = credentialsOf[vault.type ?? "existing"];
    return { ...values, vaultCredentials: { west, ...(east === undefined ? {} : { east }) } };
}

function formOfVault(): JsonSchema {
    const { additionalProperties } = settingsForm().properties!["sites"]!;
    return (additionalProperties as JsonSchema).properties!["vault"]!;
}

describe("the configuration's schema", () => {
    // "x-default" and "x-secret" are ours.
    const accepts = new Ajv({ strict: false }).compile(settingsForm());

    it("accepts what validation accepts", () => {
        for (const values of [goodValues(), completeValues(), ...vaults.map(withVault)]) {
            assert.deepEqual(validate(configurationOf(values)).problems, []);
            assert.ok(accepts(values), JSON.stringify(accepts.errors));
        }
    });

    const mistakes = [
        ...mistakesIn(settingsForm(), [], completeValues()),
        ...vaults.flatMap((vault) =>
            mistakesIn(formOfVault(), ["sites", "east", "vault"], withVault(vault))
                // Without it, it is a vault without a type.
                .filter(({ what, path }) => what !== "nothing" || path.at(-1) !== "existing")
                .map((mistake) => ({ ...mistake, what: `${mistake.what}, ${vault.type ?? "existing"},` })),
        ),
    ];

    it("yields at least two hundred wrong configurations", () => {
        assert.ok(mistakes.length >= 200, `${mistakes.length}`);
        assert.ok(mistakes.every(({ values }) => JSON.stringify(values) !== JSON.stringify(completeValues())));
    });

    for (const { what, path, values, isOfForm } of mistakes) {
        it(`refuses ${what} at ${keyOf(path)}`, () => {
            const { problems } = validate(configurationOf(values));
            const about = problems.find(({ key }) => key.startsWith(`trident-dr:${keyOf(path)}`));
            assert.ok(about !== undefined, `expected a problem with it, found ${JSON.stringify(problems)}`);
            assert.ok(about.expected !== "" && about.found !== "");
            for (const text of Object.values(canaries)) {
                assert.ok(!JSON.stringify(problems).includes(text), "a secret is shown");
            }
            assert.equal(isOfForm && accepts(values), false, "an editor would not mark it");
        });
    }
});

describe("the schema of a stack's file", () => {
    const accepts = new Ajv({ strict: false }).compile(stackFileSchema());
    const inFile = (values: object, project = "shop-dr") => ({
        config: Object.fromEntries(
            Object.entries(values).map(([key, value]) => [`${project}:${key}`, value as unknown]),
        ),
    });

    it("accepts a good one of whatever project, with other packages' keys beside it", () => {
        for (const project of ["trident-dr", "shop-dr"]) {
            const file = inFile(completeValues(), project);
            Object.assign(file.config, { "aws:region": "eu-central-1" });
            assert.ok(accepts({ ...file, encryptionsalt: "v1:…" }), JSON.stringify(accepts.errors));
        }
    });

    it("accepts what `pulumi config set` makes of numbers, truths and secrets", () => {
        const secure = { secure: "v1:abc:def" };
        const written = {
            ...goodValues(),
            takeover: "2",
            acceptUnauthenticated: "true",
            ontapPassword: secure,
            vaultCredentials: { east: { accessKeyID: secure } },
        };
        assert.ok(accepts(inFile(written)), JSON.stringify(accepts.errors));
    });

    it("refuses a mistyped value", () => {
        assert.equal(accepts(inFile({ ...goodValues(), applications: [{ name: "Shop!" }] })), false);
    });
});

/** One of each kind of mistake, at each key of a schema. */
function mistakesIn(schema: JsonSchema, path: Path, values: object): Mistake[] {
    const form = formAt(schema, valueAt(values, path));
    const isSecret = form[secretKey] === true;
    const mistake = (what: string, at: Path, value: unknown): Mistake => ({
        what,
        path: at,
        values: spoilt(values, at, value),
        isOfForm: !isSecret,
    });
    const own = path.length === 0 ? [] : wrongValues(form).map(([what, value]) => mistake(what, path, value));
    const inside = Object.entries(form.properties ?? {}).flatMap(([key, inner]) =>
        mistakesIn(inner, [...path, key], values),
    );
    return [
        ...own,
        ...(form.additionalProperties === false ? [mistake("an unknown key", [...path, "nosuchkey"], "x")] : []),
        ...(form.required ?? []).map((key) => mistake("nothing", [...path, key], undefined)),
        ...inside,
        ...(form.items === undefined ? [] : mistakesIn(form.items, [...path, 0], values)),
        ...(typeof form.additionalProperties === "object" && path.length === 1
            ? mistakesIn(form.additionalProperties, [...path, "east"], values)
            : []),
    ];
}

/** Of several forms, the one that the value has. */
function formAt(schema: JsonSchema, value: unknown): JsonSchema {
    const { type } = (value ?? {}) as { type?: unknown };
    return schema.oneOf?.find(({ properties }) => properties?.["type"]?.["const"] === type) ?? schema;
}

function wrongValues({
    type,
    enum: choices,
    minimum,
    maximum,
    pattern,
    minLength,
    minItems,
    anyOf,
    const: only,
}: JsonSchema) {
    const wrong: [what: string, value: unknown][] = [];
    if (type !== undefined || anyOf !== undefined) {
        wrong.push(["a value of another type", type === "string" ? 42 : type === undefined ? 42 : "x"]);
        wrong.push(["a list in its place", type === "array" ? { a: 1 } : [[1]]]);
    }
    if (choices !== undefined || only !== undefined) {
        wrong.push(["a value that is none of those", "nosuchvalue"]);
    }
    if (typeof minimum === "number") {
        wrong.push(["less than the least", minimum - 1]);
        wrong.push(["a fraction", minimum + 0.5]);
    }
    if (typeof maximum === "number") {
        wrong.push(["more than the most", maximum + 1]);
    }
    if (typeof pattern === "string") {
        wrong.push(["a text of another form", "no such form!@"]);
    }
    if (minLength === 1) {
        wrong.push(["an empty text", ""]);
    }
    if (minItems === 1) {
        wrong.push(["an empty list", []]);
    }
    return wrong;
}

function spoilt(values: object, path: Path, value: unknown): object {
    const copy = structuredClone(values);
    const last = path.at(-1)!;
    const parent = path.slice(0, -1).reduce<Record<string | number, unknown>>(
        (at, key, index) => {
            at[key] ??= typeof path[index + 1] === "number" ? [] : {};
            return at[key] as Record<string | number, unknown>;
        },
        copy as Record<string | number, unknown>,
    );
    if (value === undefined) {
        delete parent[last];
    } else {
        parent[last] = value;
    }
    return copy;
}

function valueAt(values: unknown, path: Path): unknown {
    return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], values);
}

/** `sites.east.vault`, `applications[0].name`. */
function keyOf(path: Path): string {
    return path
        .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`))
        .join("");
}
