import pLimit from "p-limit";
import type { ParsedSettings } from "../../components/settings/schema";
import type { Project } from "./project";
import { chooseSites, type SiteStack, siteStacksIn } from "./siteStacks";
import { ProjectProblem } from "./problem";
import { parseSettings } from "./settings";

/** Which project and which stacks a person means. */
export interface PairOptions {
    /** Folder of the project. Default: the current one. */
    project?: string | undefined;
    /** By site, its stack. Default: the one that is configured as that site's. */
    stacks?: Readonly<Record<string, string>> | undefined;
    /** Namespace of the pair's keys. Default: the one there is. */
    namespace?: string | undefined;
}

/** One site of a pair, with the stack that is for it. */
export interface PairSite {
    readonly name: string;
    readonly peer: string;
    /** The name of its stack, as the CLI accepts it in the folder of the project. */
    readonly stack: string;
    /** Validated, without its secrets. */
    readonly settings: ParsedSettings;
    /** Whether its kubeconfig is in the stack's configuration, as a secret. */
    readonly hasKubeconfig: boolean;
    /** Whether the pair's key is in the stack's configuration. Default: it is not. */
    readonly hasPairKey?: boolean;
}

/** Two stacks of a user's project that are the two sites of a pair. */
export interface Pair {
    readonly project: Project;
    /** Of the pair's configuration keys, such as `trident-dr`. */
    readonly namespace: string;
    /** In the order in which the configuration names them. */
    readonly sites: readonly [PairSite, PairSite];
}

/** How many stacks are read at a time. */
const simultaneous = 4;

/**
 * Finds the two stacks that a command is about. It reads their configuration, and decrypts nothing.
 *
 * @throws ProjectProblem with what to do, where it is not clear which two
 */
export async function resolvePair(options: PairOptions, open = openLazily): Promise<Pair> {
    const project = await open(options.project ?? process.cwd());
    const found = await readStacks(project, options);
    const { namespace, chosen } = chooseSites(found, { ...options, project: project.name });
    const [first, second] = chosen.map((site) => siteOf(site, project));
    return { project, namespace, sites: [first!, second!] };
}

/** The settings of a site as they are by now. */
export async function resolveAgain({ project, namespace, sites }: Pair, site: string): Promise<ParsedSettings> {
    const { stack } = sites.find(({ name }) => name === site)!;
    const found = siteStacksIn(stack, await project.configuration(stack)).find((one) => one.namespace === namespace);
    if (found === undefined || found.site !== site) {
        throw new ProjectProblem(`stack ${stack} is not configured as ${site} any more`);
    }
    return siteOf(found, project).settings;
}

/** What `takeover` and `--help` need not wait for. */
async function openLazily(folder: string): Promise<Project> {
    const { openProject } = await import("./automation.js");
    return openProject(folder);
}

async function readStacks(project: Project, { stacks = {} }: PairOptions): Promise<SiteStack[]> {
    const named = Object.values(stacks);
    const names = named.length === 2 ? named : await project.stacks();
    const unknown = named.find((name) => !names.includes(name));
    if (unknown !== undefined) {
        throw new ProjectProblem(
            `project ${project.name} has no stack ${unknown}: ${names.length === 0 ? "it has none at all" : `it has ${names.join(", ")}`}`,
        );
    }
    const limit = pLimit(simultaneous);
    const read = await Promise.all(
        names.map((name) => limit(async () => siteStacksIn(name, await project.configuration(name)))),
    );
    return read.flat();
}

function siteOf({ site, peer, stack, namespace, values, keys }: SiteStack, project: Project): PairSite {
    const settings = parseSettings({ stack, namespace, values, project: project.name });
    return {
        name: site,
        peer,
        stack,
        settings,
        hasKubeconfig: keys.has("kubeconfig"),
        hasPairKey: keys.has("pairKey"),
    };
}
