import assert from "node:assert/strict";
import { crdFields, laterFields } from "../../../components/settings/reference/crdFields";
import { crdTableText, entryOf, fieldsOfKinds } from "../../../components/settings/reference/crdTable";
import { type JsonSchema, settingsForm } from "../../../components/settings/reference/jsonSchema";

const fields = fieldsOfKinds();

/** Each key of a schema with those below it, as they are written in documents. */
function keysOf(path: string, { properties = {}, items, additionalProperties, oneOf = [] }: JsonSchema): string[] {
    return [
        ...Object.entries(properties).flatMap(([key, form]) => {
            const at = path === "" ? key : `${path}.${key}`;
            return [at, ...keysOf(at, form)];
        }),
        ...(items === undefined ? [] : keysOf(`${path}[]`, items)),
        ...(typeof additionalProperties === "object" ? keysOf(`${path}.<name>`, additionalProperties) : []),
        ...oneOf.flatMap((form) => keysOf(path, form)),
    ];
}

describe("the table of the definitions' fields", () => {
    it("has each kind of Trident Protect's and Trident's, and no other", () => {
        assert.deepEqual(Object.keys(crdFields).sort(), Object.keys(fields).sort());
        assert.ok(Object.values(fields).flat().length > 300);
    });

    for (const [kind, leaves] of Object.entries(fields)) {
        const paths = Object.keys(crdFields[kind]?.fields ?? {});

        it(`says of each field of ${kind} what expresses it, or why nothing does`, () => {
            assert.deepEqual(
                leaves.filter((field) => entryOf(field, paths) === undefined),
                [],
            );
        });

        it(`has no field that ${kind} does not have`, () => {
            assert.deepEqual(
                paths.filter((at) => !leaves.some((field) => entryOf(field, paths) === at)),
                [],
            );
        });
    }

    it("names keys that the configuration has, and gives a reason wherever it names none", () => {
        const known = new Set(keysOf("", settingsForm()));
        assert.ok(known.has("applications[].schedules[].minute") && known.has("sites.<name>.vault.proxyURL"));
        const uses = [
            ...Object.values(crdFields).flatMap((kind) => Object.values(kind.fields)),
            ...Object.values(laterFields),
        ];
        assert.deepEqual(
            uses.flatMap(({ keys = [] }) => keys).filter((key) => !known.has(key)),
            [],
        );
        assert.deepEqual(
            uses.filter(({ keys = [], what }) => keys.length === 0 && !/^(none|read|set by the role): ./.test(what)),
            [],
        );
    });

    it("has a line for each path, with the fields that it stands for", () => {
        const text = crdTableText();
        assert.match(
            text,
            /\| `spec\.transformationsRef` +\| `kind`, `name` +\| `applications\[\]\.transformationsRef`/,
        );
        for (const { fields: uses } of Object.values(crdFields)) {
            for (const at of Object.keys(uses)) {
                assert.ok(text.includes(at === "" ? "| all " : `| \`${at}\` `), at);
            }
        }
    });

    it("takes the longest path that a field is at or below", () => {
        assert.equal(entryOf("status.conditions[].state", ["status", "status.conditions"]), "status.conditions");
        assert.equal(entryOf("status.conditionsOf", ["status.conditions"]), undefined);
    });
});
