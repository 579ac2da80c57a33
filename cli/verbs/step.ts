import type { Configured, ConfiguredKey, ItemView, Verb } from "./view";

/** What a person asked for, of one item. */
export interface Request {
    readonly verb: Verb;
    /** The site that is to serve in the end; for `unprotect`, either. */
    readonly to: string;
    readonly accept: Accepted;
}

/** What a person accepts besides the verb itself, each as the runbooks' configuration value of that name. */
export interface Accepted {
    /** The reason why a switch may go on although replication is behind. */
    readonly lag?: string;
    /** Whether a site may rejoin by copying everything. */
    readonly fullCopy?: boolean;
    /** Whether the final snapshot may have warnings. */
    readonly warnings?: boolean;
    /** The older point to promote. */
    readonly recoverTo?: string;
}

/** Values of one stack's configuration. */
export type Values = { readonly [Key in keyof Configured]?: NonNullable<Configured[Key]> };

/** What is next for one item, of which a command does one after the other. */
export type Step =
    | { readonly do: "set"; readonly site: string; readonly values: Values }
    | { readonly do: "run"; readonly site: string; readonly effect: string }
    /** It goes on by itself, and the same command is for later. */
    | { readonly do: "wait"; readonly site: string; readonly why: string }
    | { readonly do: "done" }
    | { readonly do: "refuse"; readonly why: string; readonly remove?: readonly Leftover[] };

/** A value that is configured from before, and stands in the way. */
export interface Leftover {
    readonly site: string;
    readonly key: ConfiguredKey;
}

/** @param remove what has to be removed first */
export function refuse(why: string, ...remove: readonly Leftover[]): Step {
    return { do: "refuse", why, ...(remove.length === 0 ? {} : { remove }) };
}

export function run(site: string, effect: string): Step {
    return { do: "run", site, effect };
}

/** Sets what is not set yet; undefined where everything is. */
export function setting(view: ItemView, site: string, wanted: Values): Step | undefined {
    const { configured } = view.sites[site]!;
    const missing = Object.entries(wanted).filter(([key, value]) => configured[key as keyof Configured] !== value);
    return missing.length === 0 ? undefined : { do: "set", site, values: Object.fromEntries(missing) as Values };
}

/** The first of several things that is due. */
export function first(...steps: readonly (Step | undefined)[]): Step {
    return steps.find((step) => step !== undefined) ?? { do: "done" };
}

/** A last look at both sites: each has seen what the other one has become. */
export function settle(view: ItemView, ...sites: readonly string[]): Step | undefined {
    const site = sites.find((name) => !view.sites[name]!.caughtUp);
    return site === undefined ? undefined : run(site, "settle");
}

/** How a command is typed that does something else than what was asked. */
export function command(verb: string, view: ItemView, to?: string): string {
    return `trident-dr ${verb} ${view.item}${to === undefined ? "" : ` --to ${to}`}`;
}
