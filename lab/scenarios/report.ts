import type { PermissionReport } from "./permissions";

/** What a scenario leaves behind. Every value is measured: from the ledger, from the servers' logs, from the CLI's output. */
export interface ScenarioReport {
    scenario: string;
    laps: number;
    stages: Stage[];
    announcedLossSeconds: number;
    actualLossSeconds: number;
    lostWrites: number;
    /** Acknowledged writes that are missing and that no takeover and no rejoin announced as given up. */
    lostPlannedWrites: number;
    /** The same, as scenarios name it in which others act. */
    lostUnannounced: number;
    /** Seconds in which two sites wrote, by what our runs did or did not refuse, and no override allowed it. */
    twoWriterSeconds: number;
    /** Seconds in which two sites wrote after a takeover without a token, until the returned site stood aside. */
    twoWriterSecondsUnderOverride?: number;
    /** Seconds in which two sites wrote by what others did, until our run gave it up or accepted it. */
    twoWriterSecondsByOthers?: number;
    /** Every call that the previews announced, reads included. */
    previewCalls: string[];
    /** Every write that the servers of both sites wrote down. */
    executedCalls: string[];
    /** Of executedCalls, those that the preview of the same change did not announce, each as often as it is missing there. */
    unannounced: string[];
    /** Writes that a preview announced without a condition and that its run, which succeeded, did not make. */
    notMade: string[];
    writesOfSecondUp: number;
    residualChanges: number;
    /**
     * Seconds from the start of a takeover's `pulumi up`, the other site dead, to the first change at the surviving one.
     * Reported and held against nothing: it depends on what else the machine does.
     */
    secondsToFirstChange?: number;
    acknowledgedWrites: number;
    /** What is left over on both arrays in the end, as far as both could be looked at. */
    orphans?: number;
    /** Of mirrored volumes: bytes that the way back after a takeover moved. */
    bytesMovedBack?: number;
    /** Bytes that a mirror copied again that had existed before it was adopted. */
    bytesMovedByAdopting?: number;
    /** Of mirrored volumes: bytes that were written at the site that serves, from the takeover to the way back. */
    bytesChanged?: number;
    /** The roles that `trident-dr-rbac` generates, against the audit logs of both API servers. */
    permissions?: PermissionReport;
    /** What stands otherwise than before, a sentence each. */
    differences?: string[];
    /** Of what stands at both sites after each lap. */
    fingerprints?: string[];
    ok: boolean;
}

export interface Stage {
    name: string;
    site: string;
    seconds: number;
}

/** With a snapshot in common the way back moves what changed, and hardly more: blocks are moved whole. */
const wayBackFactor = 1.1;

/** What must hold of a report, each with the sentence that says what is wrong when it does not. */
export function faultsOf(report: Omit<ScenarioReport, "ok">): string[] {
    const faults: [boolean, string][] = [
        [
            report.announcedLossSeconds < report.actualLossSeconds,
            `${report.actualLossSeconds} s of writes were lost, ${report.announcedLossSeconds} s were announced`,
        ],
        [report.lostPlannedWrites > 0, `${report.lostPlannedWrites} writes were lost in a planned change`],
        [report.twoWriterSeconds > 0, `two sites wrote at once for ${report.twoWriterSeconds} s`],
        [report.executedCalls.length === 0, "nothing was executed"],
        [report.unannounced.length > 0, `made, and not in the preview: ${report.unannounced.join("; ")}`],
        [report.notMade.length > 0, `in the preview, and not made: ${report.notMade.join("; ")}`],
        [report.writesOfSecondUp > 0, `a second up made ${report.writesOfSecondUp} writes`],
        [report.residualChanges > 0, `a preview after it would change ${report.residualChanges} resources`],
        [(report.orphans ?? 0) > 0, `${report.orphans} things are left over on the arrays`],
        [
            (report.bytesMovedBack ?? 0) > wayBackFactor * (report.bytesChanged ?? 0),
            `the way back moved ${report.bytesMovedBack} bytes, ${report.bytesChanged} had changed`,
        ],
        [
            (report.permissions?.missing.length ?? 0) > 0,
            `the generated roles do not allow: ${report.permissions?.missing.join("; ")}`,
        ],
        [report.acknowledgedWrites === 0, "no write was acknowledged at all"],
    ];
    return faults.filter(([wrong]) => wrong).map(([, sentence]) => sentence);
}
