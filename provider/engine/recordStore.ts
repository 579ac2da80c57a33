import type { Cluster } from "../clients/kubernetes/cluster";
import { kinds } from "../clients/kubernetes/kinds";
import { upCommand } from "../roles/messages/commands";
import { type Command, text, MessageError } from "../roles/messages/message";
import type { RecordPlace } from "./inputs";
import { type Namespaces, recordedNamespaces } from "../roles/namespaces";
import { recordedSelector } from "../roles/recordedSelector";
import type { LabelSelector } from "../support/labelSelector";
import { emptyRecord, parseRecord, type RoleRecord, withNewestChanges } from "../roles/record";
import { recordName } from "../roles/recordName";
import type { RecordFault, RecordMove, RecordTrust } from "../roles/situation";
import { defined } from "../support/defined";
import { parseJson } from "../support/json";
import { printable } from "../support/printable";
import { noSeal, type Seal } from "../support/seal";

/**
 * The store of an item's record at a site, in a namespace there.
 *
 * @param before the namespace in which earlier versions kept it. Default: the same
 */
export function recordStoreOf(
    cluster: Pick<Cluster, "get" | "apply" | "delete">,
    {
        application,
        site,
        peerSite,
        kind,
        labelSelector,
        ...placed
    }: {
        application: string;
        site: string;
        peerSite: string;
        kind?: string;
        labelSelector?: LabelSelector | undefined;
    } & Partial<Namespaces>,
    namespace: string,
    seal: Seal = noSeal,
    before: string = namespace,
): RecordStore {
    const place = { name: recordName(application), namespace };
    const earlier = { ...place, namespace: before };
    const said = { namespaces: recordedNamespaces(placed), labelSelector: recordedSelector(labelSelector) };
    return new RecordStore(
        cluster,
        place,
        { application, site, peer: peerSite, ...defined({ kind, ...said }) },
        seal,
        before === namespace ? undefined : { place: earlier, remove: () => cluster.delete(kinds.configMap, earlier) },
    );
}

/** The record of another item of the same stack, which no copy in a state speaks for; undefined when there is none. */
export function otherRecord(
    cluster: Pick<Cluster, "get" | "apply" | "delete">,
    { site, peerSite }: { site: string; peerSite: string },
    { application, namespace, before }: RecordPlace,
    seal: Seal,
): Promise<RoleRecord | undefined> {
    return recordStoreOf(cluster, { application, site, peerSite }, namespace, seal, before).readTrusted();
}

/** Whose record it is. */
interface Identity extends Pick<RoleRecord, "application" | "site" | "peer"> {
    /** Where the item is, where that differs between the sites. */
    namespaces?: RoleRecord["namespaces"];
    /** By which labels objects belong to the item, where not all of its namespaces do. */
    labelSelector?: RoleRecord["labelSelector"];
    /** `volumes` for a group of them: no mirror brings its record to the other site. */
    kind?: string;
}

interface Place {
    name: string;
    namespace: string;
}

/** Where earlier versions kept a record, in reach of whoever may edit the application's namespace. */
interface EarlierPlace {
    place: Place;
    remove(): Promise<void>;
}

/** What is at the site of an item's record. */
export interface StoredRecord {
    /** The one that counts; undefined when there is none. */
    record: RoleRecord | undefined;
    /** Whether one is left in the earlier place, and whether it is still the one that counts. Default: none. */
    move?: RecordMove;
}

/** Whether there is a record, and not only in the earlier place. */
export function isInPlace({ record, move }: StoredRecord): boolean {
    return record !== undefined && move?.isCopied !== false;
}

/** The record that counts, and how far it can be believed. */
export interface BelievedRecord {
    /** The newer of the one at the site and the one that the stack's state remembers; the empty one without either. */
    own: RoleRecord;
    trust: RecordTrust;
    move?: RecordMove;
}

