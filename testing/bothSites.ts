import { emptyRecord } from "../provider/roles/record";
import { type DeclaredStack, runProgram, type Surroundings } from "./declaredStack";

/** How a program is run at the two sites of a pair. */
export interface BothSitesOptions<Site extends string = string> {
    /** Names of the sites, which are also those of their stacks. @default ["east", "west"] */
    sites?: readonly [Site, Site];
    /** Whether to run the program as `pulumi preview` does. @default false */
    preview?: boolean;
    /** The configuration of a site's stack: keys with their namespace, structures as JSON. @default none */
    config?: (site: Site) => Record<string, string>;
    /** Keys in `config` that hold secrets. @default none */
    secretKeys?: string[];
    /**
     * What the stack of a site already outputs, as far as its peer can read it; an error when it cannot be read.
     * @default nothing: neither stack was ever deployed
     */
    outputsOf?: (site: Site) => Record<string, unknown> | Error;
}

/** What a program declares, by site. */
export type BothSites<Site extends string, Answer> = Record<Site, DeclaredStack<Answer>>;

/**
 * Runs a program once for each site of a pair and returns what it declares there. It runs on Pulumi's mocks: nothing is
 * deployed, and neither a cluster nor an array nor a state backend is contacted.
 *
 * The program gets the name of the site that it is run for. It may be asynchronous.
 *
 * @throws whatever the program throws, such as InvalidInput
 * @example
 * const { east, west } = await declareAtBothSites((site) => {
 *     const peer = site === "east" ? "west" : "east";
 *     const pair = new SitePair("pair", { site, peer, active: "east" });
 *     declareShop(pair);
 *     return pair.outputs();
 * });
 * const role = west.resources.find(({ name }) => name === "shop-role");
 * assert.equal(role?.inputs.active, "east");
 */
export async function declareAtBothSites<Answer, const Site extends string = "east" | "west">(
    program: (site: Site) => Answer | Promise<Answer>,
    options: BothSitesOptions<Site> = {},
): Promise<BothSites<Site, Answer>> {
    const { sites = ["east", "west"] as unknown as [Site, Site], preview, config, secretKeys, outputsOf } = options;
    const declaredAt = (site: Site, peer: Site) =>
        runProgram(() => program(site), {
            stack: site,
            preview,
            config: config?.(site),
            secretKeys,
            peerOutputs: outputsOf?.(peer),
            outputs: outputsOfNew,
        });
    const [first, second] = sites;
    // Pulumi's mocks are one per process: the sites take turns.
    const declared = [
        [first, await declaredAt(first, second)],
        [second, await declaredAt(second, first)],
    ] as const;
    return Object.fromEntries(declared) as BothSites<Site, Answer>;
}

/** What the dynamic resources of this package output before anything has been done. */
const outputsOfNew: Surroundings["outputs"] = (type, _name, inputs) => {
    switch (type.split(":").at(-1)) {
        case "MirrorRole":
            return { record: emptyRecord(String(inputs.application), String(inputs.site), String(inputs.peerSite)) };
        case "MirrorOutcome":
            return { summary: "" };
        case "OntapPeering":
            return { peered: false, next: "" };
        default:
            return {};
    }
};
