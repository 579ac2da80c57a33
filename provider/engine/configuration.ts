import { type Acknowledgements, parseDiscard } from "../roles/acknowledgement";
import { faultOfNamespaces, recordedNamespaces } from "../roles/namespaces";
import { faultOfSelector, recordedSelector } from "../roles/recordedSelector";
import { parseRecord, type RoleRecord } from "../roles/record";
import type { Configuration, PeerView } from "../roles/situation";
import { defined } from "../support/defined";
import { millisecondsOf } from "../support/duration";
import { printable } from "../support/printable";
import { noSeal, type Seal } from "../support/seal";
import type { ApplicationInputs, MirrorRoleInputs, RoleRequest } from "./inputs";

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
        ...(inputs.unmanage === true ? { unmanage: true } : {}),
        ...(inputs.removes === true ? { removes: true } : {}),
        ...defined({ configNamespace: inputs.configNamespace }),
        ...(inputs.path === undefined ? {} : { path: inputs.path }),
        ...(inputs.ownKeys === undefined ? {} : { ownKeys: inputs.ownKeys }),
    };
}

/**
 * The peer's record, if it can be read, is the item's in the same namespaces by the same labels, and is authentic:
 * "unknown" is not "never deployed". Where this site has no key, its MAC is not verified.
 */
export function peerViewOf(inputs: MirrorRoleInputs, seal: Seal = noSeal): PeerView {
    const given = inputs.peerRecord;
    if (!given.known) {
        return given;
    }
    const copy = defined({ establishing: given.establishing });
    if (given.record === undefined || given.record === null) {
        return { known: true, record: undefined, ...copy };
    }
    const parsed = parseRecord(given.record);
    if (!parsed.ok) {
        return { known: false, why: `the record in its stack's outputs cannot be read (${printable(parsed.why)})` };
    }
    const { site, application } = parsed.record;
    if (site !== inputs.peerSite || application !== inputs.application) {
        const whose = printable(`${application} at ${site}`);
        return { known: false, why: `the record in its stack's outputs is that of ${whose}` };
    }
    const chosen: Partial<ApplicationInputs> = inputs.kind === "volumes" ? {} : inputs;
    const fault =
        (seal.hasKey ? faultOf(parsed.record, seal) : undefined) ??
        faultOfNamespaces(parsed.record, recordedNamespaces(chosen)) ??
        faultOfSelector(parsed.record, recordedSelector(chosen.labelSelector));
    return fault === undefined
        ? { known: true, record: parsed.record, ...copy }
        : { known: false, why: `the record in its stack's outputs ${fault}` };
}

function faultOf(record: RoleRecord, seal: Seal): string | undefined {
    switch (seal.verdict("record", record)) {
        case "wrong":
            return "is not authentic: its MAC does not match, because that stack has another pairKey, or because somebody else changed it";
        case "missing":
            return seal.acceptsMissing
                ? undefined
                : "carries no MAC: that stack has no pairKey, or somebody else changed it. To accept it until that stack has one, set acceptUnauthenticated: true";
        default:
            return undefined;
    }
}

function acknowledgementsOf(inputs: MirrorRoleInputs): Acknowledgements {
    const { takeover, recoverTo, discard, lag, fullCopy, warnings } = inputs.acknowledgements ?? {};
    const parsed = discard === undefined ? undefined : parseDiscard(discard);
    return {
        ...(takeover === undefined ? {} : { takeover }),
        ...(recoverTo === undefined ? {} : { recoverTo }),
        ...(parsed === undefined ? {} : { discard: parsed }),
        ...(lag === undefined ? {} : { lag }),
        ...(fullCopy === undefined ? {} : { fullCopy }),
        ...(warnings === undefined ? {} : { warnings }),
    };
}
