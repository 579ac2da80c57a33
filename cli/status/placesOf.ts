import path from "node:path";
import type { ParsedSettings } from "../../components/settings/schema";
import type { RoleRecord } from "../../provider/roles/record";
import { nameAtSite } from "../../provider/roles/sharedCluster";
import { defined } from "../../provider/support/defined";
import type { Pair, PairSite } from "../project/pair";
import { publishedIn } from "../project/published";
import type { ConfiguredItem, Place, Places } from "./places";

/** How a person named the clusters of sites, by site. */
export interface NamedClusters {
    context?: Readonly<Record<string, string>>;
    kubeconfig?: Readonly<Record<string, string>>;
    recordNamespace?: string;
}

/** Sites that a person named, which are read without a project. */
export function namedSites({ context = {}, kubeconfig = {} }: NamedClusters): string[] {
    return [...new Set([...Object.keys(context), ...Object.keys(kubeconfig)])];
}

/** Two sites as a person named them, which needs neither Pulumi nor its state. */
export function placesOfNames([first, second]: readonly [string, string], named: NamedClusters): Places {
    const place = (site: string, peer: string): Place => ({
        site,
        peer,
        cluster: clusterOf(site, named),
        ...defined({ recordNamespace: named.recordNamespace }),
    });
    return [place(first, second), place(second, first)];
}

/** Two sites as their stacks are configured; what a person named of them counts more. */
export function placesOfPair({ project, namespace, sites }: Pair, named: NamedClusters): Places {
    const [first, second] = sites.map((site): Place => {
        const { name, peer, stack, settings, hasKubeconfig, hasPairKey } = site;
        const { context, kubeconfig } = settings.sites[name]?.kubernetes ?? {};
        const configured = hasKubeconfig
            ? { ...defined({ context }), fromConfig: true }
            : defined({ context, kubeconfig: kubeconfig && inFolder(kubeconfig, project.folder) });
        const given = clusterOf(name, named);
        const recordNamespace = named.recordNamespace;
        return {
            site: name,
            peer,
            // A context that was named is one of its own kubeconfig.
            cluster: Object.keys(given).length > 0 ? given : configured,
            ...defined({ recordNamespace }),
            stack: {
                name: stack,
                namespace,
                items: itemsOf(settings, name),
                ...defined({ hasPairKey }),
                values: once(() => project.decrypted(stack)),
                published: once(() => recordsOf(project, site)),
            },
        };
    });
    return [first!, second!];
}

function clusterOf(site: string, { context = {}, kubeconfig = {} }: NamedClusters): Place["cluster"] {
    return defined({ context: context[site], kubeconfig: kubeconfig[site] });
}

/** A program reads it from the folder of its project. */
function inFolder(file: string, folder: string): string {
    return file.startsWith("~") ? file : path.resolve(folder, file);
}

function itemsOf(settings: ParsedSettings, site: string): ReadonlyMap<string, ConfiguredItem> {
    const { applications, volumes, recordNamespace, sharedCluster } = settings;
    const atSite = (namespace: string | undefined) =>
        namespace === undefined || sharedCluster !== true ? namespace : nameAtSite(namespace, site);
    const of = (kind: ConfiguredItem["kind"], namespace: string | undefined) => (item: SettingsItem) => {
        const { name, active, unprotect, unmanage } = item;
        const acknowledged = acknowledgementKeys.map((key) => [key, item[key] ?? settings[key]]);
        return [
            name,
            {
                kind,
                active: active ?? settings.active,
                acknowledgements: defined(Object.fromEntries(acknowledged)),
                ...defined({
                    unprotect,
                    unmanage,
                    recordNamespace: atSite("recordNamespace" in item ? item.recordNamespace : namespace),
                }),
            },
        ] as const;
    };
    return new Map<string, ConfiguredItem>([
        ...applications.map(of("application", recordNamespace)),
        ...volumes.map(of("volumes", undefined)),
    ]);
}

type SettingsItem = ParsedSettings["applications"][number] | ParsedSettings["volumes"][number];

const acknowledgementKeys = ["takeover", "recoverTo", "discard", "lag", "fullCopy", "warnings"] as const;

async function recordsOf(
    project: Pair["project"],
    { stack, name }: PairSite,
): Promise<ReadonlyMap<string, RoleRecord>> {
    const published = publishedIn(await project.outputs(stack), name);
    return new Map(
        Object.entries(published?.items ?? {}).flatMap(([item, { record }]) =>
            record === undefined ? [] : [[item, record] as const],
        ),
    );
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
    let answer: Promise<T> | undefined;
    return () => (answer ??= read());
}
