import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import { withoutControls } from "../provider/support/printable";

/** Milliseconds between two drawings: elapsed times are in seconds. */
const drawEvery = 1_000;

/** The lines at the bottom of a terminal that are redrawn. */
export class Bottom {
    private readonly draw: ReturnType<typeof createLogUpdate>;
    private lines: (() => readonly string[]) | undefined;
    private timer: NodeJS.Timeout | undefined;

    constructor(stdout: WriteStream) {
        // A cursor that is hidden stays so where the command is killed.
        this.draw = createLogUpdate(stdout, { showCursor: true });
    }

    show(lines: (() => readonly string[]) | undefined): void {
        clearInterval(this.timer);
        this.takeAway();
        this.lines = lines;
        this.redraw();
        this.timer = lines === undefined ? undefined : setInterval(() => this.redraw(), drawEvery).unref();
    }

    above(print: () => void): void {
        this.takeAway();
        print();
        this.redraw();
    }

    private takeAway(): void {
        if (this.lines !== undefined) {
            this.draw.clear();
        }
    }

    private redraw(): void {
        const { lines } = this;
        if (lines !== undefined) {
            this.draw(lines().map(withoutControls).join("\n"));
        }
    }
}
