import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject, type KubernetesObject } from "../../clients/kubernetes/objects";
import { printable } from "../../support/printable";
import type { Action } from "../action";
import { type ApplicationContext, deleteCommand } from "./context";
import { failuresIn } from "./hookResults";
import { namespaceOf } from "./manifests";
import { refersTo } from "./observe";
import type { HookSettings } from "./settings";

type Told = Extract<HookSettings["action"], "Failover" | "Restore">;

type Place = Pick<ApplicationContext, "cluster" | "settings">;

/**
 * What a promotion's hooks say, once it is done: the application is there by then, and serves. So a hook that failed is
 * reported, and fails nothing. The status of a mirror has no place for it; an ExecHooksRun has.
 */
export function tellHooks(context: ApplicationContext): Action[] {
    const { application, site } = context.settings;
    return declares(context, "Failover")
        ? [
              {
                  call: `GET ExecHooksRuns of ${application} at ${site}: what its post-failover hooks say`,
                  effect: "read",
                  run: async (progress) => (await troubleOfHooks(context, "Failover")).forEach(progress),
              },
          ]
        : [];
}

/** What the newest runs after a failover and after a restore complain of; none where no such hook is declared. */
export async function troubleWithHooks(context: ApplicationContext): Promise<string[]> {
    const actions = (["Failover", "Restore"] as const).filter((action) => declares(context, action));
    return (await Promise.all(actions.map((action) => troubleOfHooks(context, action)))).flat();
}

function declares({ settings }: Place, action: Told): boolean {
    return settings.hooks?.some((hook) => hook.action === action) === true;
}

/** Best effort: one that cannot be read is a line, and no error. */
async function troubleOfHooks(context: ApplicationContext, action: Told): Promise<string[]> {
    const what = `post-${action.toLowerCase()} hook`;
    try {
        const run = await newestRun(context, action);
        const failures = run === undefined ? [] : troubleIn(run, what);
        return run === undefined || failures.length === 0 ? [] : [`${failures.join("; ")}. ${adviceOn(context, run)}`];
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return [`what its ${what}s did cannot be read: ${printable(why)}`];
    }
}

async function newestRun({ cluster, settings }: Place, action: Told): Promise<KubernetesObject | undefined> {
    const runs = await cluster.list(kinds.execHooksRun, namespaceOf(settings));
    return runs
        .filter((run) => refersTo(run, settings.application))
        .filter(({ spec }) => (spec as { action?: unknown } | undefined)?.action === action)
        .sort((left, right) => bornOf(left) - bornOf(right))
        .at(-1);
}

function bornOf({ metadata }: KubernetesObject): number {
    return Date.parse(metadata.creationTimestamp ?? "");
}

function troubleIn(run: KubernetesObject, what: string): string[] {
    const { state, error, matchingContainers } = (run.status ?? {}) as Record<string, unknown>;
    const failures = failuresIn(matchingContainers, what);
    const why = typeof error === "string" && error !== "" ? error : undefined;
    if (failures.length > 0 || (why === undefined && state !== "Failed" && state !== "Error")) {
        return failures;
    }
    return [
        `${describeObject(kinds.execHooksRun, run.metadata)} is ${String(state)}: ${printable(why ?? "it gives no reason")}`,
    ];
}

/** Trident Protect runs no hook twice: what it should have done is done by hand. */
function adviceOn(context: ApplicationContext, { metadata }: KubernetesObject): string {
    return `What it should have done is left to be done by hand. Once that is done: ${deleteCommand(context, kinds.execHooksRun, metadata.name)}`;
}
