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
 * What the outputs of a role say, which come before those of its stack. None where they are those of something else, or
 * where the engine has hidden something in them: each text that is also that of some secret.
 */
export function publishedByRole(outputs: Readonly<Record<string, unknown>>, site: string) {
    const { data } = role.safeParse(outputs);
    if (data?.site !== site || JSON.stringify(data.record).includes("[secret]")) {
        return undefined;
    }
    const parsed = parseRecord(data.record);
    const isOwn = parsed.ok && parsed.record.site === site && parsed.record.application === data.application;
    return isOwn ? parsed.record : undefined;
}

const role = z.object({ site: z.string(), application: z.string(), record: z.record(z.string(), z.unknown()) });

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
