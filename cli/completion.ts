import type { Command } from "commander";

/** What a shell types for its completion, or a person to get the script that makes it do so. */
export const completionCommand = "complete";

export const completionHelp = `
Completion in a shell:
  source <(trident-dr complete bash)        bash; the same with zsh
  trident-dr complete fish | source         fish`;

/** Adds what completes the command's own verbs and options. Loaded only where it is asked for. */
export async function addCompletion(program: Command): Promise<void> {
    const { default: tab } = await import("@bomb.sh/tab/commander");
    tab(program);
}
