import { z } from "zod";
import type { Lab, SiteName } from "../../lab";
import type { Stack } from "../../pulumi";
import { must, round as rounded, writes } from "../story";
import { writesSince } from "../writes";
import { duplicates } from "./destructive";
import type { Call, Point } from "./points";
import type { Round, Verb } from "./verbs";
import { upAtOnce, upWatched } from "./watched";

/** What became of one round in which a run was killed. */
export interface Aftermath {
    /** How often the CLI asked for `pulumi cancel`, which was typed. */
    cancels: number;
    /** What had to be typed besides that and one `pulumi up` for each run: here, further `pulumi up`s. */
    manualSteps: number;
    /** Whether both sites reached their roles, and the application writes again. */
    converged: boolean;
    /** Whether a site could not be brought to its role at all, so that no further round can begin. */
    stuck: boolean;
    duplicateDestructiveCalls: number;
    seconds: number;
    faults: string[];
}

/** A run is given up when so many have failed. */
const mostUps = 4;

/** Rounds of one verb on one lab; each leads from the site that serves to the other one. */
export class Rounds {
    serving: SiteName = "east";
    private epoch = 1;

    constructor(
        private readonly lab: Lab,
        private readonly verb: Verb,
        readonly stacks: Record<SiteName, Stack>,
    ) {}

    /** The calls of each run of the verb when nothing is killed. */
    async learn(): Promise<Call[][]> {
        const round = await this.begin();
        const runs: Call[][] = [];
        for (const { at } of this.verb.runs) {
            const { result, calls } = await upWatched(this.lab, round.stacks[round[at]]);
            must(result);
            runs.push(calls);
        }
        this.epoch = (await recordOf(round.stacks[round.to])).epoch;
        return runs;
    }

    /** Kills a run at a point, and goes on with `pulumi up`; undefined when no run came by the point. */
    async kill(point: Point): Promise<Aftermath | undefined> {
        const round = await this.begin();
        const began = new Date();
        const typed = { cancels: 0, manualSteps: 0 };
        let met = false;
        let stuck = false;
        const faults: string[] = [];
        try {
            for (const [stage, { at }] of this.verb.runs.entries()) {
                const stack = round.stacks[round[at]];
                if (stage === point.stage) {
                    met = (await upWatched(this.lab, stack, point)).killed;
                    await upUntilDone(stack, typed);
                } else {
                    must(await upAtOnce(stack));
                }
            }
            faults.push(...(await this.whatIsWrong(round)));
        } catch (error) {
            stuck = true;
            faults.push((error as Error).message);
        }
        const converged = faults.length === 0;
        const repeated = [round.from, round.to].flatMap((site) =>
            duplicates(writesSince(this.lab.sites[site], began).map(({ call }) => call)),
        );
        faults.push(...repeated.map(({ call, times }) => `carried out ${times} times: ${call}`));
        return met || stuck
            ? {
                  ...typed,
                  converged,
                  stuck,
                  duplicateDestructiveCalls: repeated.reduce((sum, { times }) => sum + times - 1, 0),
                  seconds: rounded((Date.now() - began.getTime()) / 1000),
                  faults,
              }
            : undefined;
    }

    private async begin(): Promise<Round> {
        const from = this.serving;
        const to = from === "east" ? "west" : "east";
        this.serving = to;
        const round = { stacks: this.stacks, from, to } as const;
        await this.verb.prepare(round);
        return round;
    }

    private async whatIsWrong(round: Round): Promise<string[]> {
        const faults: string[] = [];
        const epochs = new Set<number>();
        for (const place of ["from", "to"] as const) {
            const { role, epoch } = await recordOf(round.stacks[round[place]]);
            epochs.add(epoch);
            if (role !== this.verb.roles[place]) {
                faults.push(`${round[place]} is ${role} instead of ${this.verb.roles[place]}`);
            }
        }
        const expected = this.epoch + 1;
        this.epoch = Math.max(...epochs);
        if (epochs.size > 1 || this.epoch !== expected) {
            faults.push(`the epoch is ${[...epochs].join(" at one site and ")} instead of ${expected}`);
        }
        await writes(this.lab, round.to, 5).catch((error: Error) => faults.push(error.message));
        return faults;
    }
}

/** `pulumi up` until it succeeds, with what the CLI itself asks for in between; counts what was typed. */
async function upUntilDone(stack: Stack, typed: Pick<Aftermath, "cancels" | "manualSteps">): Promise<void> {
    for (let ups = 1; ;) {
        const result = await stack.up();
        if (result.ok) {
            return;
        }
        if (/the stack is currently locked/.test(result.output) && /pulumi cancel/.test(result.output)) {
            await stack.must(["cancel", "--yes", "--stack", stack.site]);
            typed.cancels++;
            continue;
        }
        if (ups++ === mostUps) {
            throw new Error(`pulumi up at ${stack.site} failed ${mostUps} times:\n${result.output}`);
        }
        typed.manualSteps++;
    }
}

const outputs = z.object({
    tridentDr: z.object({
        applications: z.object({ shop: z.object({ record: z.object({ role: z.string(), epoch: z.number() }) }) }),
    }),
});

/** What a site is for the application, and in which epoch, as its stack's outputs say. */
async function recordOf(stack: Stack): Promise<{ role: string; epoch: number }> {
    return outputs.parse(await stack.outputs()).tridentDr.applications.shop.record;
}
