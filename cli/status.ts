import { type Command, InvalidArgumentError } from "commander";
import { expectedDuration, isDuration, millisecondsOf } from "../provider/support/duration";
import { addPairOptions, valueOfSite } from "./project/options";
import type { NamedPlaces } from "./status/placesFor";
import type { Terminal } from "./terminal";

/** With which the command ends: the place of the level in its list, as monitoring plugins have it; 3: nothing is known. */
export const statusExitCodes = { ok: 0, attention: 1, danger: 2, failed: 3 } as const;

/** What a person typed. */
export interface StatusRequest extends NamedPlaces {
    names: readonly string[];
    json: boolean;
    prometheus: boolean;
    html?: string;
    output?: string;
    watch: boolean;
    /** Milliseconds. */
    every: number;
    /** Milliseconds. */
    timeout: number;
}

/** `trident-dr status [items…]`: both sites side by side. */
export function addStatus(program: Command, terminal: Terminal, end: (code: number) => void): void {
    const command = program
        .command("status")
        .description("Show both sites side by side: who serves, how far the copy is behind, what is due.")
        .argument("[items...]", "names of applications and groups of volumes (default: all)")
        .option("--json", "print it for a program (docs/status.md)", false)
        .option("--prometheus", "print it for the textfile collector of Prometheus' node exporter", false)
        .option("--html <file>", "write it as a page as well")
        .option("--output <file>", "write what would be printed to a file, as a whole")
        .option("--watch", "go on until it is interrupted", false)
        .option("--every <span>", "with --watch: the pause between two looks", span, 10_000)
        .option("--timeout <span>", "what has not answered by then is unknown", span, 30_000)
        .addHelpText("after", help)
        .action(async (names: string[], options: Omit<StatusRequest, "names">) => {
            if (options.json && options.prometheus) {
                command.error("error: expected either --json or --prometheus");
            }
            const { showStatus } = await import("./status/show.js");
            end(await showStatus({ ...options, names }, terminal));
        });
    addPairOptions(addPlaceOptions(command));
}

/** How a person names the clusters of sites. */
export function addPlaceOptions(command: Command): Command {
    return command
        .option(
            "--context <site=context>",
            "context of the cluster of a site, also as --context-<site> <context>; with both sites named, no project is read",
            valueOfSite("context", "east=prod-east"),
        )
        .option(
            "--kubeconfig <site=file>",
            "kubeconfig of the cluster of a site, also as --kubeconfig-<site> <file>",
            valueOfSite("file", "east=east.kubeconfig"),
        )
        .option("--record-namespace <namespace>", "where records are (default: trident-dr, then trident-protect)");
}

const help = `
It reads both sites at the same time, each by itself, and changes nothing. It goes by what the last "pulumi up" left at
a site, so that it works while the other site or the state backend is down: name both clusters then, as in
--context-east prod-east --context-west prod-west. The arrays' credentials are those of the stacks, or in the
environment (trident-dr takeover --help).

Exit codes: 0 all is well, 1 something needs attention, 2 data or service is in danger, 3 wrong usage, or nothing is known.`;

export function span(text: string): number {
    if (!isDuration(text)) {
        throw new InvalidArgumentError(`${expectedDuration}; found "${text}"`);
    }
    return millisecondsOf(text);
}
