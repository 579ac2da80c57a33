import { withBar } from "./bar";

/** More waits than these are counted: the lines have to fit on a screen. */
const mostShown = 8;

/** What a run waits for, by what its items say: the newest line of each wait, until its item says something else. */
export class Waits {
    private readonly newest = new Map<string, string>();

    /** @returns whether the line says how a wait goes on, and nothing else */
    take(line: string): boolean {
        const wait = /^.+?: waiting (?:for|until) .*?(?=: |, \d+ s)/.exec(line)?.[0];
        if (wait !== undefined) {
            this.newest.set(wait, line);
            return true;
        }
        const who = /^.+?: /.exec(line)?.[0];
        const over = [...this.newest.keys()].filter((one) => who !== undefined && one.startsWith(who));
        over.forEach((one) => this.newest.delete(one));
        return false;
    }

    lines(): string[] {
        const all = [...this.newest.values()].map(withBar);
        const more = all.length - mostShown;
        return more <= 0 ? all : [...all.slice(0, mostShown), `and ${more} more that wait`];
    }
}
