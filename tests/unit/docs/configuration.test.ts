import assert from "node:assert/strict";
import { settingsSchema } from "../../../components/settings/schema";
import { textOf } from "./documents";

const { shape } = settingsSchema;
const application = shape.applications.element.shape;
const volumes = shape.volumes.unwrap().unwrap().element.shape;
const site = shape.sites.valueType.shape;
const example = "examples/two-sites/README.md";

describe("the configuration in documents", () => {
    it("has every key in the example's README, and no other", () => {
        const tables: [head: string, keys: object][] = [
            ["key", shape],
            ["`applications[].`", application],
            ["`volumes[].`", volumes],
        ];
        for (const [head, keys] of tables) {
            const inTable = [...new Set(keysIn(example, head).map((key) => key.split(".")[0]!))];
            assert.deepEqual(inTable.sort(), Object.keys(keys).sort(), head);
        }
    });

    it("has every key of a site and of its parts there", () => {
        const parts = { kubernetes: site.kubernetes.unwrap().shape, ontap: site.ontap.shape };
        const keys = Object.entries(parts).flatMap(([part, of]) => Object.keys(of).map((key) => `${part}.${key}`));
        const inTable = keysIn(example, "`sites.<name>.`");
        assert.deepEqual(
            [...keys, "vault", "storageClass", "snapshotClass"].filter(
                (key) => !inTable.some((one) => one === key || one.startsWith(`${key}.`)),
            ),
            [],
        );
    });

    it("has only keys that there are in the README", () => {
        const known = Object.keys(shape);
        const named = keysIn("README.md", "key");
        assert.ok(named.length > 10);
        assert.deepEqual(
            named.filter((key) => !known.includes(key)),
            [],
        );
    });

    it("has the defaults of the code where they are told", () => {
        const [, fence] = /^\| `fence` .*\| `(\w+)` +\|$/m.exec(textOf(example)) ?? [];
        const [, declared] =
            /@default (\w+)\n(?:(?!@default)[\s\S])*?fence\?: Fence/.exec(textOf("components/mirroredVolumes.ts")) ??
            [];
        assert.ok(declared !== undefined);
        assert.equal(fence, declared);
    });
});

/** The keys in the first column of a table; one that begins with a dot goes on from the key before it. */
function keysIn(file: string, head: string): string[] {
    const lines = textOf(file).split("\n");
    const first = lines.findIndex((line) => line.startsWith("|") && line.split("|")[1]!.trim() === head);
    assert.ok(first >= 0, `${file} has no table of ${head}`);
    const end = lines.findIndex((line, index) => index > first && !line.startsWith("|"));
    return lines.slice(first + 2, end).flatMap((line) => {
        const [one = "", ...more] = [...line.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, key]) => key!);
        return [one, ...more.map((key) => (key.startsWith(".") ? `${one.split(".")[0]}${key}` : key))];
    });
}
