import { z } from "zod";
import type { Role, RoleRecord } from "../roles/record";
import { recordOf } from "../roles/situation";
import { parseJson } from "../support/json";
import { failed, ok, type Result } from "../support/result";
import { canonicalJson, type Seal } from "../support/seal";
import { peerViewOf } from "./configuration";
import type { MirrorRoleInputs } from "./inputs";
import { sameExceptLog } from "./recordAfter";

/** Loose like the whole, since the MAC covers what a later version adds as well. */
const peerRecord = z.union([
    z.looseObject({ known: z.literal(true), record: z.unknown() }),
    z.looseObject({ known: z.literal(false), why: z.string() }),
]);

const schema = z.looseObject({
    schema: z.literal(1),
    /** When it was written: what it says of the peer is from then, or from before. */
    written: z.iso.datetime({ offset: true }),
    inputs: z.record(z.string(), z.unknown()),
    peerRecord,
    mac: z.string().optional(),
});

/**
 * What a takeover without Pulumi goes by: the inputs of a site's role, none of which is a secret, and the peer's record
 * as it was read last.
 */
export type Bundle = z.infer<typeof schema>;

/** A bundle before it is written. */
export type BundleContent = Pick<Bundle, "schema" | "inputs" | "peerRecord">;

/**
 * What belongs into the bundle of a site with a role. Each `up` compares it with what is there, so that it must not
 * change with every run: what a person decides anew each time is left out (`active`, acknowledgements, and what the
 * program makes of these), and so is how one machine reaches the cluster. The peer's record is kept only where a takeover
 * needs it, at a standby site.
 *
 * @param earlier the bundle that is there, if it is authentic
 */
export function bundleOf(inputs: MirrorRoleInputs, role: Role, earlier: Bundle | undefined, seal: Seal): BundleContent {
    const {
        active: _active,
        acknowledgements: _given,
        peerRecord: _peer,
        unprotect: _,
        unmanage: _left,
        cluster: _c,
        ...rest
    } = inputs;
    const kept = {
        ...rest,
        // Of the keys that the item has for itself, that which the next `up` has to be told.
        ownKeys: rest.ownKeys?.includes("active") === true ? ["active"] : undefined,
        // Whom Pulumi lets go first depends on `active`.
        order: rest.order && { ...rest.order, waitsFor: [] },
    };
    return {
        schema: 1,
        // As it is read back: without what is undefined.
        inputs: parseJson(JSON.stringify(kept)) as Bundle["inputs"],
        peerRecord: role === "standby" ? peerRecordOf(inputs, earlier, seal) : { known: false, why: notKept },
    };
}

const notKept = "a site that is not standby keeps no record of it for a takeover";

/** Whether two bundles say the same, whenever they were written. */
export function isSameBundle(left: BundleContent, right: BundleContent): boolean {
    const bare = ({ schema, inputs, peerRecord }: BundleContent) => canonicalJson({ schema, inputs, peerRecord });
    return bare(left) === bare(right);
}

export function parseBundle(text: string): Result<Bundle> {
    const content = parseJson(text);
    const { schema: number } = (content ?? {}) as { schema?: unknown };
    if (typeof number === "number" && number !== 1) {
        return failed(`its schema is ${number}, and this version of trident-dr reads 1`);
    }
    const parsed = schema.safeParse(content);
    return parsed.success
        ? ok(parsed.data)
        : failed(
              parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; "),
          );
}

/** Why a bundle is not to be believed; undefined if it is. */
export function faultOfBundle(bundle: Bundle, seal: Seal): string | undefined {
    if (!seal.hasKey) {
        return bundle.mac === undefined ? undefined : "carries a MAC, and there is no pairKey to check it with";
    }
    switch (seal.verdict("bundle", bundle)) {
        case "wrong":
            return "was not written with this pair's key, or was changed since (its MAC does not match)";
        case "missing":
            return "carries no MAC, although this pair has a pairKey";
        default:
            return undefined;
    }
}

/**
 * What is known of the peer. A record that was only written again, with another serial and a longer history, is no news;
 * and one that cannot be read now is remembered: it is unread where the other site or the state backend is gone, which is
 * when the bundle is needed. It may be outdated then, as the outputs of a stack can be. Claims guard against that.
 */
function peerRecordOf(inputs: MirrorRoleInputs, earlier: Bundle | undefined, seal: Seal): Bundle["peerRecord"] {
    const before = earlier && recordOf(peerViewOf({ ...inputs, peerRecord: earlier.peerRecord }, seal));
    const view = peerViewOf(inputs, seal);
    if (!view.known) {
        return before === undefined
            ? { known: false, why: "its record could not be read when the bundle was written" }
            : { known: true, record: before };
    }
    const { record } = view;
    const isNews = record === undefined || before === undefined || !isSameRecord(before, record, seal);
    return { known: true, record: (isNews ? record : before) ?? null };
}

function isSameRecord(left: RoleRecord, right: RoleRecord, seal: Seal): boolean {
    return sameExceptLog(left, right) && seal.verdict("record", left) === seal.verdict("record", right);
}
