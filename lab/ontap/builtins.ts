import { randomUUID } from "node:crypto";
import { Policy, RetentionRule, Schedule } from "./state";

function every(step: number, below: number, start = 0): number[] {
    return Array.from({ length: Math.ceil((below - start) / step) }, (_, index) => start + index * step);
}

/** The cron schedules that a cluster is delivered with. */
export function builtInSchedules(): Schedule[] {
    const crons: Record<string, Schedule["cron"]> = {
        "5min": { minutes: every(5, 60) },
        "10min": { minutes: every(10, 60) },
        hourly: { minutes: [5] },
        "6-hourly": { minutes: [15], hours: every(6, 24, 3) },
        "8hour": { minutes: [15], hours: [2, 10, 18] },
        "12-hourly": { minutes: [15], hours: [2, 14] },
        daily: { minutes: [10], hours: [0] },
        weekly: { minutes: [15], hours: [0], weekdays: [0] },
        monthly: { minutes: [20], hours: [0], days: [1] },
        "pg-15-minutely": { minutes: every(15, 60, 5) },
        "pg-daily": { minutes: [10], hours: [0] },
        "pg-hourly": { minutes: [5] },
        "pg-weekly": { minutes: [15], hours: [0], weekdays: [0] },
    };
    return Object.entries(crons).map(([name, cron]) => ({ uuid: randomUUID(), name, cron, builtIn: true }));
}

/** The SnapMirror policies that a cluster is delivered with (docs/facts/ontap.md#snapmirror-policies). */
export function builtInPolicies(): Policy[] {
    const rule = (label: string, count: number): RetentionRule => ({
        label,
        count: `${count}`,
        preserve: false,
        warn: 0,
    });
    const made = rule("sm_created", 1);
    const archive = [rule("daily", 7), rule("weekly", 52)];
    const base = { copyAll: false, copyLatest: false, createOnSource: true, throttle: 0, builtIn: true };
    const policy = (name: string, comment: string, more: Partial<Policy>): Policy => ({
        uuid: randomUUID(),
        name,
        comment,
        type: "async",
        retention: [made],
        ...base,
        ...more,
    });
    const all = { copyAll: true, retention: [made, rule("all_source_snapshots", 1)] };
    const both = { retention: [made, ...archive] };
    const vault = { createOnSource: false };
    return [
        policy("Asynchronous", "Mirror, and daily and weekly snapshots kept.", { ...both, transferSchedule: "hourly" }),
        policy("MirrorAllSnapshots", "All snapshots and the latest file system.", all),
        policy("MirrorAllSnapshotsDiscardNetwork", "All snapshots, without the network's configuration.", all),
        policy("MirrorAndVault", "Mirror, and daily and weekly snapshots kept.", both),
        policy("MirrorAndVaultDiscardNetwork", "Mirror and vault, without the network's configuration.", both),
        policy("MirrorLatest", "The latest file system only.", { copyLatest: true }),
        policy("DPDefault", "All snapshots and the latest file system.", all),
        policy("XDPDefault", "Daily and weekly snapshots kept.", { ...vault, retention: archive }),
        policy("DailyBackup", "Daily snapshots kept.", {
            ...vault,
            retention: [rule("daily", 7)],
            transferSchedule: "daily",
        }),
        policy("CloudBackupDefault", "Daily snapshots kept.", { ...vault, retention: [rule("daily", 1)] }),
        policy("Unified7year", "Mirror, and snapshots kept for seven years.", {
            retention: [made, ...archive, rule("monthly", 84)],
        }),
        policy("Sync", "Synchronous; the source stays available.", { type: "sync", syncType: "sync" }),
        policy("StrictSync", "Synchronous; the source stops with the mirror.", {
            type: "sync",
            syncType: "strict_sync",
        }),
        policy("SnapCenterSync", "Synchronous, with application-created snapshots.", {
            type: "sync",
            syncType: "sync",
        }),
        policy("AutomatedFailOver", "Zero recovery time.", { type: "sync", syncType: "automated_failover" }),
        policy("AutomatedFailOverDuplex", "Zero recovery time, both ends serve.", {
            type: "sync",
            syncType: "automated_failover_duplex",
        }),
        policy("Continuous", "S3 buckets.", { type: "continuous", retention: [] }),
    ];
}
