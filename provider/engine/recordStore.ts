import type { Cluster } from "../clients/kubernetes/cluster";
import { kinds } from "../clients/kubernetes/kinds";
import { text, MessageError } from "../roles/messages/message";
import { emptyRecord, parseRecord, type RoleRecord } from "../roles/record";
import { recordName } from "../roles/recordName";
import { parseJson } from "../support/json";

/** The store of an item's record at a site, in a namespace there. */
export function recordStoreOf(
    cluster: Pick<Cluster, "get" | "apply">,
    { application, site, peerSite }: { application: string; site: string; peerSite: string },
    namespace: string,
): RecordStore {
    return new RecordStore(
        cluster,
        { name: recordName(application), namespace },
        { application, site, peer: peerSite },
    );
}

/** Keeps an item's role record at its site, in a ConfigMap. */
export class RecordStore {
    constructor(
        private readonly cluster: Pick<Cluster, "get" | "apply">,
        private readonly place: { name: string; namespace: string },
        private readonly identity: { application: string; site: string; peer: string },
    ) {}

    /** The newer of the record at the site and the one that the stack's state remembers; the empty one without either. */
    newer(kept: RoleRecord | undefined, remembered: unknown): RoleRecord {
        const parsed = parseRecord(remembered);
        const fromState = parsed.ok && this.isOurs(parsed.record) ? parsed.record : undefined;
        if (kept === undefined || fromState === undefined) {
            const { application, site, peer } = this.identity;
            return kept ?? fromState ?? emptyRecord(application, site, peer);
        }
        return kept.serial >= fromState.serial ? kept : fromState;
    }

    /** The record in the ConfigMap. One that another site wrote, brought along by a restore, is not ours. */
    async read(): Promise<RoleRecord | undefined> {
        const found = await this.cluster.get(kinds.configMap, this.place);
        const stored = found?.data?.["record"];
        if (stored === undefined) {
            return undefined;
        }
        const parsed = parseRecord(parseJson(stored));
        if (!parsed.ok) {
            throw new MessageError(
                text`${this.identity.site}: the record of ${this.identity.application} in ConfigMap ${this.place.namespace}/${this.place.name} cannot be read (${parsed.why}). Delete the ConfigMap to fall back to the record in this stack's state`,
            );
        }
        return this.isOurs(parsed.record) ? parsed.record : undefined;
    }

    /** Writes the record with the next serial, and returns it as written. */
    async write(record: RoleRecord): Promise<RoleRecord> {
        const written = { ...record, serial: record.serial + 1 };
        await this.cluster.apply({
            apiVersion: kinds.configMap.apiVersion,
            kind: kinds.configMap.kind,
            metadata: { ...this.place },
            data: {
                role: written.role,
                epoch: String(written.epoch),
                record: `${JSON.stringify(written, undefined, 2)}\n`,
            },
        });
        return written;
    }

    describe(): string {
        return `ConfigMap ${this.place.namespace}/${this.place.name}`;
    }

    private isOurs(record: RoleRecord): boolean {
        return record.site === this.identity.site && record.application === this.identity.application;
    }
}
