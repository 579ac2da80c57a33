const width = 20;

/** What a site says of a copy, with a bar of how far it is; everything else, and a copy of unknown size, as it is. */
export function withBar(line: string): string {
    const share = shareIn(line);
    if (share === undefined) {
        return line;
    }
    const full = Math.floor(share * width);
    return `[${"#".repeat(full)}${"-".repeat(width - full)}] ${Math.floor(share * 100)} %  ${line}`;
}

/** By volumes; of those that are not complete, by the bytes that the array has transferred, where a total is estimated. */
function shareIn(line: string): number | undefined {
    const volumes = /\b(?<done>\d+) of (?<all>\d+) volumes complete, /.exec(line)?.groups;
    const ofOpen = shareOfBytes(line);
    if (volumes === undefined) {
        return ofOpen;
    }
    const [done, all] = [Number(volumes["done"]), Number(volumes["all"])];
    if (ofOpen === undefined) {
        return done === 0 || all === 0 ? undefined : Math.min(done / all, 1);
    }
    return all === 0 ? undefined : Math.min((done + (all - done) * ofOpen) / all, 1);
}

function shareOfBytes(line: string): number | undefined {
    const size = String.raw`(\d+(?:\.\d+)?) (bytes|[KMGTP]iB)`;
    const copied = new RegExp(`, ${size} of an estimated ${size} (?:copied|so far)`).exec(line);
    if (copied === null) {
        return undefined;
    }
    const [, have, haveUnit, total, totalUnit] = copied as unknown as [string, string, Unit, string, Unit];
    const [bytes, estimate] = [bytesOf(have, haveUnit), bytesOf(total, totalUnit)];
    return estimate === 0 ? 0 : Math.min(bytes / estimate, 1);
}

const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
type Unit = (typeof units)[number];

function bytesOf(value: string, unit: Unit): number {
    return Number(value) * 1024 ** units.indexOf(unit);
}
