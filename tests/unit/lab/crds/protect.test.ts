import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

interface CustomResourceDefinition {
    metadata: { name: string };
    spec: {
        group: string;
        scope: string;
        names: { kind: string; plural: string; shortNames?: string[] };
        versions: {
            name: string;
            served: boolean;
            storage: boolean;
            subresources: Record<string, unknown>;
            additionalPrinterColumns: { name: string; jsonPath: string }[];
            schema: { openAPIV3Schema: { properties: Record<string, unknown> } };
        }[];
    };
}

/** What is known of one kind (docs/facts/trident-protect.md#kinds). */
interface Facts {
    plural: string;
    shortNames: string[];
    scope: string;
    columns: Record<string, string>[];
    subresources: string[];
    spec: unknown;
    status: unknown;
}

const project = resolve(__dirname, "../../../..");
const folder = join(project, "lab/crds");
const referenceFile = resolve(project, "../shared/reference/trident-protect-schemas.json");
const reference = existsSync(referenceFile)
    ? (JSON.parse(readFileSync(referenceFile, "utf8")) as Record<string, Facts>)
    : undefined;
const digests = JSON.parse(readFileSync(join(__dirname, "facts.json"), "utf8")) as Record<string, string>;

/**
 * A schema without what has no effect: descriptions, and the order of keys, of required fields and of values.
 * `names` says that the keys are names of fields, so that a field called "description" or "required" stays.
 */
function canonical(schema: unknown, names = false): unknown {
    if (Array.isArray(schema)) {
        return schema.map((item) => canonical(item));
    }
    if (typeof schema !== "object" || schema === null) {
        return schema;
    }
    const entries = Object.entries(schema)
        .filter(([key]) => names || key !== "description")
        .map(([key, value]): [string, unknown] => {
            const unordered = !names && (key === "required" || key === "enum") && Array.isArray(value);
            return [key, unordered ? [...value].sort() : canonical(value, !names && key === "properties")];
        });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function factsOf(definition: CustomResourceDefinition): Facts {
    const version = definition.spec.versions[0];
    assert.ok(version, `${definition.metadata.name} has no version`);
    return {
        plural: definition.spec.names.plural,
        shortNames: definition.spec.names.shortNames ?? [],
        scope: definition.spec.scope,
        columns: version.additionalPrinterColumns.map((column) => ({ [column.name]: column.jsonPath })),
        subresources: Object.keys(version.subresources),
        spec: canonical(version.schema.openAPIV3Schema.properties.spec),
        status: canonical(version.schema.openAPIV3Schema.properties.status),
    };
}

function digest(facts: Facts): string {
    const ordered = canonical({ ...facts, spec: canonical(facts.spec), status: canonical(facts.status) }, true);
    return createHash("sha256").update(JSON.stringify(ordered)).digest("hex");
}

const definitions = readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => ({ file, definition: parse(readFileSync(join(folder, file), "utf8")) as CustomResourceDefinition }))
    .filter(({ definition }) => definition.spec.group === "protect.trident.netapp.io");

describe("resource definitions of protect.trident.netapp.io", () => {
    it("are there for every kind that has a digest, and for no other", () => {
        assert.deepEqual(
            definitions.map(({ definition }) => definition.spec.names.kind).sort(),
            Object.keys(digests).sort(),
        );
    });

    for (const { file, definition } of definitions) {
        const { kind, plural } = definition.spec.names;

        it(`${kind}: one served and stored version v1, in a file of its plural's name`, () => {
            assert.equal(file, `${plural}.yaml`);
            assert.equal(definition.metadata.name, `${plural}.protect.trident.netapp.io`);
            assert.deepEqual(
                definition.spec.versions.map(({ name, served, storage }) => ({ name, served, storage })),
                [{ name: "v1", served: true, storage: true }],
            );
        });

        if (reference) {
            it(`${kind}: every field, type, value, default and rule of the reference`, () => {
                const expected = reference[kind];
                assert.ok(expected, `the reference knows no kind ${kind}`);
                assert.deepEqual(factsOf(definition), {
                    ...expected,
                    spec: canonical(expected.spec),
                    status: canonical(expected.status),
                });
            });

            it(`${kind}: the committed digest is that of the reference`, () => {
                assert.equal(digests[kind], digest(reference[kind]!));
            });
        } else {
            it(`${kind}: the digest of its facts (the reference is absent here, so no field is named)`, () => {
                assert.equal(digest(factsOf(definition)), digests[kind]);
            });
        }
    }
});
