import { readFileSync } from "node:fs";
import { clientOf, mirror, mirrored } from "./mirrors";
import type { ArrayFacts } from "./simulators";

/**
 * `node --import tsx bench/array/ours.ts FILE`: breaks, resynchronises and turns round the mirrors of volumes with this
 * package's client, and prints the seconds of each. peers/array/volumes.py does the same with NetApp's.
 */
async function main(file: string): Promise<void> {
    const { source, destination, volumes } = JSON.parse(readFileSync(file, "utf8")) as {
        source: ArrayFacts;
        destination: ArrayFacts;
        volumes: string[];
    };
    const [from, to] = [clientOf(source), clientOf(destination)];
    const change = async (state: "broken_off" | "snapmirrored") => {
        const all = await to.relationships.ofDestinationSvm(destination.svm);
        await Promise.all(all.map(({ uuid }) => to.relationships.setState(uuid, state)));
        await mirrored(to, destination.svm, volumes.length, state);
    };
    const reverse = async () => {
        await change("broken_off");
        const all = await to.relationships.ofDestinationSvm(destination.svm);
        await Promise.all(
            all.map(async ({ uuid, destination: { path } }) => {
                await to.relationships.remove(uuid, "destinationOnly");
                await from.relationships.remove(uuid, "sourceInfoOnly");
                await mirror(from, destination, source, path.split(":")[1]!, false);
            }),
        );
        await mirrored(from, source.svm, volumes.length, "snapmirrored");
    };
    const seconds = {
        break: await timed(() => change("broken_off")),
        resync: await timed(() => change("snapmirrored")),
        reverse: await timed(reverse),
    };
    console.log(JSON.stringify(seconds));
}

async function timed(run: () => Promise<void>): Promise<number> {
    const began = Date.now();
    await run();
    return (Date.now() - began) / 1000;
}

main(process.argv[2]!).then(
    () => process.exit(0),
    (error: unknown) => {
        console.error(error);
        process.exit(1);
    },
);