/** Keeps an item's role record at its site, in a ConfigMap. */
export class RecordStore {
    constructor(
        private readonly cluster: Pick<Cluster, "get" | "apply">,
        private readonly place: Place,
        private readonly identity: Identity,
        /** How records are authenticated, this one and the peer's. */
        readonly seal: Seal = noSeal,
        private readonly earlier?: EarlierPlace,
    ) {}

    /**
     * Which record counts. Once the state remembers one that was kept in its place, the one in the earlier place counts no
     * more, even where that one is gone: the state's counts then. One that the state knows nothing of is not believed at
     * all: with a MAC or without, whoever may edit that namespace can have put it there.
     */
    believed(found: StoredRecord, remembered: unknown): BelievedRecord {
        const fromState = this.oursIn(remembered);
        const wasMoved = fromState?.keptIn !== undefined;
        const { record, move } =
            wasMoved && found.move?.isCopied === false
                ? { record: undefined, move: { ...found.move, isCopied: true } }
                : found;
        const own = this.newer(record, remembered);
        const trust = this.trust(record, remembered, move);
        const alone = fromState === undefined && move?.isCopied === false ? [this.onlyCopy(move)] : [];
        return { own, trust: { ...trust, faults: [...trust.faults, ...alone] }, ...defined({ move }) };
    }

    /**
     * The newer of the record at the site and the one that the stack's state remembers; the empty one without either.
     * Whether it may be believed is another question: {@link trust}.
     */
    newer(kept: RoleRecord | undefined, remembered: unknown): RoleRecord {
        const fromState = this.oursIn(remembered);
        if (kept === undefined || fromState === undefined) {
            const { application, site, peer, namespaces, labelSelector } = this.identity;
            // A site that waits publishes it: the peer verifies that, too.
            const empty = { ...emptyRecord(application, site, peer), ...defined({ namespaces, labelSelector }) };
            return kept ?? fromState ?? this.seal.on<RoleRecord>("record", empty);
        }
        return kept.serial >= fromState.serial ? kept : fromState;
    }

    /** How far the record that counts can be believed, by the MACs of both copies of it. */
    trust(kept: RoleRecord | undefined, remembered: unknown, move?: RecordMove): RecordTrust {
        const own = this.newer(kept, remembered);
        const copies = [
            { where: move?.isCopied === false ? move.from : this.describe(), record: kept },
            { where: `the record in the state of the stack of ${this.identity.site}`, record: this.oursIn(remembered) },
        ];
        const hadMac = copies.some(({ record }) => record?.mac !== undefined);
        return {
            faults: copies.flatMap(({ where, record }) => {
                const is = record === undefined ? undefined : this.faultOf(record, own, hadMac);
                return is === undefined ? [] : [{ where, is }];
            }),
            isStale: own.serial > 0 && !this.isAuthenticated(own),
            accepts: !this.seal.hasKey ? "everything" : this.seal.acceptsMissing ? "what has no MAC" : "nothing",
        };
    }

    /** Whether the record carries the MAC that it would be written with now. */
    isAuthenticated(record: RoleRecord): boolean {
        return !this.seal.hasKey || this.seal.verdict("record", record) === "current";
    }

    /** The record in the ConfigMap. One that another site wrote, brought along by a restore, is not ours. */
    async read(): Promise<RoleRecord | undefined> {
        const { place, earlier } = this;
        const record = await this.readAt(place, earlier?.place.namespace);
        return record ?? (earlier && this.readAt(earlier.place));
    }

    /**
     * The record, and whether it has to be moved. As soon as there is one in its place, the one in the earlier place
     * counts no more, whatever its serial says: there, others can write it.
     */
    async look(): Promise<StoredRecord> {
        if (this.earlier === undefined) {
            return { record: await this.readAt(this.place) };
        }
        const { place } = this.earlier;
        const record = await this.readAt(this.place, place.namespace);
        const left = await this.readAt(place).catch((error: unknown) => {
            // What counts no more need not be readable.
            if (record !== undefined && error instanceof MessageError) {
                return undefined;
            }
            throw error;
        });
        return left === undefined
            ? { record }
            : { record: record ?? left, move: { from: describePlace(place), isCopied: record !== undefined } };
    }

