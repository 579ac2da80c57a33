import { formatSeconds } from "../../provider/support/duration";
import { isUnknown } from "../status/known";
import type { TargetFacts } from "./facts";
import { ok, unknown, type Question, type Verdict } from "./verdict";

/** Percent from which on a volume is worth a note. */
const fullPercent = 95;
/** Seconds of difference from which on a clock is: the age of a copy is off by as much. */
const notableSeconds = 60;

export function array({ site, health, commands }: TargetFacts): Verdict[] {
    if (isUnknown(health)) {
        return [];
    }
    const { faults, arrayUnknown } = health;
    if (arrayUnknown !== undefined) {
        return unknown(
            site,
            `the array of ${site} was not looked at: ${arrayUnknown}`,
            "what of the volumes would keep a takeover from working is not known; mirrored volumes are taken over at the array",
            [`check its address, certificate and account; then ${commands.preview}`],
        );
    }
    return faults.length === 0
        ? ok(`the array of ${site} answers, and has what a standby site needs`, site)
        : faults.map(({ what, endangers }) => ({
              level: endangers ? "blocks" : "attention",
              site,
              what,
              means: endangers
                  ? "a takeover would fail by it, or lose more than the objective allows"
                  : "a takeover works, and may lose more with time",
              next: [commands.preview],
          }));
}

export function capacity({ site, takeover }: TargetFacts): Verdict[] {
    const space = isUnknown(takeover) ? undefined : takeover.space;
    if (space === undefined || space.length === 0) {
        return [];
    }
    const percents = space.map(({ volume, usedBytes, sizeBytes }) => ({
        volume,
        percent: sizeBytes > 0 ? Math.floor((usedBytes / sizeBytes) * 100) : 100,
    }));
    const full = percents.filter(({ percent }) => percent >= fullPercent);
    return full.length === 0
        ? ok(`no volume at ${site} is more than ${Math.max(...percents.map(({ percent }) => percent))}% full`, site)
        : [
              {
                  level: "attention",
                  site,
                  what: `full at ${site}: ${full.map(({ volume, percent }) => `${volume} (${percent}%)`).join(", ")}`,
                  means: "after a takeover the application soon cannot write there",
                  next: ["make room on the volume at the site that serves, or enlarge it"],
              },
          ];
}

export function peering({ site, peer, needs, commands }: TargetFacts): Verdict[] {
    const found = isUnknown(needs) ? needs : needs.peerings;
    const means = `no takeover needs it, but nothing arrives from ${peer} without it, and a takeover loses more with time`;
    if (isUnknown(found)) {
        return unknown(site, `the peering of ${site} could not be read: ${found.unknown}`, means, [
            "let the account read /api/svm/peers and /api/cluster/peers (docs/permissions.md)",
        ]);
    }
    const { svm, svms, clusters } = found;
    const wrong = [
        ...(svms.length === 0 ? [`SVM ${svm} has no peering`] : []),
        ...svms
            .filter(({ state }) => state !== "peered")
            .map((one) => `the peering of SVM ${svm} with ${one.peer.svm.name} is ${one.state ?? "in no known state"}`),
        ...clusters
            .filter(({ name }) => svms.some((one) => one.peer.cluster?.name === name))
            .filter(({ status }) => status?.state !== "available")
            .map(
                (one) =>
                    `the peering with cluster ${one.name ?? "without a name"} (${one.remote.ip_addresses.join(", ")}) is ${one.status?.state ?? "in no known state"}`,
            ),
    ];
    return wrong.length === 0
        ? ok(`SVM ${svm} is peered, and its peer's cluster is available`, site)
        : [{ level: "attention", site, what: wrong.join("; "), means, next: [commands.preview] }];
}

export const clocks: Question = ({ site, peer, needs, health }, _item, now) => {
    const nodes = isUnknown(needs) ? needs : needs.nodes;
    const takenAt = isUnknown(health) ? undefined : health.mirror?.recoveryPoint?.takenAt;
    const ahead = takenAt === undefined ? 0 : (Date.parse(takenAt) - now.getTime()) / 1000;
    const means = "the age of a copy, and what a takeover is said to lose, is off by as much";
    const wrong: Verdict[] = [
        ...(ahead >= notableSeconds
            ? [
                  {
                      level: "attention" as const,
                      site: peer,
                      what: `the newest snapshot of ${peer} was taken ${formatSeconds(Math.round(ahead))} in this machine's future`,
                      means,
                      next: [`synchronise the clocks of ${peer} and of this machine`],
                  },
              ]
            : []),
        ...(isUnknown(nodes) ? [] : nodes)
            .filter(({ aheadSeconds = 0 }) => Math.abs(aheadSeconds) >= notableSeconds)
            .map(({ name, aheadSeconds = 0 }) => ({
                level: "attention" as const,
                site,
                what: `the clock of ${name} is ${formatSeconds(Math.abs(aheadSeconds))} ${aheadSeconds > 0 ? "ahead of" : "behind"} this machine's`,
                means,
                next: ["synchronise it (cluster time-service ntp server create)"],
            })),
    ];
    if (wrong.length > 0) {
        return wrong;
    }
    return isUnknown(nodes)
        ? unknown(site, `the clocks of the array of ${site} could not be read: ${nodes.unknown}`, means, [
              "let the account read /api/cluster/nodes (docs/permissions.md)",
          ])
        : ok(`no clock at ${site} is off by ${formatSeconds(notableSeconds)}`, site);
};

export function commonSnapshots({ site, peer, common }: TargetFacts): Verdict[] {
    const means = `no takeover needs one; without one the way back of ${peer} copies everything`;
    if (isUnknown(common)) {
        return unknown(site, `which snapshots both sites have is not known: ${common.unknown}`, means, []);
    }
    const without = common.filter((one) => one.common === undefined).map(({ volume }) => volume);
    const oldest = common
        .flatMap((one) => one.common?.takenAt ?? [])
        .sort((left, right) => Date.parse(left) - Date.parse(right))[0];
    if (without.length > 0) {
        return [
            {
                level: "attention",
                site,
                what: `no snapshot is at both sites of ${without.join(", ")}`,
                means,
                next: ["wait for the next transfer, or keep more snapshots: snapshotRetention and daily.keep"],
            },
        ];
    }
    return ok(
        oldest === undefined
            ? "there is no volume that would be copied"
            : `each volume has a snapshot that both sites have; the oldest of these is from ${oldest}`,
        site,
    );
}
