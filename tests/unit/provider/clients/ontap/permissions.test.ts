import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(__dirname, "../../../../..");

/** Beginnings of the paths that the client calls: what comes after an identifier is below them. */
function calledPaths(): string[] {
    const folder = path.join(root, "provider/clients/ontap");
    const texts = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), "utf8"));
    const paths = texts.flatMap((text) =>
        [...text.matchAll(/["`](\/(?:cluster|network|private|protocols|snapmirror|storage|svm)[a-z/-]*)/g)].map(
            ([, found]) => `/api${found!.replace(/\/$/, "")}`,
        ),
    );
    return [...new Set(paths)].sort();
}

/** What the lines of the document give, by role. */
function givenPaths(role: string): string[] {
    const text = readFileSync(path.join(root, "docs/permissions.md"), "utf8");
    return [...text.matchAll(/rest-role create -role (\S+) +-api (\S+) /g)]
        .filter(([, of]) => of === role)
        .map(([, , api]) => api!)
        .sort();
}

describe("the documented ONTAP roles", () => {
    it("give every path that the client calls, and no other", () => {
        const called = calledPaths();
        assert.ok(called.includes("/api/private/cli/snapmirror/break") && called.includes("/api/cluster/jobs"));
        assert.deepEqual(givenPaths("trident-dr-run"), called);
        assert.deepEqual(
            givenPaths("trident-dr-setup").filter((api) => !called.includes(api)),
            [],
        );
    });
});
