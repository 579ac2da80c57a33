/**
 * Puts the names of stacks into the commands of a message: whoever writes one names the stack of a site by the site.
 *
 * @param stacks name of the stack of each site whose stack is not named like it
 */
export function withStackNames(message: string, stacks: Readonly<Record<string, string>> = {}): string {
    return message.replace(/--stack ([a-z0-9-]+)/g, (asWritten, site: string) => {
        const stack = stacks[site];
        return stack === undefined ? asWritten : `--stack ${stack}`;
    });
}
