import { z } from "zod";
import { parseRecord, type RoleRecord } from "../../provider/roles/record";

/** What a stack published with its last `pulumi up`, as far as a command goes by it. */
export interface Published {
    readonly items: Readonly<Record<string, PublishedItem>>;
    /** By name of the backend. */
    readonly peering: Readonly<Record<string, { peered: boolean; next: string }>>;
}

export interface PublishedItem {
    /** Undefined for an item that has had no role yet. */
    readonly record?: RoleRecord;
    /** Why its record cannot be read. */
    readonly unreadable?: string;
    /** What the other site must do next, or "". */
    readonly next: string;
    /** Whether a copy to this site is being made that is not complete yet. */
    readonly establishing: boolean;
}

/** What the outputs of a site's stack say, under whatever name its program exports it; undefined if they say nothing. */
export function publishedIn(outputs: Readonly<Record<string, unknown>>, site: string): Published | undefined {
    const { tridentDr, ...others } = outputs;
    const parsed = [tridentDr, ...Object.values(others)]
        .map((output) => publication.safeParse(output))
        .find(({ data }) => data?.site === site)?.data;
    return parsed === undefined
        ? undefined
        : {
              items: Object.fromEntries(
                  Object.entries(parsed.applications).map(([name, item]) => [name, itemOf(item)]),
              ),
              peering: parsed.peering,
          };
}

/**
 * The records in what the engine tells of a run at a site: in the outputs of a role, which come first, or in those of its
 * stack. None of a record in which the engine has hidden something: each text that is also that of some secret.
 */
export function recordsIn(outputs: Readonly<Record<string, unknown>>, site: string): RoleRecord[] {
    const published = Object.values(publishedIn(outputs, site)?.items ?? {}).map(({ record }) => record);
    return [recordOfRole(outputs, site), ...published].flatMap((record) =>
        record === undefined || JSON.stringify(record).includes("[secret]") ? [] : [record],
    );
}

function recordOfRole(outputs: Readonly<Record<string, unknown>>, site: string): RoleRecord | undefined {
    const { data } = role.safeParse(outputs);
    const parsed = data?.site === site ? parseRecord(data.record) : undefined;
    const isOwn = parsed?.ok === true && parsed.record.site === site && parsed.record.application === data?.application;
    return isOwn ? parsed.record : undefined;
}

const role = z.object({ site: z.string(), application: z.string(), record: z.unknown() });

function itemOf({ record, next, establishing }: z.infer<typeof publishedItem>): PublishedItem {
    const rest = { next, establishing: establishing !== undefined && establishing !== null };
    if (record === undefined || record === null) {
        return rest;
    }
    const parsed = parseRecord(record);
    return parsed.ok ? { ...rest, record: parsed.record } : { ...rest, unreadable: parsed.why };
}

const publishedItem = z.object({
    record: z.unknown(),
    next: z.string().default(""),
    establishing: z.unknown().optional(),
});

const publication = z.object({
    site: z.string(),
    applications: z.record(z.string(), publishedItem),
    peering: z.record(z.string(), z.object({ peered: z.boolean(), next: z.string() })).default({}),
});
