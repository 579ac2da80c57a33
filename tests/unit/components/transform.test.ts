import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { MirroredApplication } from "../../../components/mirroredApplication";
import { emptyRecord } from "../../../provider/roles/record";
import { declareEast, declareVaults } from "./east";
import { declare } from "./harness";
import { commonGuards, guardsOfKind } from "../../../components/transform/guards";
import { guardProblems, type Transform, transformed, transformedPlain } from "../../../components/transform/transform";

const schedule = () => ({
    apiVersion: "protect.trident.netapp.io/v1",
    kind: "Schedule",
    metadata: { name: "shop-daily", namespace: "shop", labels: { "trident-dr.pulumi.com/application": "shop" } },
    spec: { applicationRef: "shop", granularity: "Daily", snapshotRetention: "7", minute: "30", enabled: true },
});

/** A path of an object set to another value, whatever is there. */
function changed(object: object, path: string): object {
    const [key, ...rest] = path.split(".");
    const before = (object as Record<string, unknown>)[key!];
    const after = rest.length === 0 ? "other" : changed((before ?? {}) as object, rest.join("."));
    return { ...object, [key!]: after };
}

describe("a transform", () => {
    it("gets kind and name, and a copy: what it returns is declared in the place of it", () => {
        const seen: unknown[] = [];
        const declared = schedule();
        const transform: Transform = (kind, name, manifest) => {
            seen.push([kind, name]);
            (manifest["spec"] as Record<string, unknown>)["snapshotReclaimPolicy"] = "Retain";
            return { ...manifest, metadata: { ...(manifest["metadata"] as object), annotations: { team: "shop" } } };
        };
        assert.deepEqual(transformed(transform, "Schedule", declared), {
            ...schedule(),
            metadata: { ...schedule().metadata, annotations: { team: "shop" } },
            spec: { ...schedule().spec, snapshotReclaimPolicy: "Retain" },
        });
        assert.deepEqual(declared, schedule(), "what it was given is a copy");
        assert.deepEqual(seen, [["Schedule", "shop-daily"]]);
    });

    it("may change its copy and return nothing, and is left out where there is none", () => {
        const inPlace: Transform = (_kind, _name, manifest) => {
            Object.assign(manifest["spec"] as object, { dataMover: "Restic" });
        };
        const { spec } = transformed(inPlace, "Schedule", schedule());
        assert.equal((spec as Record<string, unknown>)["dataMover"], "Restic");
        const declared = schedule();
        assert.equal(transformed(undefined, "Schedule", declared), declared);
    });

    it("that changes what roles depend on is refused, with all that is wrong", () => {
        const greedy: Transform = (_kind, _name, manifest) => ({
            ...manifest,
            metadata: { name: "other", namespace: "shop", labels: { "trident-dr.pulumi.com/site": "west" } },
            spec: { ...(manifest["spec"] as object), enabled: false, minute: undefined },
        });
        assert.throws(() => transformed(greedy, "Schedule", schedule()), {
            name: "InvalidInput",
            message:
                "What transform makes of Schedule shop-daily is not valid (5 problems), and nothing was touched:\n" +
                '  metadata.name: expected "shop-daily" as it is declared, since it is found by its name; found "other"\n' +
                "  spec.enabled: expected true as it is declared, since a site that stands down changes it: use enabled of schedules; found false\n" +
                '  spec.minute: expected "30" as it is declared, since its times are arguments: use daily or schedules; found nothing\n' +
                '  metadata.labels.trident-dr.pulumi.com/application: expected "shop" as it is declared, since the object is known by it; found nothing\n' +
                '  metadata.labels.trident-dr.pulumi.com/site: expected nothing as it is declared, since the object is known by it; found "west"',
        });
        assert.throws(
            () => transformed(() => "no object" as never, "Schedule", schedule()),
            /transform: expected the object, or nothing; found "no object"/,
        );
    });

    for (const [kind, guards] of Object.entries(guardsOfKind)) {
        it(`cannot change what is guarded of each ${kind}`, () => {
            for (const { path, why } of [...commonGuards, ...guards]) {
                const problems = guardProblems(kind, {}, changed({}, path));
                assert.deepEqual(
                    problems.map(({ key, found }) => [key, found]),
                    [[path, '"other"']],
                    `${kind} ${path}`,
                );
                assert.ok(problems[0]!.expected.endsWith(why));
            }
        });
    }

    it("does not show what an output holds, and may not replace one that is guarded", () => {
        const secret = { metadata: { name: "s" }, stringData: { password: pulumi.secret("canary") } };
        assert.equal(
            transformed((_kind, _name, one) => one, "Secret", secret).stringData.password,
            secret.stringData.password,
        );
        assert.throws(
            () => transformed((_kind, _name, one) => ({ ...one, stringData: pulumi.secret({}) }), "Secret", secret),
            (error: Error) =>
                /stringData: expected .*; found an output/.test(error.message) && !error.message.includes("canary"),
        );
    });
});

describe("a transform of what a role keeps", () => {
    it("gives plain values alone", () => {
        const withOutput: Transform = (_kind, _name, manifest) => ({
            ...manifest,
            spec: { ...(manifest["spec"] as object), dataMover: [pulumi.secret("canary")] },
        });
        assert.throws(() => transformedPlain(withOutput, "Schedule", schedule()), {
            message:
                "What transform makes of Schedule shop-daily is not valid (1 problem), and nothing was touched:\n" +
                "  spec.dataMover.0: expected a plain value, since a takeover needs the object where no program runs; found an output",
        });
        const plain: Transform = (_kind, _name, manifest) => ({ ...manifest, metadata: { ...schedule().metadata } });
        assert.deepEqual(transformedPlain(plain, "Schedule", schedule()), schedule());
    });
});

describe("the components' transforms", () => {
    it("reach each object that the components declare", async () => {
        const transform: Transform = (_kind, name, manifest) => {
            const { labels, ...metadata } = manifest["metadata"] as { labels?: object };
            return { ...manifest, metadata: { ...metadata, labels: { ...labels, declared: name } } };
        };
        const { declared } = await declare(
            (options) => {
                const { pair, backend } = declareEast(options, { transform }, { transform });
                const vaults = declareVaults(pair, options, { transform });
                return new MirroredApplication(
                    "shop",
                    { pair, backend, vaults, namespaces: ["shop"], transform },
                    options,
                );
            },
            { outputs: (type) => (type.endsWith("MirrorRole") ? { record: emptyRecord("shop", "east", "west") } : {}) },
        );
        const objects = declared.filter(
            ({ type }) => type.startsWith("kubernetes:") || type.includes("CustomResource"),
        );
        const labelled = objects.flatMap(({ inputs }) => {
            const { name, labels } = (inputs.metadata ?? {}) as { name?: string; labels?: { declared?: string } };
            return name !== undefined && labels?.declared === name ? [name] : [];
        });
        assert.deepEqual(labelled.sort(), [
            "shop",
            "trident-dr",
            "trident-dr",
            "trident-dr",
            "trident-dr-ontap",
            "trident-dr-ontap-credentials",
            "vault-east",
            "vault-east-credentials",
            "vault-west",
            "vault-west-credentials",
        ]);
    });
});
