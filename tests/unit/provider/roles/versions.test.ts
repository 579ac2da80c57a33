import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { knownFaults, numbersOf, supported, tooOld, type InstalledVersion } from "../../../../provider/roles/versions";
import {
    active,
    notesFor,
    nothingThere,
    planFor,
    refusalFor,
    replicated,
    standby,
    type Told,
    withoutRole,
} from "./situations";

const good: InstalledVersion[] = [
    { product: "Kubernetes", told: "v1.35.1", atMost: [1, 35, 1] },
    { product: "Trident", told: "26.10.1", atMost: [26, 10, 1] },
    { product: "Trident Protect", told: "26.06 or newer" },
    { product: "ONTAP", told: "9.16.1", atMost: [9, 16, 1] },
];

function having(...some: InstalledVersion[]): InstalledVersion[] {
    return good.map((one) => some.find(({ product }) => product === one.product) ?? one);
}

const oldOntap: InstalledVersion = { product: "ONTAP", told: "9.11.1", atMost: [9, 11, 1] };
const oldTrident: InstalledVersion = { product: "Trident", told: "23.10.0", atMost: [23, 10, 0] };

function first(...some: InstalledVersion[]): Told {
    return { own: withoutRole("east"), active: "east", observed: { ...nothingThere, versions: having(...some) } };
}

describe("the versions that a site runs on", () => {
    it("are no matter where all of them will do", () => {
        assert.equal(planFor(first()).verb, "serve first");
        assert.deepEqual(notesFor(first()), notesFor({ ...first(), observed: nothingThere }));
    });

    it("refuse a first role where one is too old, by name", () => {
        const { code, reason, remedies } = refusalFor(first(oldOntap, oldTrident));
        assert.equal(code, "too-old");
        assert.equal(
            reason,
            "shop cannot begin at east: Trident is 23.10.0; expected 24.02 or newer; ONTAP is 9.11.1; expected 9.12.1 or newer. Nothing was changed",
        );
        assert.deepEqual(remedies, ["upgrade Trident and ONTAP at east; then pulumi up --stack east"]);
        const becomes = { own: withoutRole("west"), active: "east", peer: active("east", 1) };
        const observed = { ...nothingThere, versions: having(oldTrident) };
        assert.equal(refusalFor({ ...becomes, observed }).code, "too-old");
    });

    it("refuse an item that needs a newer one than others do, and say why", () => {
        const needed = { oldest: "1.30", why: "for an application with a labelSelector" };
        const kubernetes = (told: string, minor: number): InstalledVersion => ({
            product: "Kubernetes",
            told,
            atMost: [1, minor, 1],
            needed,
        });
        assert.match(
            refusalFor(first(kubernetes("v1.29.1", 29))).reason,
            /: Kubernetes is v1\.29\.1; expected 1\.30 or newer for an application with a labelSelector\. Nothing was changed$/,
        );
        assert.equal(planFor(first(kubernetes("v1.30.1", 30))).verb, "serve first");
    });

    it("never stop a takeover, which is told", () => {
        const takeover: Told = {
            own: standby("west", 1),
            active: "west",
            peer: { known: false, why: "its stack cannot be read" },
            acknowledgements: { takeover: 2 },
            observed: { ...replicated, versions: having(oldOntap) },
        };
        assert.equal(planFor(takeover).verb, "take over without a token");
        assert.ok(notesFor(takeover).includes("ONTAP is 9.11.1; expected 9.12.1 or newer"));
    });

    it("warn where one is known to be faulty, and where one cannot be told", () => {
        const told = notesFor(
            first(
                { product: "Trident", told: "26.06.1", atMost: [26, 6, 1] },
                { product: "ONTAP", unknown: "no answer" },
            ),
        );
        assert.match(
            told.find((note) => note.startsWith("Trident is"))!,
            /^Trident is 26.06.1, known .*26.06.2$/,
        );
        assert.ok(told.includes("cannot tell the version of ONTAP: no answer"));
    });

    it("are compared number by number", () => {
        const trident = (told: string) =>
            ({ product: "Trident", told, atMost: numbersOf(told)! }) satisfies InstalledVersion;
        assert.equal(tooOld(trident("24.02.0")), undefined);
        assert.equal(tooOld(trident("24.01.9")), "24.02");
        assert.deepEqual(
            ["26.06.1", "26.06.2", "26.10.0", "v26.10.0-custom+1", "26.10.1"].map((one) =>
                knownFaults(trident(one)).map(({ fixed }) => fixed),
            ),
            [["26.06.2"], [], ["26.10.1"], ["26.10.1"], []],
        );
        assert.equal(numbersOf("unknown"), undefined);
    });

    it("that are supported are those that the README names", () => {
        const readme = readFileSync(path.join(__dirname, "../../../../README.md"), "utf8");
        for (const [product, { oldest, knownBad }] of Object.entries(supported)) {
            const row = readme.split("\n").find((line) => line.startsWith(`| ${product} `));
            const cells = row?.split("|").map((cell) => cell.trim());
            assert.equal(cells?.[2], oldest, product);
            for (const { fixed } of knownBad) {
                assert.ok(cells?.[3]?.includes(`before ${fixed}`), `${product} before ${fixed}`);
            }
        }
    });
});
