import type { Command } from "commander";
import { addPairOptions } from "./project/options";
import { addPlaceOptions, span } from "./status";
import type { NamedPlaces } from "./status/placesFor";
import type { Terminal } from "./terminal";

/** With which the command ends, as monitoring plugins do. A takeover that would not work counts more than what is unknown. */
export const readinessExitCodes = { ok: 0, attention: 1, blocks: 2, unknown: 3 } as const;

/** What a person typed. */
export interface ReadinessRequest extends NamedPlaces {
    names: readonly string[];
    json: boolean;
    /** Milliseconds. */
    timeout: number;
}

/** `trident-dr readiness [items…]`: what would keep a takeover from working. */
export function addReadiness(program: Command, terminal: Terminal, end: (code: number) => void): void {
    const command = program
        .command("readiness")
        .description("Show everything that would keep a takeover from working as of now, each with its remedy.")
        .argument("[items...]", "names of applications and groups of volumes (default: all)")
        .option("--json", "print it for a program (docs/readiness.md)", false)
        .option("--timeout <span>", "what has not answered by then is unknown", span, 60_000)
        .addHelpText("after", help)
        .action(async (names: string[], options: Omit<ReadinessRequest, "names">) => {
            const { showReadiness } = await import("./readiness/show.js");
            end(await showReadiness({ ...options, names }, terminal));
        });
    addPairOptions(addPlaceOptions(command));
}

const help = `
It asks the site that follows what a takeover there would do now, and each thing that it stands on; it changes nothing
at either site and writes to no bucket. It works while the other site is down. Both clusters may be named, as for
trident-dr status, which reads them in the same way: --context-east prod-east --context-west prod-west.

Exit codes: 0 a takeover works, 1 something needs attention, 2 a takeover would not work or would lose more than maxLag
allows, 3 wrong usage, or it cannot be told.`;
