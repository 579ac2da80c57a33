import type { PlannedWave } from "./plan";
import type { Member } from "./wave";

/** What a verb can lose, a sentence each, whatever its previews say of how much that is. */
export function lossesOf(members: readonly Member[], waves: readonly PlannedWave[]): string[] {
    const effects = waves.flatMap(({ steps }) =>
        steps.flatMap((step) =>
            step.do === "run"
                ? Object.entries(step.effects).map(([item, effect]) => ({ item, effect, site: step.site }))
                : [],
        ),
    );
    const sentences = effects.flatMap(({ item, effect, site }) => {
        const view = members.find((member) => member.view.item === item)!.view;
        const { peer, role } = view.sites[site]!;
        // It has stood aside already; what it counted then goes now.
        return sentenceFor(effect === "rejoin" && role === "displaced" ? "stand aside" : effect, item, site, peer);
    });
    return sentences.length === 0 ? ["nothing is lost"] : [...new Set(sentences)];
}

function sentenceFor(effect: string, item: string, site: string, peer: string): string[] {
    switch (effect) {
        case "stand down":
            return [`nothing of ${item} is lost; it is down from when ${site} stops it until ${peer} has started it`];
        case "take over without a token":
            return [`${item} loses what was written at ${peer} and has not arrived at ${site}`];
        case "stand aside":
            return [
                `what ${site} wrote of ${item} since ${peer} took over is counted when ${site} stands aside, and given up when it rejoins: the amount is known only then, and this command does not ask again`,
            ];
        case "resync":
            return [
                `what ${site} wrote of ${item} since it took over is counted and given up by one run: the amount is known only then, and this command does not ask again`,
            ];
        case "abandon":
            return [`${item} loses its protection, and no data: no site can take over afterwards`];
        default:
            return [];
    }
}
