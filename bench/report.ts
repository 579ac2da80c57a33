import { renameSync, writeFileSync } from "node:fs";
import type { LatencyName } from "./latency";
import type { Machine } from "./machine";
import type { Row } from "./rows";

/** The stages of one run, as `trident-dr trace` prints them. */
export interface Trace {
    what: string;
    size: number;
    latency: LatencyName;
    lines: readonly string[];
}

/** What is in a report. */
export interface Kept {
    /** Default: nobody knows. */
    machine?: Machine;
    rows: readonly Row[];
    /** Default: none. */
    traces?: readonly Trace[];
}

/** Written anew with each row, so that a run that is interrupted keeps what it measured. */
export class Report {
    readonly rows: Row[];
    private readonly traces: Trace[];

    /** @param before what an earlier run of the benchmark left: what is measured again takes its place */
    constructor(
        private readonly file: string,
        private readonly machine: Machine,
        private readonly onRow: (row: Row) => void = () => undefined,
        before: Kept = { rows: [] },
    ) {
        this.rows = [...before.rows];
        this.traces = [...(before.traces ?? [])];
        this.write();
    }

    add(...rows: readonly Row[]): void {
        for (const row of rows) {
            this.put(row);
            this.onRow(row);
        }
    }

    /** The same with rows that are not complete yet: each takes the place of the one of before. */
    put(...rows: readonly Row[]): void {
        for (const row of rows) {
            const index = this.rows.findIndex((one) => keyOf(one) === keyOf(row));
            this.rows.splice(index < 0 ? this.rows.length : index, index < 0 ? 0 : 1, row);
            const missed = this.rows.findIndex((one) => isMissed(one, row));
            this.rows.splice(missed, missed < 0 ? 0 : 1);
        }
        this.write();
    }

    /** Where a run spent its time: what explains the rows. */
    keep(trace: Trace): void {
        const isSame = ({ what, size, latency }: Trace) =>
            what === trace.what && size === trace.size && latency === trace.latency;
        const index = this.traces.findIndex(isSame);
        this.traces.splice(index < 0 ? this.traces.length : index, index < 0 ? 0 : 1, trace);
        this.write();
    }

    /** Never half: a reader finds the file as it was before the row, or as it is with it. */
    private write(): void {
        const { machine, rows, traces } = this;
        writeFileSync(`${this.file}.new`, `${JSON.stringify({ machine, rows, traces }, undefined, 2)}\n`);
        renameSync(`${this.file}.new`, this.file);
    }
}

/** Whether a row says that a peer was not run, for which there is one now. */
function isMissed({ measure, size, latency, notRun }: Row, now: Row): boolean {
    return (
        notRun !== undefined &&
        measure === `${now.measure}, ${now.peer?.name}` &&
        size === now.size &&
        latency === now.latency
    );
}

function keyOf({ measure, size, latency, peer, goal }: Row): string {
    return JSON.stringify([measure, size, latency, peer?.name, goal]);
}
