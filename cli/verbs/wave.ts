import type { ParsedSettings } from "../../components/settings/schema";
import { decide } from "./decide";
import { placeValues } from "./place";
import type { Change } from "./sites";
import type { Request, Step } from "./step";
import type { ItemView } from "./view";

/** An item of a wave: what is asked of it, and where it stands. */
export interface Member {
    readonly request: Request;
    readonly view: ItemView;
}

/** What is next for several items together: one change of one stack's configuration, or one run at one site. */
export type WaveStep =
    | { readonly do: "set"; readonly site: string; readonly changes: readonly Change[]; readonly steps: Steps }
    | { readonly do: "run"; readonly site: string; readonly steps: Steps }
    /** For each item the step at which it has come to its end. */
    | { readonly do: "end"; readonly steps: Steps };

/** By item. */
export type Steps = Readonly<Record<string, Step>>;

/**
 * The next step of a wave. Configuration is changed for all items of a site at once, before anything runs: a run handles
 * every item of its stack.
 */
export function nextOfWave(members: readonly Member[], settings: Readonly<Record<string, ParsedSettings>>): WaveStep {
    const all = members.map(({ request, view }) => [view.item, decide(request, view)] as const);
    const due = all.find(([, step]) => step.do === "set") ?? all.find(([, step]) => step.do === "run");
    if (due === undefined) {
        return { do: "end", steps: Object.fromEntries(all) };
    }
    const [, { do: kind }] = due;
    const site = siteOf(due[1]);
    const steps = Object.fromEntries(all.filter(([, step]) => step.do === kind && siteOf(step) === site));
    if (kind === "run") {
        return { do: "run", site, steps };
    }
    const wanted = Object.entries(steps).flatMap(([item, step]) =>
        step.do === "set" ? [[item, step.values] as const] : [],
    );
    return { do: "set", site, changes: placeValues(settings[site]!, Object.fromEntries(wanted)), steps };
}

/** What a run does to each item. */
export function effectsIn(steps: Steps): Record<string, string> {
    return Object.fromEntries(
        Object.entries(steps).flatMap(([item, step]) => (step.do === "run" ? [[item, step.effect]] : [])),
    );
}

function siteOf(step: Step): string {
    return "site" in step ? step.site : "";
}
