import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Lab, SiteName } from "../lab/lab";
import { until } from "../lab/scenarios/until";
import type { LedgerEntry } from "../lab/writer/ledger";

type Written = Pick<LedgerEntry, "application" | "time">;

/** What both sites acknowledge from now on. The ledger grows all the time, and what is older is not read again. */
export class LedgerWindow {
    private readonly begins: Readonly<Record<SiteName, number>>;

    constructor(private readonly lab: Lab) {
        const sizeOf = (site: SiteName) => (existsSync(this.file(site)) ? statSync(this.file(site)).size : 0);
        this.begins = { east: sizeOf("east"), west: sizeOf("west") };
    }

    /** Seconds from a time until every application has been acknowledged a write at a site. */
    async secondsUntilAll(applications: readonly string[], site: SiteName, since: Date): Promise<number> {
        const last = await until(`a write of each of ${applications.join(", ")} at ${site}`, () =>
            timeOfAll(this.entries(site), applications, since),
        );
        return (last - since.getTime()) / 1000;
    }

    /** Seconds from the last write at one site to the first one at the other, of the application that waited longest. */
    secondsWithoutService(applications: readonly string[], from: SiteName, to: SiteName): Promise<number> {
        return until(`a write of each of ${applications.join(", ")} at ${to}`, () => {
            const gap = longestGap(this.entries(from), this.entries(to), applications);
            return gap === undefined ? undefined : gap / 1000;
        });
    }

    private entries(site: SiteName): LedgerEntry[] {
        const file = this.file(site);
        const text = existsSync(file) ? readFileSync(file).subarray(this.begins[site]).toString() : "";
        // What comes after the last line break is not whole yet.
        return text
            .split("\n")
            .slice(0, -1)
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as LedgerEntry);
    }

    private file(site: SiteName): string {
        return path.join(this.lab.folder, "ledger", `${site}.jsonl`);
    }
}

/** The time of the last of the applications' first writes; undefined while one has none. */
export function timeOfAll(
    entries: readonly Written[],
    applications: readonly string[],
    since: Date,
): number | undefined {
    const firsts = applications.map((name) => timesOf(entries, name).find((time) => time >= since.getTime()));
    return firsts.some((time) => time === undefined) ? undefined : Math.max(...firsts.map(Number));
}

/** Milliseconds; undefined while an application was not written at both sites. */
export function longestGap(
    from: readonly Written[],
    to: readonly Written[],
    applications: readonly string[],
): number | undefined {
    const gaps = applications.map((name) => {
        const [last, first] = [timesOf(from, name).at(-1), timesOf(to, name)[0]];
        return last === undefined || first === undefined ? undefined : first - last;
    });
    return gaps.some((gap) => gap === undefined) ? undefined : Math.max(...gaps.map(Number));
}

function timesOf(entries: readonly Written[], name: string): number[] {
    return entries.filter(({ application }) => application.startsWith(`${name}/`)).map(({ time }) => Date.parse(time));
}
