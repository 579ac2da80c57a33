import path from "node:path";
import { z } from "zod";
import type { ArrayFacts } from "../array/simulators";
import { type Goal, timesLess } from "../goals";
import type { Commanded } from "../../lab/ansible/command";
import type { Python } from "../../lab/ansible/python";
import { playbookOf } from "./failovers";

export const operations = ["break", "resync", "reverse"] as const;

/** Seconds of each. */
export type Durations = Readonly<Record<(typeof operations)[number], number>>;

/** Mirrors of volumes that are to be broken, resynchronised and turned round. */
export interface ArrayTask {
    source: ArrayFacts;
    destination: ArrayFacts;
    volumes: readonly string[];
}

/** A client of arrays that somebody else made. */
export interface ArrayPeer {
    name: string;
    goal: Goal;
    /** @param file the task as JSON */
    run(task: ArrayTask, file: string): Promise<Durations>;
}

/** @param folder where Ansible may keep what it needs */
export function arrayPeers(python: Python, folder: string): ArrayPeer[] {
    const environment = { ANSIBLE_HOME: folder, ANSIBLE_LOCAL_TEMP: folder };
    return [
        {
            name: "netapp-ontap, one by one",
            goal: timesLess(3),
            run: async (_task, file) =>
                durationsIn(await python.script(path.join(__dirname, "array", "volumes.py"), [file])),
        },
        {
            name: "Ansible, na_ontap_snapmirror in a loop",
            goal: timesLess(10),
            run: async (task) => {
                const seconds: Record<string, number> = {};
                for (const operation of operations) {
                    const done = await python.playbook(playbookOf(`snapmirror-${operation}.yml`), task, environment);
                    seconds[operation] = mustHaveEnded(done).seconds;
                }
                return durations.parse(seconds);
            },
        },
    ];
}

const durations = z.object({ break: z.number(), resync: z.number(), reverse: z.number() });

/** Of a client that prints them, in its last line. */
export function durationsIn(done: Commanded): Durations {
    return durations.parse(JSON.parse(mustHaveEnded(done).output.trim().split("\n").at(-1)!));
}

function mustHaveEnded(done: Commanded): Commanded {
    if (!done.ok) {
        throw new Error(`A client of the arrays failed:\n${done.output.trim().slice(-300)}`);
    }
    return done;
}
