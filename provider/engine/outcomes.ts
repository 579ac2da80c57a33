import type { RoleRecord } from "../roles/record";

/** How far a protected item has come in this operation. */
export type Outcome =
    /** It has a plan: to serve here or not, and with something left to do or not. */
    | { kind: "planned"; serves: boolean; pending: boolean }
    | { kind: "done"; record: RoleRecord; establishing?: boolean }
    | { kind: "failed"; why: string; executed: boolean };

/**
 * What becomes of several protected items in one operation of the engine, which one process serves. One that fails is
 * noted here, so that it stops none of the others, and the summary names each.
 */
export class Outcomes {
    private readonly known = new Map<string, Outcome>();

    note(item: string, outcome: Outcome): void {
        this.known.set(item, outcome);
    }

    of(item: string): Outcome | undefined {
        return this.known.get(item);
    }

    /** Whether a plan is still to be executed, as it is at preview. */
    get hasPendingPlan(): boolean {
        return [...this.known.values()].some((one) => one.kind === "planned" && one.pending);
    }

    /** Whether anything was executed, so that this is not a preview. */
    get hasExecuted(): boolean {
        return [...this.known.values()].some((one) => one.kind === "done" || (one.kind === "failed" && one.executed));
    }

    /** A line for each item if any of them failed, else "". */
    summary(items: readonly string[]): string {
        const failed = items.filter((name) => this.of(name)?.kind === "failed");
        if (failed.length === 0) {
            return "";
        }
        return [
            `${failed.length} of ${items.length} protected items failed: ${failed.join(", ")}`,
            ...items.map((name) => `  ${name}: ${describe(this.of(name))}`),
        ].join("\n");
    }
}

function describe(outcome: Outcome | undefined): string {
    switch (outcome?.kind) {
        case undefined:
            return "not inspected";
        case "planned":
            return outcome.pending ? "has a plan" : "nothing to do";
        case "done":
            return `${outcome.record.role} in epoch ${outcome.record.epoch}${outcome.establishing === true ? ", establishing: its copy goes on by itself" : ""}`;
        case "failed":
            return `FAILED: ${outcome.why.split("\n").join("\n    ")}`;
    }
}
