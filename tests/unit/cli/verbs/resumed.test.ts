import assert from "node:assert/strict";
import { aimOf } from "../../../../cli/verbs/aim";
import { perform, type Ending } from "../../../../cli/verbs/perform";
import { Session } from "../../../../cli/verbs/session";
import type { Verb } from "../../../../cli/verbs/view";
import { application } from "../../provider/roles/model/world";
import { CutOff, ModelSites } from "./modelSites";
import { silent } from "./typing";

/** The command as a person types it, with or without `--to`. */
async function type(verb: Verb, both: ModelSites, typed?: string): Promise<Ending> {
    const to = typed ?? (await aimAt(verb, both));
    const endings = await perform({ [application]: { verb, to, accept: {} } }, both, silent);
    return endings[application]!;
}

async function aimAt(verb: Verb, both: ModelSites): Promise<string> {
    const aim = aimOf(verb, new Session().view(application, await both.read()));
    assert.ok("to" in aim, "refusal" in aim ? aim.refusal : "");
    return aim.to;
}

async function must(verb: Verb, both: ModelSites): Promise<void> {
    assert.deepEqual(await type(verb, both), { is: "done" });
    both.live();
}

/** What is there before a verb, and what has to be there after it, however often it was interrupted. */
interface Case {
    verb: Verb;
    prepare(both: ModelSites): Promise<void>;
    roles: { east: string; west: string };
    /** What a person would type with `pulumi` alone, and what the command does itself. */
    typed: readonly string[];
}

async function takenOver(both: ModelSites): Promise<void> {
    both.world.site("east").alive = false;
    await must("failover", both);
    both.world.site("east").alive = true;
    both.live();
}

const cases: readonly Case[] = [
    {
        verb: "switch",
        prepare: () => Promise.resolve(),
        roles: { east: "standby@2", west: "active@2" },
        typed: [
            "east: config set active west",
            "west: config set active west",
            "east: up",
            "west: up",
            "east: up",
            "west: up",
        ],
    },
    {
        verb: "failover",
        prepare: (both) => {
            both.world.site("east").alive = false;
            return Promise.resolve();
        },
        roles: { east: "active@1", west: "active@2" },
        typed: ["west: config set active west", "west: config set applications[0].takeover 2", "west: up"],
    },
    {
        verb: "rejoin",
        prepare: takenOver,
        roles: { east: "standby@2", west: "active@2" },
        typed: ["east: config set active west", "east: up", "west: up", "east: up", "west: up"],
    },
    {
        verb: "resync",
        prepare: takenOver,
        roles: { east: "active@3", west: "standby@3" },
        typed: [
            "east: config set applications[0].discard west@2",
            "east: up",
            "west: config set active east",
            "west: config set applications[0].discard west@2",
            "west: up",
            "east: up",
        ],
    },
    {
        verb: "failback",
        prepare: takenOver,
        roles: { east: "active@3", west: "standby@3" },
        typed: [
            "east: config set active west",
            "east: up",
            "west: up",
            "east: up",
            "west: config set active east",
            "east: config set active east",
            "west: up",
            "east: taken over ahead",
            "east: up",
            "west: up",
            "east: up",
        ],
    },
    {
        verb: "unprotect",
        prepare: () => Promise.resolve(),
        roles: { east: "none@1", west: "none@1" },
        typed: [
            "east: config set applications[0].unprotect true",
            "west: config set applications[0].unprotect true",
            "east: up",
            "west: up",
            "east: up",
        ],
    },
];

describe("a verb at both sites", () => {
    it("ends before its next step once it is interrupted, also where the run was interrupted with it", async () => {
        const both = await ModelSites.established();
        const interrupted = { aborted: false };
        const requests = { [application]: { verb: "switch", to: "west", accept: {} } } as const;
        const set = { ...silent, set: () => (interrupted.aborted = true) };
        const why = "interrupted; the same command goes on from here";
        assert.deepEqual(await perform(requests, both, set, { interrupted }), { shop: { is: "failed", why } });
        assert.deepEqual(both.typed, ["east: config set active west"]);

        interrupted.aborted = false;
        both.up = () => {
            interrupted.aborted = true;
            return Promise.resolve({ ok: false, lines: [], changes: true, why: "update canceled" });
        };
        assert.deepEqual(await perform(requests, both, silent, { interrupted }), { shop: { is: "failed", why } });
    });

    for (const { verb, prepare, roles, typed } of cases) {
        it(`${verb}: sets and runs what its runbook says`, async () => {
            const both = await ModelSites.established();
            await prepare(both);
            both.typed.length = 0;
            await must(verb, both);
            assert.deepEqual({ east: both.role("east"), west: both.role("west") }, roles);
            assert.deepEqual(both.typed, typed);
            assert.deepEqual(both.world.violations, []);
        });

        it(`${verb}: the same command resumes it wherever it was cut off`, async () => {
            const whole = await ModelSites.established();
            await prepare(whole);
            const before = whole.effects;
            const to = await aimAt(verb, whole);
            await must(verb, whole);
            const effects = whole.effects - before;
            assert.ok(effects > 3, `${verb} has ${effects} effects`);
            for (let cut = 1; cut <= effects; cut++) {
                const both = await ModelSites.established();
                await prepare(both);
                both.cutAfter = both.effects + cut;
                await assert.rejects(type(verb, both), CutOff, `${verb}, cut off after ${cut}`);
                both.live();
                const where = `${verb}, cut off after ${cut} of ${effects}: ${both.typed.join("; ")}`;
                const isThere = both.role("east") === roles.east && both.role("west") === roles.west;
                if (!isThere) {
                    assert.equal(await aimAt(verb, both), to, where);
                }
                const ending = await type(verb, both, to);
                assert.deepEqual(ending, { is: "done" }, where);
                assert.deepEqual({ east: both.role("east"), west: both.role("west") }, roles, where);
                assert.deepEqual(both.world.violations, [], where);
            }
        });
    }
});
