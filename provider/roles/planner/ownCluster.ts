import { configKey, upCommand } from "../messages/commands";
import { text, type Command } from "../messages/message";
import type { Situation } from "../situation";
import { refuse, type Decision, type Refusal } from "./decision";
import { isLeaving } from "./predicates";

/**
 * A stack whose kubeconfig leads to the other site's cluster would stand down, mirror and promote there. Nothing that
 * was read in such a cluster counts, so that this comes before every other rule.
 */
export function refuseOtherCluster({ configuration, observed }: Situation): Refusal | undefined {
    const { site, configNamespace } = configuration;
    const { siteMarker } = observed;
    if (siteMarker?.site === undefined || siteMarker.site === site) {
        return undefined;
    }
    const { place, cluster } = siteMarker;
    const correct: Command = {
        pulumi: `config set --path '${configKey(`sites.${site}.kubernetes.context`, configNamespace)}' <context of ${site}>`,
        site,
    };
    const [namespace, name] = place.split("/");
    return refuse(
        "other-sites-cluster",
        `the stack of ${site} acts on the cluster of ${siteMarker.site}: ConfigMap ${place} in the cluster of ${cluster} says so; expected ${site}. Nothing was changed there`,
        [
            text`to point the stack of ${site} at its own cluster: ${correct}; ${upCommand(site)}`,
            text`if that cluster is ${site}'s by now, and ${siteMarker.site} has another one: kubectl -n ${namespace!} delete configmap ${name!} there; then ${upCommand(site)}`,
        ],
    );
}

/** The first plan at a site marks its cluster; one by which an item leaves does not. */
export function inMarkedCluster({ observed }: Situation, decision: Decision): Decision {
    const { siteMarker } = observed;
    return decision.kind === "refusal" ||
        isLeaving(decision) ||
        siteMarker === undefined ||
        siteMarker.site !== undefined
        ? decision
        : { ...decision, steps: [{ do: "claim-site" }, ...decision.steps] };
}
