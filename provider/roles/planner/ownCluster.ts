import { configKey, upCommand } from "../messages/commands";
import { join, text, type Command, type Message } from "../messages/message";
import { bothSites } from "../sharedCluster";
import type { Configuration, SiteMark, Situation } from "../situation";
import { refuse, type Decision, type Refusal } from "./decision";
import { isLeaving } from "./predicates";

/**
 * A stack whose kubeconfig leads to the other site's cluster would stand down, mirror and promote there, and so would one
 * whose namespaces are the other site's where both share a cluster. Nothing that was read there counts, so that this comes
 * before every other rule.
 */
export function refuseOtherCluster({ configuration, observed }: Situation): Refusal | undefined {
    const { site } = configuration;
    const { siteMarker } = observed;
    if (siteMarker?.site === undefined || siteMarker.site === (siteMarker.expected ?? site)) {
        return undefined;
    }
    const { place, cluster, expected = site, about, site: found } = siteMarker;
    const what = about === undefined ? `the cluster of ${found}` : `namespace ${about}, which is ${found}'s`;
    return refuse(
        "other-sites-cluster",
        `the stack of ${site} acts on ${what}: ConfigMap ${place} in the cluster of ${cluster} says so; expected ${expected}. Nothing was changed there`,
        remediesFor(siteMarker, found, configuration),
    );
}

function remediesFor({ place, expected, about }: SiteMark, found: string, configuration: Configuration): Message[] {
    const { site, peer, configNamespace, item } = configuration;
    const [namespace, name] = place.split("/");
    const remove = text`kubectl -n ${namespace!} delete configmap ${name!} there; then ${upCommand(site)}`;
    if (about !== undefined) {
        return [
            text`to give the stack of ${site} its own namespaces: correct namespaces of ${item}; ${upCommand(site)}`,
            text`if ${about} is ${site}'s by now, and nothing of ${found} is left in it: ${remove}`,
        ];
    }
    const correct: Command = {
        pulumi: `config set --path '${configKey(`sites.${site}.kubernetes.context`, configNamespace)}' <context of ${site}>`,
        site,
    };
    const share = (value: string, where: string): Command => ({
        pulumi: `config set ${configKey("sharedCluster", configNamespace)} ${value}`,
        site: where,
    });
    const isOfBoth = found === bothSites([site, peer]);
    return [
        text`to point the stack of ${site} at its own cluster: ${correct}; ${upCommand(site)}`,
        ...(isOfBoth
            ? [
                  text`if both sites are on that cluster: ${join(
                      [site, peer].map((where) => share("true", where)),
                      "; ",
                  )}; ${upCommand(site)}`,
              ]
            : []),
        expected === undefined
            ? text`if that cluster is ${site}'s by now, and ${found} has another one: ${remove}`
            : text`if both sites are on that cluster by now, and neither has a role there: ${remove}`,
    ];
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
