import assert from "node:assert/strict";
import { referenceFiles } from "../../../components/settings/reference/files";
import { settingsSchema } from "../../../components/settings/schema";
import { textOf } from "./documents";

const { shape } = settingsSchema;

describe("the configuration in documents", () => {
    for (const [file, content] of Object.entries(referenceFiles())) {
        it(`is in ${file} as in the schema`, () => {
            assert.equal(textOf(file), content, "npm run reference");
        });
    }

    it("has every key, and tells what each is", () => {
        const reference = textOf("docs/configuration.md");
        const rows = reference.split("\n").filter((line) => line.startsWith("| `"));
        const keys = [shape, shape.applications.element.shape, shape.sites.valueType.shape].flatMap(Object.keys);
        assert.deepEqual(
            keys.filter((key) => !rows.some((row) => row.startsWith(`| \`${key}\``))),
            [],
        );
        assert.deepEqual(
            rows.filter((row) => row.split(" | ").length !== 4 || row.split(" | ")[2]!.trim() === ""),
            [],
        );
    });

    it("has a default only where a key may be left out", () => {
        const optional = Object.entries(shape).filter(([, schema]) => schema.safeParse(undefined).success);
        const reference = textOf("docs/configuration.md");
        const section = reference.slice(reference.indexOf("## The stack"), reference.indexOf("## `sites"));
        const required = [...section.matchAll(/^\| `(\w+)` .*\| required +\|$/gm)].map(([, key]) => key!);
        assert.deepEqual(
            required.sort(),
            Object.keys(shape)
                .filter((key) => !optional.some(([other]) => other === key))
                .sort(),
        );
    });
});
