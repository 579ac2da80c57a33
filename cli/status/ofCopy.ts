import { formatSeconds } from "../../provider/support/duration";
import type { Finding } from "./document";
import type { HealthFacts, ItemFacts, SiteFacts } from "./facts";
import { isUnknown, knownOf, type Known } from "./known";
import type { Service } from "./service";

/** What is to be said of the copy at the other site: whether there is one, and how far it is behind. */
export function ofCopy(
    facts: ItemFacts,
    service: Service,
    lag: Known<number> | undefined,
    most: Known<number>,
): Finding[] {
    const to = service.is === "one" ? service.other : undefined;
    const health = to && knownOf(to.health);
    const isStandby = service.is === "one" && service.copy === "follows";
    return [
        ...(to === undefined || health === undefined ? [] : ofMirror(facts.item, to, health, isStandby)),
        ...ofLag(facts.item, service, lag, most),
    ];
}

function ofMirror(item: string, { site, commands, next }: SiteFacts, health: HealthFacts, isStandby: boolean) {
    const { mirror, copy } = health;
    const made = (level: "attention" | "danger", code: Finding["code"], what: string, more = next): Finding => ({
        level,
        code,
        site,
        what,
        next: more === "" ? [commands.preview] : [more],
    });
    if (copy !== undefined) {
        return [made("attention", "establishing", `the copy of ${item} to ${site} is being made: ${copy}`)];
    }
    if (!isStandby) {
        return [];
    }
    if (mirror === undefined) {
        return [made("danger", "not-protected", `NOT PROTECTED: no mirror of ${item} leads to ${site}`, commands.up)];
    }
    const { state, error, recoveryPoint } = mirror;
    const because = error === undefined ? "" : `: ${error}`;
    return [
        ...(state === "promoted"
            ? [
                  made(
                      "danger",
                      "not-protected",
                      `NOT PROTECTED: the mirror of ${item} into ${site} is promoted${because}`,
                  ),
              ]
            : []),
        ...(state === "unsettled"
            ? [made("attention", "mirror-unsettled", `the mirror of ${item} into ${site} is not at rest${because}`)]
            : []),
        ...(state === "established" && error !== undefined
            ? [made("attention", "mirror-unsettled", `the mirror of ${item} into ${site} reports${because}`)]
            : []),
        ...(recoveryPoint === undefined
            ? [
                  made(
                      "danger",
                      "nothing-replicated",
                      `nothing of ${item} is complete at ${site}: it could not take over`,
                  ),
              ]
            : []),
    ];
}

function ofLag(item: string, service: Service, lag: Known<number> | undefined, most: Known<number>): Finding[] {
    if (lag === undefined || isUnknown(most) || (service.is !== "one" && service.is !== "unknown")) {
        return [];
    }
    if (isUnknown(lag)) {
        return [
            {
                level: "attention",
                code: "lag-unknown",
                what: `how far the copy of ${item} is behind is not known`,
                next: [],
            },
        ];
    }
    return lag <= most
        ? []
        : [
              {
                  level: "danger",
                  code: "lag",
                  what: `the copy of ${item} is ${formatSeconds(lag)} behind, more than maxLag (${formatSeconds(most)}): a takeover now would lose as much`,
                  next: service.is === "one" ? [service.other.commands.preview] : [],
              },
          ];
}
