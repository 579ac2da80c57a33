import assert from "node:assert/strict";
import { aimOf } from "../../../../cli/verbs/aim";
import { mostSteps, stepsAhead } from "../../../../cli/verbs/anticipate";
import { decide } from "../../../../cli/verbs/decide";
import type { Accepted, Step } from "../../../../cli/verbs/step";
import { type AtSite, type ItemView, type Verb, verbs } from "../../../../cli/verbs/view";
import { roles } from "../../../../provider/roles/record";

type Part = Partial<AtSite>;

function site(name: string, peer: string, part: Part): AtSite {
    return {
        name,
        peer,
        role: "none",
        epoch: 0,
        began: "init",
        activeSite: "east",
        mirrorKept: false,
        establishing: false,
        unmanaged: false,
        serial: 1,
        caughtUp: false,
        ...part,
        configured: { active: "east", ...part.configured },
    };
}

function view(east: Part, west: Part): ItemView {
    return { item: "shop", sites: { east: site("east", "west", east), west: site("west", "east", west) } };
}

const active = (epoch: number, more: Part = {}): Part => ({ role: "active", epoch, ...more });
const standby = (epoch: number, more: Part = {}): Part => ({ role: "standby", epoch, ...more });
const westTookOver = { began: "takeover", activeSite: "west" } as const;

function next(verb: Verb, to: string, at: ItemView, accept: Accepted = {}): Step {
    return decide({ verb, to, accept }, at);
}