    /** Removes what is left in the earlier place. */
    async removeEarlier(): Promise<void> {
        await this.earlier?.remove();
    }

    /** @param applicationIn the application's namespace, where the place is another one, which pairs may share */
    private async readAt(place: Place, applicationIn?: string): Promise<RoleRecord | undefined> {
        const found = await this.cluster.get(kinds.configMap, place);
        const stored = found?.data?.["record"];
        if (stored === undefined) {
            return undefined;
        }
        const parsed = parseRecord(parseJson(stored));
        if (!parsed.ok) {
            throw this.unreadable(place, parsed.why);
        }
        if (applicationIn !== undefined) {
            this.requireOwn(parsed.record, found?.metadata.annotations?.[applicationInAnnotation], applicationIn);
        }
        if (this.identity.kind === "volumes") {
            this.requireApart(parsed.record);
        }
        return this.isOurs(parsed.record) ? parsed.record : undefined;
    }

    /**
     * Two pairs of one cluster may have applications of one name. One whose record says nothing any more may be declared
     * anew in other namespaces.
     */
    private requireOwn({ site, role, underWay }: RoleRecord, foundIn: string | undefined, applicationIn: string): void {
        const own = this.identity;
        // That of the pair's other site may be there after a restore of the whole cluster; it does not count.
        const isOfPair = site === own.site || site === own.peer;
        const isOwn = isOfPair && (foundIn === undefined || foundIn === applicationIn);
        if (isOwn || (role === "none" && underWay === undefined)) {
            return;
        }
        const where = foundIn === undefined ? "" : ` in namespace ${printable(foundIn)}`;
        throw new MessageError(
            text`${own.site}: ${this.describe()} is the record of another ${own.application}, that of site ${printable(site)}${where}; expected ${own.application} of site ${own.site} in namespace ${applicationIn}. Another pair keeps its records there, too. Nothing was changed. Give this pair a recordNamespace of its own, or the application another name; then ${upCommand(own.site)}`,
        );
    }

    /** Two stacks that keep their records in one place would replace each other's, and nothing there tells which was newer. */
    private requireApart({ site, application, role }: RoleRecord): void {
        const own = this.identity;
        if (site === own.peer && application === own.application && role !== "none") {
            throw new MessageError(
                text`${own.site}: ${this.describe()} is the record of ${own.application} at ${site}, which this stack would replace: the stacks of both sites keep their records in one namespace of one cluster. Nothing was changed. Point each stack at its own cluster, or give one of them another recordNamespace. If it was brought here by a restore: kubectl -n ${this.place.namespace} delete configmap ${this.place.name} at ${own.site}; then ${upCommand(own.site)}`,
            );
        }
    }

    /** The record in the ConfigMap, for those who have no state to compare it with; a failure where it is not authentic. */
    async readTrusted(): Promise<RoleRecord | undefined> {
        const record = await this.read();
        this.requireTrust(this.trust(record, undefined));
        return record;
    }

    /** Fails where a copy of the record is not authentic. */
    requireTrust({ faults }: RecordTrust): void {
        const { site, application } = this.identity;
        if (faults.length > 0) {
            throw new MessageError(
                text`${site}: the record of ${application} cannot be trusted: ${faults.map(({ where, is }) => `${where} is ${is}`).join("; ")}. Run ${{ pulumi: "preview", site }}, which says how to go on`,
            );
        }
    }

