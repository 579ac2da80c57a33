import { structuredKeys } from "../../components/settings/read";
import { ProjectProblem } from "./problem";
import type { ConfigurationValue } from "./project";

/** A stack that is configured as a site of a pair. */
export interface SiteStack {
    stack: string;
    /** Of the keys. */
    namespace: string;
    site: string;
    peer: string;
    /** All values of the namespace that are not secret, by key. */
    values: Record<string, unknown>;
    /** Every key of the namespace that is set, secrets included. */
    keys: ReadonlySet<string>;
}

/** What a stack is configured as: one site for each pair that its program declares, or none. */
export function siteStacksIn(stack: string, configuration: Readonly<Record<string, ConfigurationValue>>): SiteStack[] {
    const namespaces = new Set(Object.keys(configuration).map((key) => key.slice(0, key.indexOf(":"))));
    return [...namespaces].flatMap((namespace) => {
        const values = valuesOf(namespace, configuration);
        const { site, sites } = values;
        const names = typeof sites === "object" && sites !== null ? Object.keys(sites) : [];
        return typeof site === "string" && names.length === 2
            ? [
                  {
                      stack,
                      namespace,
                      site,
                      peer: names.find((name) => name !== site)!,
                      values,
                      keys: keysOf(namespace, configuration),
                  },
              ]
            : [];
    });
}

function keysOf(namespace: string, configuration: Readonly<Record<string, unknown>>): ReadonlySet<string> {
    const own = Object.keys(configuration).filter((key) => key.startsWith(`${namespace}:`));
    return new Set(own.map((key) => key.slice(namespace.length + 1)));
}

function valuesOf(
    namespace: string,
    configuration: Readonly<Record<string, ConfigurationValue>>,
): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(configuration)
            .filter(([key, { value }]) => key.startsWith(`${namespace}:`) && value !== undefined)
            .map(([key, { value }]) => [key.slice(namespace.length + 1), value!] as const)
            .map(([key, value]) => [key, structuredKeys.includes(key) ? json(value) : value]),
    );
}

/** What is no JSON is reported with the rest that is wrong. */
function json(value: string): unknown {
    try {
        return JSON.parse(value) as unknown;
    } catch {
        return value;
    }
}

interface Choice {
    /** Name of the project, for what is said of it. */
    project: string;
    stacks?: Readonly<Record<string, string>> | undefined;
    namespace?: string | undefined;
}

/**
 * Which two stacks are the pair. Of several that are configured as the same site, the one counts that the other site's
 * stack reads: `peerStack`, or the one that is named like the site.
 *
 * @throws ProjectProblem with what to do, where it is not clear which two
 */
export function chooseSites(
    found: readonly SiteStack[],
    choice: Choice,
): { namespace: string; chosen: [SiteStack, SiteStack] } {
    const namespace = chooseNamespace(found, choice);
    const inPair = found.filter((one) => one.namespace === namespace);
    const sites = namesOf(inPair, choice);
    const chosen = sites.map((site) => chooseStack(site, inPair, choice));
    return { namespace, chosen: [chosen[0]!, chosen[1]!] };
}

function chooseNamespace(found: readonly SiteStack[], { project, namespace }: Choice): string {
    const namespaces = [...new Set(found.map((one) => one.namespace))];
    if (found.length === 0) {
        throw new ProjectProblem(
            `no stack of project ${project} is configured as a site of a pair: configure two, as examples/two-sites of pulumi-trident-dr shows, or name another project with --project`,
        );
    }
    if (namespace !== undefined && !namespaces.includes(namespace)) {
        throw new ProjectProblem(
            `project ${project} configures no pair under ${namespace}: expected --namespace to be one of ${namespaces.join(", ")}`,
        );
    }
    if (namespace === undefined && namespaces.length > 1) {
        throw new ProjectProblem(
            `project ${project} configures several pairs, under ${namespaces.join(" and ")}: name one with --namespace`,
        );
    }
    return namespace ?? namespaces[0]!;
}

/** In the order in which the configuration has them, which every stack of the pair shares. */
function namesOf(inPair: readonly SiteStack[], { project, stacks = {} }: Choice): string[] {
    const namesIn = ({ values }: SiteStack) => Object.keys(values["sites"] as object);
    const misnamed = inPair.find((one) => !namesIn(one).includes(one.site));
    if (misnamed !== undefined) {
        throw new ProjectProblem(
            `stack ${misnamed.stack} is configured with site: ${misnamed.site}, and its sites are ${namesIn(misnamed).join(" and ")}: correct it with "pulumi config set site <site> --stack ${misnamed.stack}"`,
        );
    }
    const names = namesIn(inPair[0]!);
    const other = inPair.find(({ site, peer }) => !names.includes(site) || !names.includes(peer));
    if (other !== undefined) {
        throw new ProjectProblem(
            `stacks ${inPair[0]!.stack} and ${other.stack} of project ${project} have not the same two sites: ${names.join(" and ")} in the one, ${other.site} and ${other.peer} in the other; name them alike in both`,
        );
    }
    const stranger = Object.keys(stacks).find((site) => !names.includes(site));
    if (stranger !== undefined) {
        throw new ProjectProblem(`there is no site ${stranger}: the sites are ${names.join(" and ")}`);
    }
    return names;
}

function chooseStack(site: string, inPair: readonly SiteStack[], { project, stacks = {} }: Choice): SiteStack {
    const candidates = inPair.filter((one) => one.site === site);
    const named = stacks[site];
    if (named !== undefined) {
        return candidates.find(({ stack }) => stack === named) ?? refuseNamed(site, named, inPair);
    }
    if (candidates.length === 0) {
        const other = inPair[0]!;
        throw new ProjectProblem(
            `project ${project} has a stack for ${other.site} (${other.stack}) and none for ${site}: make it with "pulumi stack init ${site}", and configure it with site: ${site}`,
        );
    }
    const [only] = candidates;
    return candidates.length === 1 ? only! : (readByPeer(site, candidates, inPair) ?? refuseSeveral(site, candidates));
}

function readByPeer(
    site: string,
    candidates: readonly SiteStack[],
    inPair: readonly SiteStack[],
): SiteStack | undefined {
    const read = inPair
        .filter((one) => one.peer === site)
        .map(({ values }) => (typeof values["peerStack"] === "string" ? values["peerStack"].split("/").at(-1)! : site));
    return candidates.find(({ stack }) => read.includes(stack.split("/").at(-1)!));
}

function refuseNamed(site: string, named: string, inPair: readonly SiteStack[]): never {
    const actual = inPair.find(({ stack }) => stack === named);
    throw new ProjectProblem(
        actual === undefined
            ? `stack ${named} is not configured as a site of this pair: expected site: ${site} in its configuration`
            : `stack ${named} is configured as ${actual.site}, not as ${site}: correct --stack-${site}`,
    );
}

function refuseSeveral(site: string, candidates: readonly SiteStack[]): never {
    const names = candidates.map(({ stack }) => stack);
    throw new ProjectProblem(
        `${names.length} stacks are configured as ${site} (${names.join(", ")}): name one with --stack-${site} ${names[0]}`,
    );
}
