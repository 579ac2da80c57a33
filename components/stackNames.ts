import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./validation/problems";

/** The full name of this stack: `<organization>/<project>/<stack>`. */
export function ownStackName(): string {
    return `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
}

/** The full name of the stack to read as the peer's, or undefined when none is to be read. */
export function peerStackName({ peer, peerStack }: { peer: string; peerStack?: string }): string | undefined {
    return peerStack === "none" ? undefined : (peerStack ?? siblingStackName(ownStackName(), peer));
}

/** The stack of each site whose stack is not named after it; undefined when both are. */
export function stacksNamedDifferently(args: {
    site: string;
    peer: string;
    peerStack?: string;
}): Record<string, string> | undefined {
    const own = ownStackName();
    const stacks = { [args.site]: own, [args.peer]: peerStackName(args) ?? siblingStackName(own, args.peer) };
    const differing = Object.entries(stacks)
        .map(([site, stack]) => [site, withinProject(stack, own)] as const)
        .filter(([site, stack]) => site !== stack);
    return differing.length === 0 ? undefined : Object.fromEntries(differing);
}

/** A stack must not read itself as its peer's: most often, one site's configuration is in the other site's stack. */
export function peerStackProblems(
    key: string,
    { peer, peerStack }: { peer: string; peerStack?: unknown },
    own: string,
): Problem[] {
    return (peerStack ?? siblingStackName(own, peer)) === own
        ? [{ key, expected: `the stack of ${peer}`, found: `${own}, which is this very stack` }]
        : [];
}

/** The full name of another stack of the same project. */
function siblingStackName(own: string, stack: string): string {
    return [...own.split("/").slice(0, -1), stack].join("/");
}

/** A stack's name as the CLI accepts it in the folder of the project that `own` belongs to. */
function withinProject(stack: string, own: string): string {
    const project = siblingStackName(own, "");
    return stack.startsWith(project) ? stack.slice(project.length) : stack;
}
