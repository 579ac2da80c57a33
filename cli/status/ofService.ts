import { describeRole } from "../../provider/roles/messages/describe";
import type { Finding } from "./document";
import type { ItemFacts, SiteFacts } from "./facts";
import { isUnknown, knownOf } from "./known";
import type { Service } from "./service";

/** What is to be said of who serves an item, and of whether another site follows. */
export function ofService({ item, sites }: ItemFacts, service: Service): Finding[] {
    const both = sites.map(describe).join(", ");
    switch (service.is) {
        case "two": {
            const { by, other } = service;
            return [
                {
                    level: "danger",
                    code: "two-sites-serve",
                    site: other.facts.site,
                    what: `${both}: both serve ${item}. Epoch ${by.record.epoch} of ${by.facts.site} is the newer one: what is written at ${other.facts.site} is not mirrored any more, and is discarded if ${other.facts.site} follows`,
                    next: withText(nextOf(sites), `${other.facts.commands.preview}, which shows both ways on`),
                },
            ];
        }
        case "none":
            return [
                {
                    level: "danger",
                    code: "nobody-serves",
                    what: `nobody serves ${item}: ${both}. Nothing is written, and nothing is lost by that`,
                    next: nextOf(sites),
                },
            ];
        case "unknown":
            return [ofUnknownService(item, sites)];
        case "not set up":
            return [
                {
                    level: "attention",
                    code: "not-set-up",
                    what: `${item} is not set up at either site yet: nothing of it is protected`,
                    next: nextOf(sites),
                },
            ];
        case "one":
            return ofProtection(item, service);
        case "left":
            return [];
    }
}

function ofUnknownService(item: string, sites: ItemFacts["sites"]): Finding {
    const standby = sites.find(({ record }) => knownOf(record)?.role === "standby");
    const unread = sites.filter(({ record }) => isUnknown(record)).map(({ site }) => site);
    return {
        level: "danger",
        code: "service-unknown",
        what: `whether ${item} is served is not known: ${sites.map(describe).join(", ")}`,
        next: [
            `find out whether ${unread.join(" and ")} ${unread.length === 1 ? "is" : "are"} up`,
            ...(standby === undefined
                ? []
                : [`if ${unread.join(" and ")} is lost: ${standby.commands.takeover}, which says what would be lost`]),
        ],
    };
}

/** Of a copy that is being made, the next section tells. */
function ofProtection(item: string, { by, other, copy }: Service & { is: "one" }): Finding[] {
    const next = nextOf([other, by.facts]);
    if (copy === "let go") {
        return [
            {
                level: "attention",
                code: "let-go",
                site: other.site,
                what: `${other.site} let go of ${item}: whether a mirror still leads there is not managed any more`,
                next,
            },
        ];
    }
    return copy !== "does not follow" || knownOf(other.health)?.copy !== undefined
        ? []
        : [
              {
                  level: "danger",
                  code: "not-protected",
                  site: other.site,
                  what: `NOT PROTECTED: what ${by.facts.site} writes of ${item} is nowhere else, since ${whyNotFollowed(by.facts.site, other)}`,
                  next,
              },
          ];
}

function whyNotFollowed(serving: string, other: SiteFacts): string {
    return isUnknown(other.record)
        ? `${serving} took over and ${other.site}, which is unknown, had not followed by then`
        : describe(other);
}

/** What brings the pair further, each command once. */
export function nextOf(sites: readonly SiteFacts[]): string[] {
    return [...new Set(sites.map(({ next }) => next).filter((next) => next !== ""))];
}

function withText(next: string[], otherwise: string): string[] {
    return next.length === 0 ? [otherwise] : next;
}

function describe({ site, record, lastKnown }: SiteFacts): string {
    return isUnknown(record)
        ? `${site} is unknown${lastKnown === undefined ? "" : ` (as last known: ${lastKnown})`}`
        : `${site} is ${describeRole(record)}`;
}
