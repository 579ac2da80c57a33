import { z } from "zod";
import { secondsOfIsoDuration } from "../../support/duration";
import { codeSchema, openString, referenceSchema } from "./answers";
import { unlessGone, type Calls } from "./calls";
import type { Query } from "./options";
import { apiPath } from "./paths";

/** States of a relationship. `paused` is quiesced; the last ones belong to synchronous policies. */
export type RelationshipState =
    | "uninitialized"
    | "snapmirrored"
    | "broken_off"
    | "paused"
    | "in_sync"
    | "out_of_sync"
    | "synchronizing"
    | "expanding"
    | "shrinking";

/** States of a transfer. */
export type TransferState = "queued" | "transferring" | "success" | "failed" | "aborted" | "hard_aborted";

const endSchema = z.object({
    /** `svm:volume`. */
    path: z.string(),
    svm: referenceSchema.optional(),
    cluster: referenceSchema.optional(),
});

const relationshipSchema = z.object({
    uuid: z.string(),
    source: endSchema,
    destination: endSchema,
    state: openString<RelationshipState>().optional(),
    healthy: z.boolean().optional(),
    /** Up to four nested causes, the outermost first. */
    unhealthy_reason: z.array(z.object({ code: codeSchema.optional(), message: z.string().optional() })).default([]),
    /** ISO 8601 duration; absent before the first transfer. */
    lag_time: z.string().optional(),
    /** Snapshot that the destination shows. */
    exported_snapshot: z.string().optional(),
    last_transfer_type: z.string().optional(),
    policy: z.object({ name: z.string().optional(), type: z.string().optional() }).optional(),
    /** The relationship's own schedule, else its policy's. */
    transfer_schedule: z.object({ name: z.string().optional() }).optional(),
    transfer: z
        .object({
            uuid: z.string().optional(),
            state: openString<TransferState>().optional(),
            bytes_transferred: z.number().optional(),
            /** ISO 8601 duration; of a transfer that is going on, how long it has taken so far. */
            total_duration: z.string().optional(),
            end_time: z.string().optional(),
        })
        .optional(),
});

/** A SnapMirror relationship as its destination's cluster shows it (docs/facts/ontap.md). */
export type Relationship = z.infer<typeof relationshipSchema>;

const destinationSchema = z.object({ uuid: z.string(), source: endSchema, destination: endSchema });

/** A relationship as its source's cluster knows it: neither state, nor health, nor lag. */
export type KnownDestination = z.infer<typeof destinationSchema>;

const transferSchema = z.object({
    uuid: z.string(),
    state: openString<TransferState>().optional(),
    bytes_transferred: z.number().optional(),
    snapshot: z.string().optional(),
    end_time: z.string().optional(),
    error_info: z.object({ code: codeSchema.optional(), message: z.string().optional() }).optional(),
});

/** A transfer that is going on, or ended within the last 24 hours. */
export type Transfer = z.infer<typeof transferSchema>;

const relationshipFields =
    "uuid,source,destination,state,healthy,unhealthy_reason,lag_time,exported_snapshot,last_transfer_type,policy.name,policy.type,transfer_schedule.name,transfer";

export interface NewRelationship {
    /** `svm:volume`; the SVM by the name under which it is known here. */
    source: string;
    destination: string;
    sourceCluster?: string | undefined;
    policy?: string | undefined;
    /** Name of a cron schedule of this cluster. */
    schedule?: string | undefined;
    /** Let ONTAP make the destination volume, of the source's size, on an aggregate that it chooses. */
    createDestination?: boolean | undefined;
}

/** What of a relationship can be changed without touching its data. */
interface RelationshipChange {
    policy?: string | undefined;
    /** Name of a cron schedule of this cluster. */
    schedule?: string | undefined;
}

/** Flags of a change of state. Each goes with the states that its comment names; ONTAP refuses it elsewhere. */
export interface SetStateOptions {
    /** With `broken_off`: return the destination to this snapshot. */
    restoreToSnapshot?: string | undefined;
    /** With `broken_off`: override what ONTAP finds wrong, e.g. that the peer does not answer (262224). */
    force?: boolean | undefined;
    /** Milliseconds for the change to be triggered. Default: the client's time for a job. */
    jobTimeout?: number | undefined;
}

/**
 * What a removal takes away. There is no removal of both ends at once here: that form of ONTAP's call deletes the
 * common snapshots too, and with them the way back without a new baseline.
 */
export type RemovalKind =
    /** To the destination's cluster: the relationship; the source keeps its record and the common snapshots. */
    | "destinationOnly"
    /** To the source's cluster: its record; the common snapshots stay. */
    | "sourceInfoOnly"
    /** To the source's cluster: its record and SnapMirror's own snapshots there. No resync is possible after it. */
    | "sourceAndSnapshots";

const removalFlags: Record<RemovalKind, string> = {
    destinationOnly: "destination_only",
    sourceInfoOnly: "source_info_only",
    sourceAndSnapshots: "source_only",
};

/** SnapMirror relationships. Each call goes to the destination's cluster, save where it says otherwise. */
export class Relationships {
    constructor(private readonly calls: Calls) {}

