import { z } from "zod";

/**
 * Faults of a simulator: `POST /lab/faults` (as `admin`, a JSON list) adds some, `GET` lists those that still stand,
 * `DELETE` removes all, `DELETE /lab/faults/<id>` one. They live in memory: a restart clears them. What each kind does
 * is told in README.md.
 */
const request = {
    method: z.string().optional(),
    path: z.string().optional(),
    user: z.string().optional(),
    times: z.number().int().positive().optional(),
};
const failure = { code: z.string().default("13"), message: z.string().default("Injected failure") };

const faultSchema = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("latency"), ...request, milliseconds: z.number() }),
    z.strictObject({ kind: z.literal("error"), ...request, status: z.number().int(), ...failure }),
    z.strictObject({ kind: z.literal("drop"), ...request }),
    z.strictObject({ kind: z.literal("jobFailure"), ...request, ...failure }),
    z.strictObject({ kind: z.literal("slowJob"), ...request, milliseconds: z.number() }),
    z.strictObject({ kind: z.literal("emptyGet"), ...request }),
    z.strictObject({ kind: z.literal("shortPages"), ...request, records: z.number().int().positive() }),
    z.strictObject({ kind: z.literal("narrowRole"), ...request }),
    z.strictObject({ kind: z.literal("clockSkew"), milliseconds: z.number() }),
    z.strictObject({ kind: z.literal("peerLinkDown") }),
    z.strictObject({ kind: z.literal("breakNeedsPeer"), ...request, milliseconds: z.number().default(1000) }),
    z.strictObject({ kind: z.literal("transferFailure"), ...request, ...failure, bytes: z.number().default(0) }),
    z.strictObject({ kind: z.literal("bandwidth"), bytesPerSecond: z.number().positive() }),
    z.strictObject({ kind: z.literal("space"), ...request }),
]);

type Fault = z.infer<typeof faultSchema>;
type FaultKind = Fault["kind"];
type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

interface Standing {
    id: number;
    fault: Fault;
    left?: number;
}

/** What a fault is held against. */
interface Occasion {
    method?: string;
    path?: string;
    user?: string;
}

export class Faults {
    private standing: Standing[] = [];
    private nextId = 1;
    /** Called after every change, for the faults that are a condition and not an event. */
    onChange: () => void = () => undefined;

    /** Adds faults given as JSON; throws a ZodError when they are none. */
    add(input: unknown): number[] {
        const faults = z.array(faultSchema).parse(Array.isArray(input) ? input : [input]);
        const added = faults.map((fault) => ({
            id: this.nextId++,
            fault,
            left: "times" in fault ? fault.times : undefined,
        }));
        this.standing.push(...added);
        this.onChange();
        return added.map(({ id }) => id);
    }

    list(): object[] {
        return this.standing.map(({ id, fault, left }) => ({ id, ...fault, ...(left === undefined ? {} : { left }) }));
    }

    clear(id?: number): void {
        this.standing = id === undefined ? [] : this.standing.filter((one) => one.id !== id);
        this.onChange();
    }

    /** The first fault of a kind that fits the occasion; it counts as having struck once. */
    strike<K extends FaultKind>(kind: K, occasion: Occasion = {}): FaultOf<K> | undefined {
        const found = this.standing.find(({ fault }) => fault.kind === kind && fits(fault, occasion));
        if (found?.left !== undefined && --found.left === 0) {
            this.standing = this.standing.filter((one) => one !== found);
        }
        return found?.fault as FaultOf<K> | undefined;
    }

    /** Like `strike`, but without counting. */
    stands<K extends FaultKind>(kind: K, occasion: Occasion = {}): FaultOf<K> | undefined {
        return this.standing.find(({ fault }) => fault.kind === kind && fits(fault, occasion))?.fault as
            FaultOf<K> | undefined;
    }
}

function fits(fault: Fault, occasion: Occasion): boolean {
    const wanted = fault as { method?: string; path?: string; user?: string };
    return (
        (wanted.method === undefined || wanted.method.toUpperCase() === occasion.method) &&
        (wanted.user === undefined || wanted.user === occasion.user) &&
        (wanted.path === undefined || (occasion.path !== undefined && glob(wanted.path, occasion.path)))
    );
}

function glob(pattern: string, subject: string): boolean {
    const expression = pattern
        .split("*")
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
        .join(".*");
    return new RegExp(`^${expression}$`).test(subject);
}
