import { Command, CommanderError, InvalidArgumentError } from "commander";
import { addCompletion, completionCommand, completionHelp } from "./completion";
import { withSiteOptions } from "./project/options";
import { addReadiness, readinessExitCodes } from "./readiness";
import { addStatus, statusExitCodes } from "./status";
import { addTrace } from "./trace";
import type { AcknowledgedEpochs, TakeoverRequest } from "./takeover";
import type { Terminal } from "./terminal";
import { addVerbs, type VerbContext } from "./verbs/commands";

/** With which the command ends: done, refused or failed, and typed in a way that means nothing. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** The version is not looked up for anything else: a takeover waits for each file that is read before it. */
const versionOption = "--version";

/** What a person typed, up to its end; the exit code. */
export async function main(
    args: readonly string[],
    terminal: Terminal,
    { open }: Pick<VerbContext, "open"> = {},
): Promise<number> {
    let code: number = exitCodes.done;
    const program = new Command("trident-dr")
        .description("Disaster recovery of applications on NetApp storage, beside Pulumi")
        .option(versionOption, "print its version")
        .exitOverride()
        .showHelpAfterError()
        .configureOutput({
            writeOut: (text) => terminal.print(text.trimEnd()),
            writeErr: (text) => terminal.complain(text.trimEnd()),
        });
    program
        .command("takeover")
        .description("Serve applications, or groups of volumes, at this site, because the other one is lost.")
        .argument("[applications...]", "names of the applications, or of the groups of volumes")
        .option("--all", "every one that the last run left at this site", false)
        .requiredOption("--site <site>", "name of this site, whose cluster is asked")
        .option("--kubeconfig <file>", "kubeconfig of its cluster (default: KUBECONFIG, or ~/.kube/config)")
        .option("--context <name>", "context in it (default: the current one)")
        .option("--record-namespace <namespace>", "where its records are (default: trident-dr, then trident-protect)")
        .option(
            "--takeover <epoch>",
            "the epoch that begins, which acknowledges what is lost; or shop=4,bank=2",
            epochs,
        )
        .option("--yes", "ask nothing; only with --takeover", false)
        .option("--recover-to <point>", "the older point to promote: the name of an archive folder, or a time")
        .addHelpText("after", help)
        .action(async (applications: string[], options: Omit<TakeoverRequest, "applications">, command: Command) => {
            if (options.yes && options.takeover === undefined) {
                command.error("error: --yes: expected --takeover <epoch> with it: what is lost has to be acknowledged");
            }
            if (options.all === applications.length > 0) {
                command.error(`error: expected either names or --all; found ${options.all ? "both" : "neither"}`);
            }
            // What `--help` and a wrong option need not wait for.
            const { takeOver } = await import("./takeover.js");
            code = (await takeOver({ ...options, applications }, terminal)) ? exitCodes.done : exitCodes.failed;
        });
    addVerbs(program, {
        terminal,
        end: (isDone) => (code = isDone ? exitCodes.done : exitCodes.failed),
        ...(open === undefined ? {} : { open }),
    });
    addStatus(program, terminal, (ended) => (code = ended));
    addReadiness(program, terminal, (ended) => (code = ended));
    addTrace(program, (text) => terminal.print(text));
    program.addHelpText("after", completionHelp);
    try {
        if (args.length === 1 && args[0] === versionOption) {
            const { ownVersion } = await import("./project/version.js");
            terminal.print(ownVersion());
            return code;
        }
        if (args[0] === completionCommand) {
            await addCompletion(program);
        }
        await program.parseAsync(withSiteOptions(args), { from: "user" });
        return code;
    } catch (error) {
        if (error instanceof CommanderError) {
            return error.exitCode === 0 ? exitCodes.done : usageCode(args);
        }
        terminal.complain((error as Error).message);
        return exitCodes.failed;
    }
}

/** To whoever goes by the exit code of a status, wrong usage must not look like danger. */
function usageCode([command = ""]: readonly string[]): number {
    return (
        new Map<string, number>([
            ["status", statusExitCodes.failed],
            ["readiness", readinessExitCodes.unknown],
        ]).get(command) ?? exitCodes.usage
    );
}

const help = `
It needs this site's cluster, array and vault, and neither Pulumi nor its state. It goes by what the last "pulumi up"
left at the site. The array's credentials are in the environment: TRIDENT_DR_ONTAP_USERNAME and
TRIDENT_DR_ONTAP_PASSWORD, or TRIDENT_DR_ONTAP_CLIENT_CERTIFICATE and TRIDENT_DR_ONTAP_CLIENT_KEY; the pair's key, if it
has one, is in TRIDENT_DR_PAIR_KEY.

Several are taken over at once, each after those that it comes after. One that is refused or fails stops none of the
others.

Exit codes: 0 the site serves them all, 1 refused or failed, 2 wrong usage.`;

/** An epoch for every one, or one for each that is named. */
function epochs(text: string): AcknowledgedEpochs {
    if (!text.includes("=")) {
        return epoch(text);
    }
    const pairs = text.split(",").map((pair) => /^([^=]+)=(.*)$/.exec(pair) ?? [pair, pair, ""]);
    return new Map(pairs.map(([, name, of]) => [name!, epoch(of!)]));
}

function epoch(text: string): number {
    if (!/^[1-9][0-9]{0,8}$/.test(text)) {
        throw new InvalidArgumentError(`expected the number of an epoch, such as 2; found "${text}"`);
    }
    return Number(text);
}
