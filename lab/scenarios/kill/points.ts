import { ownRights } from "../writes";

/** A call that a run's dynamic provider makes, in words that fit either direction and every epoch: see calls.cjs. */
export interface Call {
    /** `PATCH kubernetes /apis/…/schedules/shop-daily`: method, what answers, path. */
    call: string;
    /** 1 for the first call of that description in a run. */
    occurrence: number;
}

/** What is killed: both at one instant, as when a machine loses its power, or one of the two. */
const victims = ["all", "provider", "cli"] as const;

/** Where a run is killed. */
export interface Point extends Call {
    /** Which of the verb's runs, from 0. */
    stage: number;
    /** Before a byte of the call is sent; or when its answer has arrived and nobody has seen it, or is waited for no more. */
    moment: "before" | "after";
    what: (typeof victims)[number];
}

/**
 * The points to try, in the order of the runs: before and after each write, and once at each kind of read. To the world
 * it makes no difference on which side of a read a run ends; the reads take turns, and so do the victims.
 *
 * @param runs the calls of each of the verb's runs when nothing is killed.
 */
export function pointsOf(runs: readonly (readonly Call[])[]): Point[] {
    const moments = runs.flatMap((calls, stage) => {
        const kinds = calls.map(({ call }) => kindOfRead(call));
        return calls
            .filter(({ call }, index) => isWrite(call) || kinds.indexOf(kinds[index]!) === index)
            .flatMap((call, index): Omit<Point, "what">[] =>
                isWrite(call.call)
                    ? [
                          { ...call, stage, moment: "before" },
                          { ...call, stage, moment: "after" },
                      ]
                    : [{ ...call, stage, moment: index % 2 === 0 ? "before" : "after" }],
            );
    });
    return takeTurns(moments);
}

/**
 * So many of the points, evenly spread over all runs: of those at writes first, since there a run can be cut off in the
 * middle of something, and of the others when there are no more of these.
 */
export function sample(points: readonly Point[], count: number): Point[] {
    const writes = points.filter(({ call }) => isWrite(call));
    const reads = points.filter(({ call }) => !isWrite(call));
    const chosen = new Set([...spread(writes, count), ...spread(reads, count - writes.length)]);
    return takeTurns(points.filter((point) => chosen.has(point)));
}

function spread<T>(all: readonly T[], count: number): T[] {
    const taken = Math.max(0, Math.min(count, all.length));
    return Array.from({ length: taken }, (_, index) => all[Math.floor(((index + 0.5) * all.length) / taken)]!);
}

function takeTurns(points: readonly Omit<Point, "what">[]): Point[] {
    return points.map((point, index) => ({ ...point, what: victims[index % victims.length]! }));
}

/** What is posted to ask for one's own rights changes nothing. */
export function isWrite(call: string): boolean {
    return !/^(GET|HEAD) /.test(call) && !ownRights.some((question) => call.includes(`/${question}`));
}

/** Reads of one kind: of the same resource, whichever object of it, or of the same bucket. */
function kindOfRead(call: string): string {
    const ofKubernetes = /^(GET kubernetes \/apis?(?:\/[^/ ]+)?\/v1(?:\/namespaces\/[^/]+)?\/[^/ ]+)[^ ]*(.*)$/.exec(
        call,
    );
    if (ofKubernetes !== null) {
        return `${ofKubernetes[1]}${ofKubernetes[2]}`;
    }
    return /^GET (own|peer) vault/.exec(call)?.[0] ?? call;
}
