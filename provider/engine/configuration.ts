import { type Acknowledgements, parseDiscard } from "../roles/acknowledgement";
import { parseRecord } from "../roles/record";
import type { Configuration, PeerView } from "../roles/situation";
import { millisecondsOf } from "../support/duration";
import type { MirrorRoleInputs, RoleRequest } from "./inputs";

/** What the planner goes by of a role's inputs. */
export function configurationOf(inputs: RoleRequest): Configuration {
    return {
        item: inputs.application,
        site: inputs.site,
        peer: inputs.peerSite,
        active: inputs.active,
        acknowledgements: acknowledgementsOf(inputs),
        maxLagSeconds: millisecondsOf(inputs.maxLag ?? "15m") / 1000,
        ...(inputs.unprotect === true ? { unprotect: true } : {}),
        ...(inputs.removes === true ? { removes: true } : {}),
        ...(inputs.path === undefined ? {} : { path: inputs.path }),
        ...(inputs.ownKeys === undefined ? {} : { ownKeys: inputs.ownKeys }),
    };
}

/** The peer's record, if it can be read and is the item's: "unknown" is not "never deployed". */
export function peerViewOf(inputs: MirrorRoleInputs): PeerView {
    const given = inputs.peerRecord;
    if (!given.known) {
        return given;
    }
    if (given.record === undefined || given.record === null) {
        return { known: true, record: undefined };
    }
    const parsed = parseRecord(given.record);
    if (!parsed.ok) {
        return { known: false, why: `the record in its stack's outputs cannot be read (${parsed.why})` };
    }
    const { site, application } = parsed.record;
    return site === inputs.peerSite && application === inputs.application
        ? { known: true, record: parsed.record }
        : { known: false, why: `the record in its stack's outputs is that of ${application} at ${site}` };
}

function acknowledgementsOf(inputs: MirrorRoleInputs): Acknowledgements {
    const { takeover, recoverTo, discard, lag, fullCopy } = inputs.acknowledgements ?? {};
    const parsed = discard === undefined ? undefined : parseDiscard(discard);
    return {
        ...(takeover === undefined ? {} : { takeover }),
        ...(recoverTo === undefined ? {} : { recoverTo }),
        ...(parsed === undefined ? {} : { discard: parsed }),
        ...(lag === undefined ? {} : { lag }),
        ...(fullCopy === undefined ? {} : { fullCopy }),
    };
}