    /** The relationship into a volume; a path has one at most. */
    async byDestination(path: string): Promise<Relationship | undefined> {
        return (await this.find({ "destination.path": path })).find((one) => one.destination.path === path);
    }

    /** The relationships into an SVM's volumes. */
    async ofDestinationSvm(svm: string): Promise<Relationship[]> {
        const found = await this.find({ "destination.svm.name": svm });
        return found.filter(({ destination }) => destination.path.startsWith(`${svm}:`));
    }

    /** At the source's cluster: the relationships out of an SVM's volumes. They appear with their first transfer. */
    async knownDestinations(sourceSvm: string): Promise<KnownDestination[]> {
        const known = await this.calls.all("/snapmirror/relationships", destinationSchema, {
            list_destinations_only: true,
            fields: "uuid,source,destination",
        });
        return known.filter((one) => one.source.path.startsWith(`${sourceSvm}:`));
    }

    /** Makes a relationship; gives it back as the array then shows it. */
    create(relationship: NewRelationship, about?: string): Promise<Relationship> {
        const { source, destination, sourceCluster, policy, schedule, createDestination } = relationship;
        const body = {
            source: { path: source, cluster: named(sourceCluster) },
            destination: { path: destination },
            policy: named(policy),
            transfer_schedule: named(schedule),
            create_destination: createDestination === true ? { enabled: true } : undefined,
        };
        const options = { about: about ?? `${source} to ${destination}`, body };
        return this.calls.writeUntilSeen("POST", "/snapmirror/relationships", options, {
            what: `the relationship into ${destination}`,
            look: () => this.byDestination(destination),
        });
    }

    /** Changes policy or schedule; the next transfer goes by them. */
    modify(uuid: string, { policy, schedule }: RelationshipChange, about?: string): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/snapmirror/relationships/${uuid}`, {
            about,
            body: { policy: named(policy), transfer_schedule: named(schedule) },
        });
    }

    /** Asks for a state. The job's success means that the change was triggered: look at the state after it. */
    setState(
        uuid: string,
        state: "snapmirrored" | "in_sync" | "paused" | "broken_off",
        options: SetStateOptions = {},
        about?: string,
    ): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/snapmirror/relationships/${uuid}`, {
            about: about ?? `state ${state}`,
            jobTimeout: options.jobTimeout,
            query: { force: options.force === true ? true : undefined },
            body: { state, restore_to_snapshot: options.restoreToSnapshot },
        });
    }

    /**
     * Breaks by the command line's own call, which is done at the destination alone: for a volume whose source is dark
     * and whose break is refused by REST for that reason.
     */
    breakByCommand(destination: string, about?: string): Promise<void> {
        return this.calls.write("POST", "/private/cli/snapmirror/break", {
            about: about ?? destination,
            body: { "destination-path": destination },
        });
    }

    /** Starts a transfer: the first one initialises, a later one updates. It is no job: look at the transfers. */
    transfer(uuid: string, options: { sourceSnapshot?: string } = {}, about?: string): Promise<void> {
        return this.calls.write("POST", apiPath`/snapmirror/relationships/${uuid}/transfers`, {
            about,
            body: { source_snapshot: options.sourceSnapshot },
        });
    }

    transfers(uuid: string): Promise<Transfer[]> {
        return this.calls.all(apiPath`/snapmirror/relationships/${uuid}/transfers`, transferSchema, {
            fields: "uuid,state,bytes_transferred,snapshot,end_time,error_info",
        });
    }

    /** Aborts a transfer, and keeps its restart checkpoint. One that is gone already is no error. */
    abort(uuid: string, transferUuid: string, about?: string): Promise<void> {
        return unlessGone(
            this.calls.write("PATCH", apiPath`/snapmirror/relationships/${uuid}/transfers/${transferUuid}`, {
                about,
                body: { state: "aborted" },
            }),
        );
    }

    /** Removes what the kind names; what is gone already is no error. */
    remove(uuid: string, kind: RemovalKind, about?: string): Promise<void> {
        const flag = removalFlags[kind];
        return unlessGone(
            this.calls.writeByJob("DELETE", apiPath`/snapmirror/relationships/${uuid}`, {
                about: about ?? flag,
                query: { [flag]: true },
            }),
        );
    }

    private find(filter: Query): Promise<Relationship[]> {
        return this.calls.all("/snapmirror/relationships", relationshipSchema, {
            ...filter,
            fields: relationshipFields,
        });
    }
}

/** A reference by name; what is undefined is left out of a request. */
function named(name: string | undefined): { name: string } | undefined {
    return name === undefined ? undefined : { name };
}

/** Seconds since the snapshot that the destination shows was taken; undefined before the first transfer. */
export function lagSeconds(relationship: Relationship): number | undefined {
    return relationship.lag_time === undefined ? undefined : secondsOfIsoDuration(relationship.lag_time);
}

/** Why a relationship is not healthy, the innermost cause first; empty when it is. */
export function whyUnhealthy(relationship: Relationship): string {
    if (relationship.healthy !== false) {
        return "";
    }
    const reasons = relationship.unhealthy_reason.map((reason) => reason.message ?? `code ${reason.code}`);
    return reasons.length === 0 ? "ONTAP gives no reason" : reasons.reverse().join("; ");
}
