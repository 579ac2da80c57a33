import type { Limit } from "p-limit";
import type { MirrorRoleInputs } from "../../provider/engine/inputs";
import type { Inspection } from "../../provider/engine/inspect";
import { compareEpochs } from "../../provider/roles/epoch";
import { epochOf, type RoleRecord } from "../../provider/roles/record";
import { defined } from "../../provider/support/defined";
import { epochToAcknowledge } from "../takeoverPlan";
import type { ItemKind } from "./document";
import type { ItemFacts } from "./facts";
import { isUnknown, type Known, knownOf, type Unknown, unknownBy } from "./known";
import type { ConfiguredItem, Places } from "./places";
import { type Sight, siteFactsOf } from "./siteFacts";
import type { Found, SiteReader } from "./siteReader";

export type Readers = readonly [Known<SiteReader>, Known<SiteReader>];

/** One item, as both sites were read. */
export interface ReadItem {
    facts: Pick<ItemFacts, "item">;
    /** Whether a site has something of it, or could not be asked. */
    isFound: boolean;
}

/** Reads one item at both sites: first what each is, then each by what the other one is. */
export class ItemReader {
    constructor(
        private readonly item: string,
        private readonly places: Places,
        private readonly readers: Readers,
        private readonly limits: readonly Limit[],
    ) {}

    async read(): Promise<ReadItem & { facts: ItemFacts }> {
        return this.tell(await this.sights());
    }

    async sights(): Promise<readonly [Sight, Sight]> {
        const [first, second] = await Promise.all([this.look(0), this.look(1)]);
        const found = [first, second] as const;
        return Promise.all([this.inspect(0, found), this.inspect(1, found)]);
    }

    async tell([one, other]: readonly [Sight, Sight]): Promise<ReadItem & { facts: ItemFacts }> {
        const sites = await Promise.all([siteFactsOf(this.item, one, other), siteFactsOf(this.item, other, one)]);
        const [kind = { unknown: "no site says what it is" }] = [one, other].flatMap(
            (sight) => this.kindAt(sight) ?? [],
        );
        return {
            facts: { item: this.item, kind, sites },
            isFound: [one, other].some(
                ({ found: { record, role } }) => isUnknown(record) || record !== undefined || !isUnknown(role),
            ),
        };
    }

    /** What a takeover at the site would be now, with all that is lost by it acknowledged. */
    async takeoverAt({ place, reader, found: { role }, inspection }: Sight): Promise<Known<Inspection>> {
        if (isUnknown(reader) || isUnknown(role) || isUnknown(inspection)) {
            return isUnknown(reader) ? reader : (inspection as Unknown);
        }
        try {
            const acknowledged = { takeover: epochToAcknowledge(inspection) };
            const { peerRecord } = inspection.inputs;
            const inputs = role.inputsWith(acknowledged, { active: place.site, peerRecord });
            // What comes before it would be taken over first.
            return await reader.inspect(defined({ ...inputs, order: undefined }) as MirrorRoleInputs);
        } catch (error) {
            return unknownBy(error);
        }
    }

    private kindAt({ inspection, place }: Sight): ItemKind | undefined {
        return isUnknown(inspection)
            ? place.stack?.items.get(this.item)?.kind
            : (inspection.inputs.kind ?? "application");
    }

    private look(index: 0 | 1): Promise<Found> {
        const reader = this.readers[index];
        return isUnknown(reader)
            ? Promise.resolve({ record: reader, role: reader })
            : this.limits[index]!(() => reader.look(this.item));
    }

    private async inspect(index: 0 | 1, found: readonly [Found, Found]): Promise<Sight> {
        const place = this.places[index];
        const reader = this.readers[index];
        const { role } = found[index];
        const sight = (inspection: Known<Inspection>): Sight => ({ place, reader, found: found[index], inspection });
        if (isUnknown(reader) || isUnknown(role)) {
            return sight(isUnknown(reader) ? reader : (role as { unknown: string }));
        }
        try {
            const remembered = role.inputsWith(undefined).peerRecord;
            const peerRecord = await this.peerRecord((1 - index) as 0 | 1, found, remembered);
            const configured = place.stack?.items.get(this.item);
            const active = configured?.active ?? intendedActive(found, peerRecord) ?? place.site;
            const { acknowledgements, unprotect, unmanage }: Partial<ConfiguredItem> = configured ?? {};
            const inputs = role.inputsWith(acknowledgements, {
                active,
                peerRecord,
                ...defined({ unprotect, unmanage }),
            });
            return sight(await this.limits[index]!(() => reader.inspect(inputs)));
        } catch (error) {
            return sight(unknownBy(error));
        }
    }

    /** As it is now; else as the peer's stack published it, or as the last run here read it. */
    private async peerRecord(
        peer: 0 | 1,
        found: readonly [Found, Found],
        remembered: Inspection["inputs"]["peerRecord"],
    ): Promise<Inspection["inputs"]["peerRecord"]> {
        const { record } = found[peer];
        if (!isUnknown(record)) {
            return { known: true, record: record ?? null };
        }
        const published = await this.places[peer].stack?.published().catch(() => undefined);
        const last = published?.get(this.item);
        return last !== undefined
            ? { known: true, record: last }
            : remembered.known
              ? remembered
              : { known: false, why: record.unknown };
    }
}

/** Where no configuration says who is to serve: whoever does by the newest epoch, or was handed over to. */
function intendedActive(
    found: readonly [Found, Found],
    peerRecord: Inspection["inputs"]["peerRecord"],
): string | undefined {
    const records = [
        ...found.map(({ record }) => knownOf(record)),
        peerRecord.known ? (peerRecord.record as RoleRecord | null) : undefined,
    ].flatMap((record) => record ?? []);
    const newest = records
        .filter((record) => epochOf(record) !== undefined)
        .sort((left, right) => compareEpochs(epochOf(right)!, epochOf(left)!));
    const [first] = newest;
    const handedOver = newest.find(
        ({ role, epoch, token }) => role === "stood-down" && token !== undefined && epoch === first?.epoch,
    );
    return handedOver?.token?.to ?? first?.activeSite;
}
