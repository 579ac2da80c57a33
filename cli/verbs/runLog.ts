import { formatSeconds } from "../../provider/support/duration";
import type { Terminal } from "../terminal";
import { withBar } from "./bar";
import type { Watcher } from "./perform";
import { effectsOf, setCommand, upCommand } from "./planText";
import { Waits } from "./waits";
import { effectsIn } from "./wave";

/**
 * What a verb does while it does it, each line with the time that has passed. Where a terminal can redraw, how long the
 * run takes and what it waits for are shown in place.
 */
export class RunLog {
    private readonly began: number;
    /** What a preview has said already. */
    private said: ReadonlySet<string> = new Set();
    private waits = new Waits();

    /**
     * @param now in milliseconds
     * @param stackOf the stack of a site
     */
    constructor(
        private readonly terminal: Terminal,
        private readonly now: () => number,
        private readonly stackOf: (site: string) => string,
        private readonly keyPrefix: string,
    ) {
        this.began = now();
    }

    readonly watcher: Watcher = {
        set: ({ site, changes }) =>
            changes.forEach((change) => this.say(setCommand(change, this.stackOf(site), this.keyPrefix))),
        began: ({ site, steps }) => {
            const up = upCommand(this.stackOf(site));
            this.say(`${up}   # ${effectsOf(effectsIn(steps))}`);
            this.showLive(up);
        },
        line: (_site, line) => {
            const isShown = this.terminal.live !== undefined && this.waits.take(line);
            if (!isShown && !isAnnounced(line) && !this.said.has(line)) {
                this.say(`  ${withBar(line)}`);
            }
        },
        ended: (site, { ok }) => {
            this.showNothingLive();
            this.say(ok ? `${site}: done` : `${site}: pulumi up failed`);
        },
        taking: (site, items) => this.showLive(`trident-dr takes over ${items.join(", ")} at ${site}`),
        taken: () => this.showNothingLive(),
    };

    say(line: string): void {
        this.terminal.print(this.timed(line));
    }

    /** Lines that are not said again. */
    leaveOut(lines: readonly string[]): void {
        this.said = new Set(lines);
    }

    /** A run that could not be waited for to its end has none. */
    showNothingLive(): void {
        this.terminal.live?.(undefined);
    }

    get took(): string {
        return formatSeconds((this.now() - this.began) / 1000);
    }

    private showLive(what: string): void {
        const since = this.now();
        this.waits = new Waits();
        this.terminal.live?.(() => [
            this.timed(`${what}, for ${clock(this.now() - since)}`),
            ...this.waits.lines().map((line) => `${" ".repeat(10)}${line}`),
        ]);
    }

    private timed(line: string): string {
        return `${clock(this.now() - this.began).padStart(6)}  ${line}`;
    }
}

/** A run prints its plan before it begins; what it then does, it prints as it does it. */
function isAnnounced(line: string): boolean {
    return /^\S+ at \S+: \d+\. /.test(line);
}

/** `1:05`: minutes and seconds. */
function clock(milliseconds: number): string {
    const seconds = Math.floor(milliseconds / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
