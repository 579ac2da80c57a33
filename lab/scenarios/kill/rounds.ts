import { z } from "zod";
import type { Lab, SiteName } from "../../lab";
import type { Stack } from "../../pulumi";
import { expectOk, round as rounded, writes } from "../scenarioSteps";
import { writesSince } from "../writes";
import { type AllowedLoss, allowedLossOf } from "./allowedLoss";
import { duplicates } from "./destructive";
import { LabOperator } from "./labOperator";
import type { Call, Point } from "./points";
import type { Place, Round, Run, Verb } from "./verb";
import { recordedUp } from "./recordedRun";

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

/** Rounds of one verb on one lab; each begins at the site where the last one left the application. */
export class Rounds {
    serving: SiteName = "east";
    /** What each round gave up by leave. */
    readonly allowedLosses: AllowedLoss[] = [];
    private epoch = 1;

    constructor(
        private readonly lab: Lab,
        private readonly verb: Verb,
        readonly stacks: Record<SiteName, Stack>,
    ) {}

    /** The calls of each run of the verb when nothing is killed. */
    async learn(): Promise<Call[][]> {
        const { round, began } = await this.begin();
        const runs: Call[][] = [];
        for (const { at, before } of this.verb.runs) {
            await before?.(round);
            const { result, calls } = await recordedUp(this.lab, this.stacks[round[at]]);
            expectOk(result);
            runs.push(calls);
        }
        const [fault] = await this.end(round, began);
        if (fault !== undefined) {
            throw new Error(`A round in which nothing was killed: ${fault}`);
        }
        return runs;
    }

    /** Kills a run at a point, and goes on with `pulumi up`; undefined when no run came by the point. */
    async kill(point: Point): Promise<Aftermath | undefined> {
        const { round, began, prepared } = await this.begin();
        const typed = { cancels: 0, manualSteps: 0 };
        let met = false;
        let stuck = false;
        const faults: string[] = [];
        try {
            for (const [stage, run] of this.verb.runs.entries()) {
                await run.before?.(round);
                const stack = this.stacks[round[run.at]];
                if (stage === point.stage) {
                    met = (await recordedUp(this.lab, stack, point)).killed;
                    await upUntilDone(stack, typed);
                    faults.push(...(await this.missedRole(round, run)));
                } else {
                    expectOk(await stack.upAtOnce());
                }
            }
            faults.push(...(await this.end(round, began)));
        } catch (error) {
            stuck = true;
            faults.push((error as Error).message);
            // What was lost is read from the volumes of both.
            await Promise.all([this.lab.revive(round.from), this.lab.revive(round.to)]);
        }
        const converged = faults.length === 0;
        const repeated = [round.from, round.to].flatMap((site) =>
            duplicates(writesSince(this.lab.sites[site], prepared).map(({ call }) => call)),
        );
        faults.push(...repeated.map(({ call, times }) => `carried out ${times} times: ${call}`));
        return met || stuck
            ? {
                  ...typed,
                  converged,
                  stuck,
                  duplicateDestructiveCalls: repeated.reduce((sum, { times }) => sum + times - 1, 0),
                  seconds: rounded((Date.now() - prepared.getTime()) / 1000),
                  faults,
              }
            : undefined;
    }

    private async begin(): Promise<{ round: Round; began: Date; prepared: Date }> {
        const began = new Date();
        const from = this.serving;
        const to = from === "east" ? "west" : "east";
        const round = { operator: new LabOperator(this.lab, this.stacks), from, to, epoch: this.epoch } as const;
        await this.verb.prepare(round);
        return { round, began, prepared: new Date() };
    }

    /** Where the round led, against where it should; the next one begins there. */
    private async end(round: Round, began: Date): Promise<string[]> {
        const faults: string[] = [];
        const { runs, serves, epochs } = this.verb;
        this.serving = round[serves];
        for (const place of ["from", "to"] as const) {
            faults.push(
                ...(await this.missedRole(
                    round,
                    runs.findLast(({ at }) => at === place)!,
                )),
            );
        }
        const records = { from: await this.record(round, "from"), to: await this.record(round, "to") };
        const found = new Set([records.from.epoch, records.to.epoch]);
        const expected = round.epoch + epochs;
        this.epoch = Math.max(...found);
        if (found.size > 1 || this.epoch !== expected) {
            faults.push(`the epoch is ${[...found].join(" at one site and ")} instead of ${expected}`);
        }
        const changes = { [round.from]: records.from.history, [round.to]: records.to.history } as Record<
            SiteName,
            RoleRecord["history"]
        >;
        const allowed = allowedLossOf(this.verb, round, began, changes);
        this.allowedLosses.push(...(allowed === undefined ? [] : [allowed]));
        await writes(this.lab, this.serving, 5).catch((error: Error) => faults.push(error.message));
        return faults;
    }

    private async missedRole(round: Round, { name, at, reaches }: Run): Promise<string[]> {
        const { role } = await this.record(round, at);
        return role === reaches ? [] : [`${round[at]} is ${role} after "${name}" instead of ${reaches}`];
    }

    private record(round: Round, at: Place): Promise<RoleRecord> {
        return recordAt(this.stacks[round[at]]);
    }
}

/** What a site is for the application, as its stack's outputs say. */
export async function recordAt(stack: Stack): Promise<RoleRecord> {
    return outputs.parse(await stack.outputs()).tridentDr.applications.shop.record;
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

const roleRecord = z.object({
    role: z.string(),
    epoch: z.number(),
    began: z.string(),
    history: z.array(
        z.object({
            epoch: z.number(),
            unreplicated: z.object({ countedAt: z.string(), seconds: z.number().optional() }).optional(),
        }),
    ),
});
type RoleRecord = z.infer<typeof roleRecord>;

const outputs = z.object({
    tridentDr: z.object({ applications: z.object({ shop: z.object({ record: roleRecord }) }) }),
});
