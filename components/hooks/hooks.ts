import type { HookSettings } from "../../provider/drivers/applications/settings";
import { type RecipeName, recipes } from "./recipes";

/**
 * Scripts that Trident Protect runs in containers of the application: one of your own, or a recipe for a database.
 *
 * @example
 * { recipe: "postgresql", matchingCriteria: [{ type: "containerName", value: "^postgres$" }] }
 */
export type HookArgs = ScriptHookArgs | RecipeHookArgs;

/** A script of your own. */
export interface ScriptHookArgs extends CommonHookArgs {
    /** Name of the ExecHook. */
    name: string;
    /** What it belongs to. `Backup`: those of `schedules`, and your own. `Restore`: a change of mind, and your own. */
    action: HookSettings["action"];
    /** Before it or after it; `Restore` and `Failover` have hooks after them only. */
    stage: HookSettings["stage"];
    /**
     * The script itself, 96 KiB at most. It is no secret: it stands in the state, in the cluster and in the vaults.
     * @example
     * readFileSync("warm-up.sh", "utf8")
     */
    source: string;
    /** What the script is given. @default nothing */
    arguments?: string[];
}

/** A recipe of this package (docs/hooks.md): what a database wants before and after a snapshot. */
export interface RecipeHookArgs extends CommonHookArgs {
    /** Containers that meet all of these: those in which the database, and its client, is. */
    matchingCriteria: HookCriterion[];
    recipe: RecipeName;
    /** What the names of its ExecHooks begin with. @default the recipe's name */
    name?: string;
    /** User of the database. @default the one that the container's environment names, or the database's own */
    user?: string;
    /** Seconds after which a lock is given up although the snapshot has not ended. @default 300 */
    lockLimit?: number;
}

interface CommonHookArgs {
    /** Minutes that each run of it may take. @default 25 */
    timeout?: number;
    /** Containers that meet all of these. @default every container of the application */
    matchingCriteria?: HookCriterion[];
}

export interface HookCriterion {
    type: (typeof criterionTypes)[number];
    /** A regular expression (RE2); with `podLabel` a label. */
    value: string;
}

/** As Trident Protect's own command writes them. */
export const criterionTypes = ["containerImage", "containerName", "podName", "podLabel", "namespaceName"] as const;

export const defaultLockLimit = 300;

/** The ExecHooks of an application, as they are declared; undefined where nothing is said of them. */
export function hooksOf(hooks: readonly HookArgs[] | undefined): HookSettings[] | undefined {
    return hooks?.flatMap((hook) => ("recipe" in hook ? ofRecipe(hook) : [ofScript(hook)]));
}

/** Names of the ExecHooks that a recipe makes. */
export function recipeHookNames(recipe: RecipeName, name: string = recipe): string[] {
    return [`${name}-pre-snapshot`, ...(recipes[recipe].undoes ? [`${name}-post-snapshot`] : [])];
}

function ofScript({ name, action, stage, source, arguments: given, timeout, matchingCriteria }: ScriptHookArgs) {
    return { name, action, stage, source, arguments: given, timeout, matchingCriteria };
}

function ofRecipe({
    recipe,
    name,
    user = "",
    lockLimit = defaultLockLimit,
    timeout,
    matchingCriteria,
}: RecipeHookArgs) {
    const stages = [
        ["Pre", "pre"],
        ["Post", "post"],
    ] as const;
    return recipeHookNames(recipe, name).map((hookName, index): HookSettings => {
        const [stage, argument] = stages[index]!;
        return {
            name: hookName,
            action: "Snapshot",
            stage,
            source: recipes[recipe].script,
            arguments: [argument, user, String(lockLimit)],
            timeout,
            matchingCriteria,
        };
    });
}
