import type { Observed } from "../roles/situation";
import type { Step } from "../roles/steps";
import type { HeldVolume, RecoveryPoint, RoleRecord, Unreplicated } from "../roles/record";

/** Said while a step waits, one line each, for example `promoting, 12 s`. */
export type Progress = (line: string) => void;

/**
 * How the steps of a plan are done for one kind of mirror. A driver works at its own site only, and each of its steps
 * looks first: an effect that is there already is not brought about again.
 */
export interface Driver<Seen extends Observed> {
    /** Looks at the site; changes nothing. */
    observe(): Promise<Seen>;
    /** Age in seconds of the newest replication at the standby site, as far as the site that serves can see it. */
    replicationLag(): Promise<number | undefined>;
    /** The calls that a step would make after what was seen, or none when its effect is there. */
    callsOf(step: DriverStep, seen: Seen): readonly string[];
    /** Brings the step's effect about and waits for it. */
    perform(step: DriverStep, seen: Seen, progress: Progress): Promise<void>;
    /** What the volumes hold, as the array tells it; undefined when it does not answer. */
    holdings(): Promise<HeldVolume[] | undefined>;
    /** What was written here since the sites parted, as far as it can be told. Changes nothing. */
    unreplicated(since: RecoveryPoint | undefined): Promise<Unreplicated>;
    /** What the record keeps of a site that serves in this epoch, or that stood down in it, as it was seen. */
    facts(seen: Seen, epoch: number): Facts;
}

/** The steps that are not done by the records and claims themselves. */
export type DriverStep = Exclude<Step, { do: "claim" | "mark" | "record" | "count-unreplicated" }>;

/** A token only once the ShutdownSnapshot of the epoch is complete. */
export type Facts = Pick<RoleRecord, "applicationUid" | "baseSnapshot" | "token">;
