import { renameSync, writeFileSync } from "node:fs";
import type { Machine } from "./machine";
import type { Row } from "./rows";

/** Written anew with each row, so that a run that is interrupted keeps what it measured. */
export class Report {
    readonly rows: Row[] = [];

    constructor(
        private readonly file: string,
        private readonly machine: Machine,
        private readonly onRow: (row: Row) => void = () => undefined,
    ) {
        this.write();
    }

    add(...rows: readonly Row[]): void {
        for (const row of rows) {
            this.rows.push(row);
            this.write();
            this.onRow(row);
        }
    }

    /** The same with rows that are not complete yet: each takes the place of the one of before. */
    put(...rows: readonly Row[]): void {
        for (const row of rows) {
            const index = this.rows.findIndex((one) => keyOf(one) === keyOf(row));
            this.rows.splice(index < 0 ? this.rows.length : index, index < 0 ? 0 : 1, row);
        }
        this.write();
    }

    /** Never half: a reader finds the file as it was before the row, or as it is with it. */
    private write(): void {
        const { machine, rows } = this;
        writeFileSync(`${this.file}.new`, `${JSON.stringify({ machine, rows }, undefined, 2)}\n`);
        renameSync(`${this.file}.new`, this.file);
    }
}

function keyOf({ measure, size, latency, peer, goal }: Row): string {
    return JSON.stringify([measure, size, latency, peer?.name, goal]);
}
