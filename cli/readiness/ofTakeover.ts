import { describeRole } from "../../provider/roles/messages/describe";
import { lossBoundSeconds } from "../../provider/roles/situation";
import { formatSeconds } from "../../provider/support/duration";
import { isUnknown } from "../status/known";
import type { TargetFacts } from "./facts";
import { ok, type Question, unknown, type Verdict } from "./verdict";

const cannotTell = "whether it could take over cannot be told";

export function reached({ site, reached: answer }: TargetFacts): Verdict[] {
    return isUnknown(answer)
        ? unknown(site, answer.unknown, cannotTell, [
              `find out whether ${site} is up and can be reached from here, or name another --context-${site}; then trident-dr readiness`,
          ])
        : ok(`the Kubernetes API of ${site} answers`, site);
}

export function standby({ site, peer, record, follows, next, commands }: TargetFacts, item: string): Verdict[] {
    if (isUnknown(record)) {
        return unknown(site, `what ${site} is for ${item} is not known: ${record.unknown}`, cannotTell, [
            `trident-dr status ${item}`,
        ]);
    }
    const what = `${site} is ${describeRole(record)}`;
    return follows
        ? ok(what, site)
        : [
              {
                  level: "blocks",
                  site,
                  what,
                  means: `it does not follow ${peer}: what ${peer} writes is nowhere else`,
                  next: [next === "" ? commands.preview : next],
              },
          ];
}

export function bundle({ site, bundle: written, commands }: TargetFacts, item: string): Verdict[] {
    return isUnknown(written)
        ? [
              {
                  level: "attention",
                  site,
                  what: written.unknown,
                  means: "trident-dr takeover does not work there: a takeover needs Pulumi, the project and its state",
                  next: [`${commands.up}, which writes it; then trident-dr readiness ${item}`],
              },
          ]
        : ok(`what a takeover without Pulumi goes by was written at ${written}`, site);
}

export function takeover({ site, takeover: plan, commands }: TargetFacts, item: string): Verdict[] {
    if (isUnknown(plan)) {
        return unknown(site, plan.unknown, cannotTell, [commands.preview]);
    }
    const { due, takesOver } = plan;
    if (due.is === "refusal") {
        return [
            {
                level: "blocks",
                site,
                what: `a takeover is refused (${due.code}): ${due.reason}`,
                means: `${item} could not be served at ${site}`,
                next: [...due.remedies],
            },
        ];
    }
    if (!takesOver || due.is === "nothing") {
        const verb = due.is === "plan" ? due.verb : "nothing";
        return [
            {
                level: "blocks",
                site,
                what: `what is due there is no takeover: ${verb}`,
                means: `${item} could not be taken over before that is done`,
                next: [commands.up],
            },
        ];
    }
    return ok(`nothing refuses a takeover now: ${commands.takeover}`, site);
}

/** Age and objective: what a takeover loses at most. */
export const copy: Question = ({ site, health, commands }, item, now) => {
    if (isUnknown(health)) {
        return unknown(site, health.unknown, "what a takeover would lose is not known", [commands.preview]);
    }
    const { mirror, maxLagSeconds, copy: progress } = health;
    const lag = lossBoundSeconds(mirror?.recoveryPoint, now);
    if (lag === undefined) {
        return [
            {
                level: "blocks",
                site,
                what:
                    progress === undefined
                        ? `nothing of ${item} is complete at ${site}`
                        : `the copy of ${item} is being made: ${progress}`,
                means: "there is nothing to take over with",
                next: [progress === undefined ? commands.preview : `trident-dr status ${item} --watch`],
            },
        ];
    }
    const age = `${formatSeconds(Math.round(lag))} behind, and maxLag is ${formatSeconds(maxLagSeconds)}`;
    return lag <= maxLagSeconds
        ? ok(`the copy is ${age}`, site)
        : [
              {
                  level: "blocks",
                  site,
                  what: `the copy is ${age}`,
                  means: "a takeover would lose more than the objective allows",
                  next: [commands.preview, `trident-dr status ${item}`],
              },
          ];
};

export function mirror({ site, health, commands }: TargetFacts, item: string): Verdict[] {
    if (isUnknown(health) || health.mirror === undefined) {
        return [];
    }
    const { state, error } = health.mirror;
    return state === "established" && error === undefined
        ? ok("the mirror is established, and reports no error", site)
        : [
              {
                  level: "attention",
                  site,
                  what: `the mirror of ${item} is ${state}${error === undefined ? "" : `: ${error}`}`,
                  means: "nothing newer may arrive, so that a takeover loses more with time",
                  next: [commands.preview],
              },
          ];
}
