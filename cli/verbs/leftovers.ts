import { whereSet } from "./place";
import { removeCommand } from "./planText";
import type { BothSites, Reading } from "./sites";
import type { Leftover, Step } from "./step";
import { both, type ItemView } from "./view";

/** Why a verb is refused, with the commands that remove what stands in its way. */
export function whyRefused(
    { why, remove = [] }: Extract<Step, { do: "refuse" }>,
    item: string,
    reading: Reading,
    sites: BothSites,
): string {
    return [why, ...remove.map((one) => removal(one, item, reading, sites))].join("; ");
}

/** What a verb leaves in the configuration that would have an effect later, each with the command that removes it. */
export function leftoversOf(view: ItemView, reading: Reading, sites: BothSites): string[] {
    return both(view).flatMap(({ name, role, epoch, configured: { takeover, recoverTo, lag } }) => {
        const toRemove = (key: Leftover["key"]) => removal({ site: name, key }, view.item, reading, sites);
        return [
            ...(takeover !== undefined && takeover > epoch && role !== "active"
                ? [
                      `takeover: ${takeover} remains set at ${name}; unless it is to take over after all: ${toRemove("takeover")}`,
                  ]
                : []),
            ...(recoverTo === undefined
                ? []
                : [
                      `recoverTo: ${recoverTo} remains set at ${name}, and is for this takeover only: ${toRemove("recoverTo")}`,
                  ]),
            ...(lag === undefined
                ? []
                : [`lag remains accepted at ${name}, and is for this switch only: ${toRemove("lag")}`]),
        ];
    });
}

function removal({ site, key }: Leftover, item: string, reading: Reading, { sites, keyPrefix }: BothSites): string {
    const { stack } = sites.find(({ name }) => name === site)!;
    return removeCommand(whereSet(reading[site]!.settings, item, key), stack, keyPrefix);
}