describe("what is next, by what both sites are", () => {
    it("comes to an end from wherever the sites are, and names the state where it refuses", () => {
        const parts: Part[] = roles.flatMap((role) =>
            (role === "none" ? [0, 2] : [1, 2]).flatMap((epoch) =>
                [undefined, "stand down", "take over without a token", "rejoin"].flatMap((underWay) =>
                    [false, true].map((mirrorKept): Part => ({
                        role,
                        epoch,
                        mirrorKept: mirrorKept && role === "active",
                        ...(underWay === undefined
                            ? {}
                            : {
                                  underWay: { verb: underWay as "rejoin", epoch: epoch + (role === "standby" ? 1 : 0) },
                              }),
                    })),
                ),
            ),
        );
        let states = 0;
        for (const east of parts) {
            for (const west of parts) {
                const at = view({ ...east, activeSite: "east" }, { ...west, activeSite: "west", began: "takeover" });
                for (const verb of verbs) {
                    const aim = aimOf(verb, at);
                    for (const to of "to" in aim ? [aim.to, "east", "west"] : ["east", "west"]) {
                        states++;
                        const steps = stepsAhead({ verb, to, accept: {} }, at);
                        const where = `${verb} to ${to} from ${JSON.stringify(at.sites)}: ${JSON.stringify(steps)}`;
                        const runs = steps.filter((step) => step.do === "run");
                        assert.ok(steps.length < mostSteps || areIdle(runs), where);
                        const last = steps[0]!;
                        assert.ok(last.do !== "refuse" || /east is .*, west is |shop /.test(last.why), where);
                    }
                }
            }
        }
        assert.ok(states > 10_000, `${states} states`);
    });

    it("sets a consent only at the site that it is for, and with the epoch that it is for", () => {
        const settled = view(active(3), standby(3));
        assert.deepEqual(next("switch", "west", settled, { lag: "window", warnings: true, fullCopy: true }), {
            do: "set",
            site: "east",
            values: { active: "west", lag: "window", warnings: 3 },
        });
        const configured = { active: "west" };
        const tookOver = view(
            { role: "stood-down", epoch: 3, configured },
            active(4, { began: "token", activeSite: "west", configured }),
        );
        assert.deepEqual(next("switch", "west", tookOver, { lag: "window", warnings: true, fullCopy: true }), {
            do: "set",
            site: "east",
            values: { fullCopy: 4 },
        });
        assert.deepEqual(next("switch", "west", tookOver), { do: "run", site: "east", effect: "rejoin" });
    });

    it("acknowledges the epoch that a takeover begins, or that an interrupted one has begun", () => {
        const lost = view(active(3), standby(3));
        assert.deepEqual(next("failover", "west", lost, { recoverTo: "2026-11-26T03:00:00Z" }), {
            do: "set",
            site: "west",
            values: { active: "west", recoverTo: "2026-11-26T03:00:00Z", takeover: 4 },
        });
        const begun = standby(3, {
            underWay: { verb: "take over without a token", epoch: 4 },
            configured: { active: "west", takeover: 4 },
        });
        assert.deepEqual(next("failover", "west", view(active(5), begun)), {
            do: "run",
            site: "west",
            effect: "take over without a token",
        });
    });

    it("discards what the site wrote that took over, and by that epoch alone", () => {
        const parted = view(active(3), active(4, { ...westTookOver, mirrorKept: true }));
        assert.deepEqual(next("resync", "east", parted), {
            do: "set",
            site: "east",
            values: { discard: "west@4" },
        });
        const won = view(
            active(5, { began: "discard", configured: { active: "east", discard: "west@4" } }),
            active(4, { ...westTookOver, configured: { active: "west" } }),
        );
        assert.deepEqual(next("resync", "east", won), {
            do: "set",
            site: "west",
            values: { active: "east", discard: "west@4" },
        });
    });

    it("waits for a copy that goes on by itself, and no longer than a run", () => {
        const configured = { active: "west" };
        const serving = active(4, { ...westTookOver, configured });
        const copying: Part = { role: "displaced", epoch: 4, establishing: true, configured };
        assert.deepEqual(next("rejoin", "west", view(copying, serving)), { do: "run", site: "east", effect: "rejoin" });
        const step = next("rejoin", "west", view({ ...copying, caughtUp: true }, serving));
        assert.equal(step.do, "wait");
        assert.match("why" in step ? step.why : "", /east copies, which goes on by itself/);
    });

    it("releases the mirror only once the returned site has stood aside", () => {
        const configured = { active: "west" };
        const serving = active(4, { ...westTookOver, configured, mirrorKept: true });
        const at = (role: AtSite["role"], epoch = 4) =>
            next("rejoin", "west", view({ role, epoch, configured }, serving));
        assert.deepEqual(at("active", 3), { do: "run", site: "east", effect: "stand aside" });
        assert.deepEqual(at("stood-down", 3), { do: "run", site: "east", effect: "stand aside" });
        assert.deepEqual(at("displaced"), { do: "run", site: "west", effect: "release the mirror" });
    });

    it("refuses what is let go of, what leaves the mirror, and what is not set up, each with what to do", () => {
        for (const [at, verb, sentence] of [
            [
                view({}, {}),
                "switch",
                /shop is not set up at either site yet: run pulumi up at both, the serving one first/,
            ],
            [
                view(active(1), { unmanaged: true, epoch: 1 }),
                "switch",
                /shop is let go of at west: to have it managed again/,
            ],
            [
                view(active(1, { configured: { active: "east", unprotect: true } }), standby(1)),
                "switch",
                /leaves the mirror, or has left it \(unprotect at east\): trident-dr unprotect shop finishes that/,
            ],
            [
                view(active(1), standby(1, { unreadable: "epoch: no number" })),
                "switch",
                /what west published of shop cannot be read/,
            ],
            [view(active(1), {}), "switch", /west does not mirror shop yet; run pulumi up there first/],
            [
                view(active(1), { establishing: true }),
                "switch",
                /nothing can be handed over to west before its copy is complete/,
            ],
            [view(active(1), { establishing: true }), "failover", /west has no complete copy of shop/],
            [
                view({ role: "displaced", epoch: 2 }, active(2, westTookOver)),
                "unprotect",
                /a role change is in progress; finish it first: trident-dr rejoin shop/,
            ],
        ] as const) {
            const step = next(verb, "west", at);
            assert.equal(step.do, "refuse", JSON.stringify(step));
            assert.match("why" in step ? step.why : "", sentence);
        }
    });
});

/** Runs that change nothing in thought: what they change is up to the planner, and one that changes nothing ends the command. */
function areIdle(runs: readonly Step[]): boolean {
    const last = JSON.stringify(runs.at(-1));
    return runs.length > 3 && runs.slice(-3).every((run) => JSON.stringify(run) === last);
}
