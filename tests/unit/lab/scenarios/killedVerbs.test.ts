import assert from "node:assert/strict";
import type { Lab, SiteName } from "../../../../lab/lab";
import { kill } from "../../../../lab/scenarios/kill";
import { allowedLossOf } from "../../../../lab/scenarios/kill/allowedLoss";
import type { Operator, Round } from "../../../../lab/scenarios/kill/verb";
import { verbs } from "../../../../lab/scenarios/kill/verbs";

/** What is typed in one round of a verb that begins at east in epoch 4, a line each. */
async function typed(name: string): Promise<string[]> {
    const lines: string[] = [];
    const note = async (line: string): Promise<void> => void lines.push(line);
    const operator: Operator = {
        configure: (site, values) => note(`${site}: ${JSON.stringify(values)}`),
        unprotect: (site, value) => note(`${site}: unprotect ${value}`),
        up: (site) => note(`up at ${site}`),
        takeAway: (site) => note(`${site} is gone`),
        bringBack: (site) => note(`${site} is back`),
        awaitWrites: (site) => note(`${site} writes`),
    };
    const round: Round = { operator, from: "east", to: "west", epoch: 4 };
    await verbs[name]!.prepare(round);
    for (const { name: run, at, reaches, before } of verbs[name]!.runs) {
        await before?.(round);
        lines.push(`${run} at ${round[at]}: ${reaches}`);
    }
    return lines;
}

describe("the verbs whose runs are killed", () => {
    it("are listed when another one is asked for, before anything is done", async () => {
        await assert.rejects(
            kill({} as Lab, "", () => undefined, { verb: "swap" }),
            /Expected one of switch, takeover, resync, change-of-mind, abandon as --verb, found "swap"/,
        );
    });

    it("are typed as the runbooks say", async () => {
        assert.deepEqual(await typed("switch"), [
            'east: {"active":"west"}',
            'west: {"active":"west"}',
            "stand down at east: stood-down",
            "take over at west: active",
            "become standby at east: standby",
        ]);
        assert.deepEqual(await typed("change-of-mind"), [
            'east: {"active":"west"}',
            "stand down at east: stood-down",
            'east: {"active":"east"}',
            "serve again at east: active",
            "follow at west: standby",
        ]);
        assert.deepEqual(await typed("abandon"), [
            "east: unprotect true",
            "west: unprotect true",
            "leave at east: none",
            "leave at west: none",
            "tidy up at east: none",
            "tidy up at west: none",
            "east: unprotect false",
            "west: unprotect false",
            "protect again at east: active",
            "mirror again at west: standby",
        ]);
    });

    it("take over for a site that is gone, with leave for the very epoch, and let it rejoin when it is back", async () => {
        assert.deepEqual(await typed("takeover"), [
            "east is gone",
            'west: {"active":"west","takeover":5}',
            "take over at west: active",
            "west writes",
            "east is back",
            'east: {"active":"west"}',
            "stand aside at east: displaced",
            "release the mirror at west: active",
            "rejoin at east: standby",
        ]);
    });

    it("give up what the other site wrote in the very epoch that it began", async () => {
        assert.deepEqual(await typed("resync"), [
            "east is gone",
            'west: {"active":"west","takeover":5}',
            "up at west",
            "west writes",
            "east is back",
            'east: {"discard":"west@5"}',
            "serve by discard at east: active",
            'west: {"active":"east","discard":"west@5"}',
            "resync at west: standby",
        ]);
    });

    it("end with one site that serves and one that stands by, so that another round can begin", () => {
        for (const [name, { runs, serves }] of Object.entries(verbs)) {
            const last = (place: string) => runs.findLast(({ at }) => at === place)?.reaches;
            const other = serves === "from" ? "to" : "from";
            assert.deepEqual([last(serves), last(other)], ["active", "standby"], name);
        }
    });
});

describe("what a round gives up by leave", () => {
    const began = new Date("2026-11-22T10:00:00Z");
    const round = { from: "east" as const, to: "west" as const, epoch: 4 };
    const countedAt = "2026-11-22T10:02:00Z";
    const none: Record<SiteName, []> = { east: [], west: [] };

    it("is nothing in a planned change, whatever a record says", () => {
        const east = [{ epoch: 5, unreplicated: { countedAt, seconds: 60 } }];
        assert.equal(allowedLossOf(verbs["switch"]!, round, began, { ...none, east }), undefined);
    });

    it("is what the site counted that gave way, and until then two may write", () => {
        const west = [
            { epoch: 4, unreplicated: { countedAt: "2026-11-22T09:00:00Z", seconds: 5 } },
            { epoch: 6, unreplicated: { countedAt, seconds: 59.2 } },
            { epoch: 6 },
        ];
        assert.deepEqual(allowedLossOf(verbs["resync"]!, round, began, { ...none, west }), {
            givenUp: { site: "west", from: new Date("2026-11-22T10:01:00Z"), to: new Date(countedAt) },
            overridden: { from: began, to: new Date(countedAt) },
        });
    });

    it("is not guessed: a site that reported nothing in this round, is named", () => {
        const east = [
            { epoch: 4, unreplicated: { countedAt, seconds: 5 } },
            { epoch: 5, unreplicated: { countedAt } },
        ];
        for (const changes of [none, { ...none, east }]) {
            assert.throws(
                () => allowedLossOf(verbs["takeover"]!, round, began, changes),
                /east gave way, and its record does not say what it gave up/,
            );
        }
    });
});
