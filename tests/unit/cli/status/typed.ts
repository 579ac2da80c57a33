import type { StatusRequest } from "../../../../cli/status";
import { showStatus } from "../../../../cli/status/show";
import type { Terminal } from "../../../../cli/terminal";
import type { TwoSites } from "./twoSites";

export interface TypedStatus {
    code: number;
    printed: string[];
    complained: string[];
}

const defaults: StatusRequest = {
    names: [],
    json: false,
    prometheus: false,
    watch: false,
    every: 1,
    timeout: 30_000,
};

/** Types `trident-dr status` about two sites. What is printed may be followed as it comes, where somebody watches. */
export async function typeStatus(
    sites: TwoSites,
    change: Partial<StatusRequest>,
    follow: Partial<Terminal> = {},
): Promise<TypedStatus> {
    const printed: string[] = [];
    const complained: string[] = [];
    const code = await showStatus(
        { ...defaults, ...change },
        {
            ...follow,
            print: (line) => {
                printed.push(line);
                follow.print?.(line);
            },
            complain: (line) => complained.push(line),
        },
        sites.surroundings,
    );
    return { code, printed, complained };
}