    /**
     * Writes the record with the next serial, and returns it as written. Nothing is written that the next run could not
     * read.
     */
    async write(record: RoleRecord): Promise<RoleRecord> {
        const keptIn = this.earlier === undefined ? {} : { keptIn: this.place.namespace };
        // One that was declared otherwise once says nothing of that any more.
        const { namespaces: _places, labelSelector: _labels, ...rest } = record;
        const { namespaces, labelSelector } = this.identity;
        const said = { ...rest, ...keptIn, ...defined({ namespaces, labelSelector }) };
        const written: RoleRecord = this.seal.on("record", { ...said, serial: record.serial + 1 });
        const parsed = parseRecord(written);
        if (!parsed.ok) {
            const { site, application } = this.identity;
            throw new MessageError(
                text`${site}: the new record of ${application} could not be read back (${printable(parsed.why)}), and was not written: the one in ${this.describe()} stays. What was done so far is not undone, and ${upCommand(site)} continues from there`,
            );
        }
        await this.cluster.apply({
            apiVersion: kinds.configMap.apiVersion,
            kind: kinds.configMap.kind,
            metadata: {
                ...this.place,
                ...(this.earlier === undefined
                    ? {}
                    : { annotations: { [applicationInAnnotation]: this.earlier.place.namespace } }),
            },
            data: {
                role: written.role,
                epoch: String(written.epoch),
                record: `${JSON.stringify(written, undefined, 2)}\n`,
            },
        });
        return written;
    }

    /**
     * The record for the stack's state and its peer: with its newest changes, under a MAC of its own. One whose MAC is not
     * the right one is left as it is, for no other is made of what cannot be believed.
     */
    published(record: RoleRecord): RoleRecord {
        const shorter = withNewestChanges(record);
        if (shorter === record || record.mac === undefined) {
            return shorter;
        }
        return this.seal.verdict("record", record) === "current" ? this.seal.on("record", shorter) : record;
    }

    describe(): string {
        return describePlace(this.place);
    }

    /**
     * Of two copies the older one does not count, and needs no MAC: the run that introduces the key may have been killed
     * between the two. What counts needs one, and where the other has one, the configuration cannot excuse it either.
     */
    private faultOf(record: RoleRecord, own: RoleRecord, hadMac: boolean): WrongMac | undefined {
        if (!this.seal.hasKey) {
            return record.mac === undefined ? undefined : "without a key to check it";
        }
        const verdict = this.seal.verdict("record", record);
        if (verdict === "wrong") {
            return "not authentic";
        }
        const mayLackOne = this.seal.acceptsMissing && !hadMac;
        return verdict === "missing" && record === own && !mayLackOne ? "without a MAC" : undefined;
    }

    /** The record in the state may be older: to fall back to it could begin an epoch a second time. */
    private unreadable(place: Place, why: string): MessageError {
        const { site, application } = this.identity;
        const show: Command = { pulumi: "stack output tridentDr --json", site };
        return new MessageError(
            text`${site}: the record of ${application} in ${describePlace(place)} cannot be read (${printable(why)}). Nothing was changed. Restore the ConfigMap from a backup of the cluster; then ${upCommand(site)}. Do not delete it: the record in this stack's state, which ${show} shows, may be of an earlier epoch`,
        );
    }

    private onlyCopy({ from }: RecordMove): RecordFault {
        const { name, namespace } = this.place;
        const show = `kubectl -n ${this.earlier!.place.namespace} get configmap ${name} -o jsonpath='{.data.record}'`;
        const create = `kubectl -n ${namespace} create configmap ${name} --from-file=record=/dev/stdin`;
        return { where: from, is: "the only copy", putInPlace: `${show} | ${create}` };
    }

    /** The record of a site that waits is in its state without ever having been written, and says nothing. */
    private oursIn(remembered: unknown): RoleRecord | undefined {
        const parsed = parseRecord(remembered);
        return parsed.ok && parsed.record.serial > 0 && this.isOurs(parsed.record) ? parsed.record : undefined;
    }

    private isOurs(record: RoleRecord): boolean {
        return record.site === this.identity.site && record.application === this.identity.application;
    }
}

type WrongMac = Exclude<RecordFault["is"], "the only copy">;

/** Which application the record is of, where two pairs have one of that name each. */
const applicationInAnnotation = "trident-dr.pulumi.com/application-namespace";

function describePlace({ namespace, name }: Place): string {
    return `ConfigMap ${namespace}/${name}`;
}
