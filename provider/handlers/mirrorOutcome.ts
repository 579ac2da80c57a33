import { z } from "zod";
import type { Outcomes } from "../engine/outcomes";
import type { CheckResult, DiffResult } from "./results";

const shape = z.looseObject({ applications: z.array(z.string()), summary: z.string().optional() });

/**
 * What the MirrorOutcome resource does: it reports what became of several protected items. It comes after all roles.
 * Where one failed and none has anything left to do, the run ends here, as it does for a single item. Otherwise it
 * continues, so that the stack's outputs publish the others, and the program fails the run with the summary.
 */
export class MirrorOutcomeHandler {
    constructor(
        private readonly process: { log(line: string): void },
        private readonly outcomes: Outcomes,
    ) {}

    check(_olds: unknown, news: unknown): Promise<CheckResult<unknown>> {
        const summary = this.summaryFor(news);
        if (summary === "" || this.outcomes.hasExecuted) {
            return Promise.resolve({ inputs: news });
        }
        if (this.outcomes.hasPendingPlan) {
            this.process.log(`${summary}\n\`pulumi up\` will continue with the others and exit with an error`);
            return Promise.resolve({ inputs: news });
        }
        return Promise.resolve({ inputs: news, failures: [{ property: "", reason: summary }] });
    }

    diff(_id: string, olds: unknown, news: unknown): Promise<DiffResult> {
        const parsed = shape.safeParse(olds);
        const before = parsed.success ? parsed.data : { applications: [], summary: "" };
        const same = JSON.stringify(before.applications) === JSON.stringify(shape.safeParse(news).data?.applications);
        return Promise.resolve({ changes: !same || (before.summary ?? "") !== "" || this.summaryFor(news) !== "" });
    }

    create(inputs: unknown): Promise<{ id: string; outs: unknown }> {
        return Promise.resolve({ id: "outcome", outs: this.withSummary(inputs) });
    }

    update(_id: string, _olds: unknown, news: unknown): Promise<{ outs: unknown }> {
        return Promise.resolve({ outs: this.withSummary(news) });
    }

    private withSummary(inputs: unknown): unknown {
        return { ...(inputs as object), summary: this.summaryFor(inputs) };
    }

    private summaryFor(inputs: unknown): string {
        const parsed = shape.safeParse(inputs);
        return parsed.success ? this.outcomes.summary(parsed.data.applications) : "";
    }
}
