import { upCommand } from "../roles/messages/commands";
import { text, type Message } from "../roles/messages/message";
import type { AcceptedPlan } from "./converge";
import type { PeeringInputs } from "./inputs";

/** A problem of the peering that stands in nobody's way: what it means, and what is to be done once there is time. */
export function warningOf(problem: Message, { site, peerSite, leaving, serves }: PeeringInputs): Message {
    if (leaving === true && serves === undefined) {
        return text`${problem}. This does not keep what is mirrored at ${site} from leaving the mirror; nothing is replicated between ${site} and ${peerSite} as long as it lasts`;
    }
    return text`${problem}. This does not keep ${site} from serving. Nothing is replicated between ${site} and ${peerSite} until it is repaired, and ${peerSite} needs it to rejoin: then run ${upCommand(site)}`;
}

/** The own array does not answer. Whoever needs it for more than the peering says so by itself. */
export function notSeen(failure: Message): Message {
    return text`${failure}; how the peering stands is not known`;
}

/** Changes that would ask the other site's ONTAP, which a takeover must not wait for. */
export function leftForLater({ steps, link }: AcceptedPlan, { site, peerSite }: PeeringInputs): Message {
    const calls = steps.map(({ call }) => call).join(", ");
    return text`${incomplete({ link }, { site, peerSite })}, and while a takeover without ${peerSite} is due nothing is changed that would ask its ONTAP; left for later: ${calls}`;
}

/** What was made once is not there any more. */
export function incomplete(
    { link }: Pick<AcceptedPlan, "link">,
    { site, peerSite }: Pick<PeeringInputs, "site" | "peerSite">,
): Message {
    const states = `cluster peering: ${link.clusterPeerState}; SVM peering: ${link.svmPeerState}`;
    return `${site}: the peering with ${peerSite} is not complete (${states})`;
}
