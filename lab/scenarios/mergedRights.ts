import { z } from "zod";
import type { PermissionReport } from "./permissions";

/** What all scenarios together say of the generated roles. */
export interface MergedRights {
    /** Used by a scenario, and not generated. */
    missing: string[];
    /** Generated, used by no scenario, and without a reason. */
    tooMuch: string[];
    /** Generated, used by no scenario, for a reason that is known. */
    explained: { right: string; reason: string }[];
    /** Those that have a reason and were used all the same. */
    usedAfterAll: string[];
    /** Those that have a reason and were generated for no scenario. */
    notGenerated: string[];
}

/** A scenario's report, as far as it is about rights. */
export interface RightsReport {
    scenario: string;
    permissions: PermissionReport;
}

/** Merges the reports of scenarios: what one of them uses is needed. */
export function mergeRights(reports: readonly RightsReport[], reasons: Readonly<Record<string, string>>): MergedRights {
    const all = (part: keyof PermissionReport) => new Set(reports.flatMap(({ permissions }) => permissions[part]));
    const used = all("used");
    const unused = [...all("unused")].filter((right) => !used.has(right)).sort();
    const listed = Object.keys(reasons);
    return {
        missing: reports.flatMap(({ scenario, permissions }) =>
            permissions.missing.map((right) => `${scenario}: ${right}`),
        ),
        tooMuch: unused.filter((right) => reasons[right] === undefined),
        explained: unused.flatMap((right) => {
            const reason = reasons[right];
            return reason === undefined ? [] : [{ right, reason }];
        }),
        usedAfterAll: listed.filter((right) => used.has(right)),
        notGenerated: listed.filter((right) => !used.has(right) && !unused.includes(right)),
    };
}

const reportSchema = z.looseObject({
    scenario: z.string(),
    permissions: z.object({
        used: z.array(z.string()),
        unused: z.array(z.string()),
        missing: z.array(z.string()),
    }),
});

/** A scenario's report as its file has it; the reason when there is nothing about rights in it. */
export function rightsReportIn(text: string): RightsReport | string {
    try {
        const parsed = reportSchema.safeParse(JSON.parse(text));
        return parsed.success ? parsed.data : "it has no permissions { used, unused, missing }";
    } catch {
        return "it is not JSON";
    }
}
