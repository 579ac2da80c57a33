import { main } from "../../../../cli/main";
import type { Watcher } from "../../../../cli/verbs/perform";
import type { BothSites } from "../../../../cli/verbs/sites";

export interface Typed {
    code: number;
    output: string;
}

/** Types a command about two stacks; whoever is at the terminal answers, and may do something before that. */
export async function typeAt(both: BothSites, line: string, answer?: () => Promise<string>): Promise<Typed> {
    const said: string[] = [];
    const say = (text: string) => said.push(text);
    const terminal = { print: say, complain: say, ...(answer === undefined ? {} : { ask: answer }) };
    const code = await main(line.split(" "), terminal, { open: () => Promise.resolve(both) });
    return { code, output: said.join("\n") };
}

/** Watches a verb, and tells nobody. */
export const silent: Watcher = {
    set: () => undefined,
    began: () => undefined,
    line: () => undefined,
    ended: () => undefined,
    taking: () => undefined,
    taken: () => undefined,
};
