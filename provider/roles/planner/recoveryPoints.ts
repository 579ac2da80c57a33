import { configSetCommand } from "../messages/commands";
import { text, type Message } from "../messages/message";
import type { ArchivedPoint } from "../record";
import { lossBoundSeconds, type Situation } from "../situation";
import { refuse, type Refusal } from "./decision";

/** The point that `recoverTo` asks for: by the name of its archive folder, or the newest up to a time. */
export function chosenPoint({ configuration, observed }: Situation): ArchivedPoint | Refusal | undefined {
    const { recoverTo } = configuration.acknowledgements;
    if (recoverTo === undefined) {
        return undefined;
    }
    const { points } = observed;
    const found = points?.find(({ folder }) => folder === recoverTo) ?? newestUpTo(recoverTo, points ?? []);
    return found ?? refusePoint(recoverTo, points, configuration);
}

/** What choosing a point means: what is lost with it, and which newer ones the array deletes. */
export function aboutChoice({ configuration, observed, now }: Situation, chosen: ArchivedPoint): Message[] {
    const { points = [] } = observed;
    const newer = points.filter(({ takenAt }) => Date.parse(takenAt) > Date.parse(chosen.takenAt));
    return [
        ...points.map((point) => `point ${point.folder}: ${ageOf(point, now)}${point === chosen ? " (chosen)" : ""}`),
        ...(newer.length === 0
            ? []
            : [
                  `promoting it deletes on the array of ${configuration.site}: ${newer.map(({ folder }) => folder).join(", ")}`,
              ]),
    ];
}

function newestUpTo(recoverTo: string, points: readonly ArchivedPoint[]): ArchivedPoint | undefined {
    const time = Date.parse(recoverTo);
    return points.find(({ takenAt }) => Date.parse(takenAt) <= time);
}

function ageOf(point: ArchivedPoint, now: Date): string {
    const seconds = Math.ceil(lossBoundSeconds(point, now)!);
    return `taken ${point.takenAt}, loses at most the writes of the last ${seconds} s`;
}

function refusePoint(
    recoverTo: string,
    points: readonly ArchivedPoint[] | undefined,
    configuration: Situation["configuration"],
): Refusal {
    const { item, site } = configuration;
    const available: Message =
        points === undefined
            ? `the points of ${item} cannot be listed at ${site}`
            : points.length === 0
              ? `no point of ${item} is at ${site}`
              : `${item} has these points at ${site}: ${points.map(({ folder, takenAt }) => `${folder} (${takenAt})`).join(", ")}`;
    const newest = points?.[0];
    return refuse(
        "no-such-point",
        text`recoverTo is ${recoverTo}; expected the name of an archive folder, or a time that is not before the oldest one. ${available}. Nothing was changed`,
        [
            ...(newest === undefined
                ? []
                : [text`to choose one: ${configSetCommand("recoverTo", newest.folder, configuration, site)}`]),
            text`to take the newest: ${{ pulumi: "config rm recoverTo", site }}`,
        ],
    );
}
