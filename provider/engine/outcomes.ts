import type { RoleRecord } from "../roles/record";

/** How far an application has come in this operation. */
export type Outcome =
    /** It has a plan: to serve here or not, and with something left to do or not. */
    | { kind: "planned"; serves: boolean; pending: boolean }
    | { kind: "done"; record: RoleRecord }
    | { kind: "failed"; why: string; carriedOut: boolean };

/**
 * What becomes of several applications in one operation of the engine, which one process serves. The one that fails is
 * noted here, so that it stops none of the others, and the result names each.
 */
export class Outcomes {
    private readonly known = new Map<string, Outcome>();

    note(application: string, outcome: Outcome): void {
        this.known.set(application, outcome);
    }

    of(application: string): Outcome | undefined {
        return this.known.get(application);
    }

    /** Whether what was planned for somebody is still to be carried out: so it is at preview. */
    get moves(): boolean {
        return [...this.known.values()].some((one) => one.kind === "planned" && one.pending);
    }

    /** Whether anything was carried out: after that it is no preview. */
    get moved(): boolean {
        return [...this.known.values()].some((one) => one.kind === "done" || (one.kind === "failed" && one.carriedOut));
    }

    /** A line for each of the applications if any of them failed, else "". */
    summary(applications: readonly string[]): string {
        const failed = applications.filter((name) => this.of(name)?.kind === "failed");
        if (failed.length === 0) {
            return "";
        }
        return [
            `${failed.length} of ${applications.length} applications failed: ${failed.join(", ")}`,
            ...applications.map((name) => `  ${name}: ${describe(this.of(name))}`),
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
            return `${outcome.record.role} in epoch ${outcome.record.epoch}`;
        case "failed":
            return `FAILED: ${outcome.why.split("\n").join("\n    ")}`;
    }
}
