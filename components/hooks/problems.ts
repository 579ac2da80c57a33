import { readFileSync } from "node:fs";
import { hookActions, hookStages } from "../../provider/drivers/applications/settings";
import { nonEmptyStringProblems, objectNameProblems, oneOfProblems } from "../validation/names";
import { describe, type Problem } from "../validation/problems";
import { criterionTypes, recipeHookNames } from "./hooks";
import { type RecipeName, recipeNames, recipes } from "./recipes";
import { recipeParameters } from "./recipes/recipe";

/** What Trident Protect takes: 131,072 characters of base64. */
const largestScript = 96 * 1024;
/** A takeover without Pulumi goes by a ConfigMap that has all of them, and one holds 1 MiB (docs/facts/kubernetes.md). */
const largestOfAll = 512 * 1024;

export function sourceProblems(key: string, value: unknown): Problem[] {
    const expected = "a script: a text that begins with #!";
    if (typeof value !== "string" || !value.startsWith("#!")) {
        return [{ key, expected, found: describe(value) }];
    }
    const size = Buffer.byteLength(value);
    return size <= largestScript ? [] : [{ key, expected: `${largestScript} bytes at most`, found: `${size}` }];
}

/** The path of a script, from the folder of the program. */
export function fileProblems(key: string, value: unknown): Problem[] {
    const problems = nonEmptyStringProblems(key, value);
    if (problems.length > 0) {
        return problems;
    }
    try {
        const [problem] = sourceProblems(key, readFileSync(value as string, "utf8"));
        return problem === undefined
            ? []
            : [
                  {
                      key,
                      expected: `the path of ${problem.expected.replace("a text that", "a file that")}`,
                      found: `${describe(value)}, with ${problem.found}`,
                  },
              ];
    } catch {
        return [
            {
                key,
                expected: "the path of a script, from the program's folder",
                found: `${describe(value)}, which cannot be read`,
            },
        ];
    }
}

export function argumentsProblems(key: string, value: unknown): Problem[] {
    if (!Array.isArray(value) || value.length > 127) {
        return [{ key, expected: "a list of 127 texts at most", found: describe(value) }];
    }
    return value.flatMap((one, index) =>
        typeof one === "string" ? [] : [{ key: `${key}[${index}]`, expected: "a text", found: describe(one) }],
    );
}

export function minutesProblems(key: string, value: unknown): Problem[] {
    return wholeProblems(key, value, 1, 1_440);
}

export function lockLimitProblems(key: string, value: unknown): Problem[] {
    return wholeProblems(key, value, 1, 3_600);
}

function wholeProblems(key: string, value: unknown, least: number, most: number): Problem[] {
    return Number.isInteger(value) && Number(value) >= least && Number(value) <= most
        ? []
        : [{ key, expected: `a whole number from ${least} to ${most}`, found: describe(value) }];
}

/** All that is wrong with hooks that a program gives, the values alone and what they are to each other. */
export function hooksProblems(key: string, value: unknown): Problem[] {
    if (value === undefined) {
        return [];
    }
    if (!Array.isArray(value)) {
        return [{ key, expected: "a list", found: describe(value) }];
    }
    return [
        ...value.flatMap((hook, index) => valueProblems(`${key}[${index}]`, objectOr(hook))),
        ...hooksRelationProblems(key, value),
    ];
}

/** What is wrong between the values of hooks; those that are invalid on their own are reported elsewhere. */
export function hooksRelationProblems(key: string, value: unknown): Problem[] {
    if (!Array.isArray(value)) {
        return [];
    }
    const hooks = value.map(objectOr);
    return [
        ...hooks.flatMap((hook, index) =>
            hook.recipe === undefined
                ? scriptProblems(`${key}[${index}]`, hook)
                : recipeProblems(`${key}[${index}]`, hook),
        ),
        ...nameProblems(key, hooks),
        ...sizeProblems(key, hooks),
    ];
}

type Values = Record<string, unknown>;

const checks: Readonly<Record<string, (key: string, value: unknown) => Problem[]>> = {
    name: objectNameProblems,
    recipe: (key, value) => oneOfProblems(key, value, recipeNames),
    action: (key, value) => oneOfProblems(key, value, hookActions),
    stage: (key, value) => oneOfProblems(key, value, hookStages),
    source: sourceProblems,
    arguments: argumentsProblems,
    timeout: minutesProblems,
    user: nonEmptyStringProblems,
    lockLimit: lockLimitProblems,
    matchingCriteria: criteriaProblems,
};

function valueProblems(key: string, hook: Values): Problem[] {
    return Object.entries(hook)
        .filter(([, value]) => value !== undefined)
        .flatMap(([name, value]) => checks[name]?.(`${key}.${name}`, value) ?? []);
}

function criteriaProblems(key: string, value: unknown): Problem[] {
    if (!Array.isArray(value) || value.length > 10) {
        return [{ key, expected: "a list of 10 criteria at most", found: describe(value) }];
    }
    return value.flatMap((criterion, index) => {
        const { type, value: pattern } = objectOr(criterion);
        return [
            ...oneOfProblems(`${key}[${index}].type`, type, criterionTypes),
            ...nonEmptyStringProblems(`${key}[${index}].value`, pattern),
        ];
    });
}

function scriptProblems(key: string, hook: Values): Problem[] {
    const scripts = ["source", "file"].filter((name) => hook[name] !== undefined);
    return [
        ...missing(key, hook, ["name", "action", "stage"], "of a hook without a recipe"),
        ...(scripts.length === 1
            ? []
            : [
                  {
                      key,
                      expected: "its script: either source or file",
                      found: scripts.length === 0 ? "neither" : "both",
                  },
              ]),
        ...without(key, hook, recipeParameters, "only with a recipe that has it"),
        ...(hook.stage === "Pre" && (hook.action === "Restore" || hook.action === "Failover")
            ? [
                  {
                      key: `${key}.stage`,
                      expected: `Post: nothing runs before a ${hook.action.toLowerCase()}`,
                      found: '"Pre"',
                  },
              ]
            : []),
    ];
}

function recipeProblems(key: string, hook: Values): Problem[] {
    const { recipe, matchingCriteria } = hook;
    const known = recipeNames.find((name) => name === recipe);
    const own = recipeParameters.filter((name) => known !== undefined && !recipes[known].parameters.includes(name));
    return [
        ...without(key, hook, ["action", "stage", "source", "file", "arguments"], `no such key: the recipe has it`),
        ...without(key, hook, own, `no such key with the recipe ${known ?? ""}`),
        ...(matchingCriteria === undefined || (Array.isArray(matchingCriteria) && matchingCriteria.length === 0)
            ? [
                  {
                      key: `${key}.matchingCriteria`,
                      expected: "the containers in which it can run",
                      found: describe(matchingCriteria),
                  },
              ]
            : []),
    ];
}

function missing(key: string, hook: Values, names: readonly string[], of: string): Problem[] {
    return names
        .filter((name) => hook[name] === undefined)
        .map((name) => ({ key: `${key}.${name}`, expected: `the ${name} ${of}`, found: "nothing" }));
}

function without(key: string, hook: Values, names: readonly string[], expected: string): Problem[] {
    return names
        .filter((name) => hook[name] !== undefined)
        .map((name) => ({ key: `${key}.${name}`, expected, found: describe(hook[name]) }));
}

/** Two ExecHooks of one name would be one. */
function nameProblems(key: string, hooks: readonly Values[]): Problem[] {
    const seen = new Set<string>();
    return hooks.flatMap((hook, index) =>
        namesOf(hook).flatMap((name) => {
            const problems = seen.has(name)
                ? [{ key: `${key}[${index}].name`, expected: "a name of its own", found: `${describe(name)} twice` }]
                : objectNameProblems(`${key}[${index}].name`, name);
            seen.add(name);
            return problems;
        }),
    );
}

function namesOf({ recipe, name }: Values): string[] {
    const known = recipeNames.find((one): one is RecipeName => one === recipe);
    if (name !== undefined && objectNameProblems("", name).length > 0) {
        return [];
    }
    const given = name as string | undefined;
    return known === undefined ? (given === undefined ? [] : [given]) : recipeHookNames(known, given);
}

function sizeProblems(key: string, hooks: readonly Values[]): Problem[] {
    const size = hooks.reduce((sum, hook) => sum + (scriptOf(hook)?.length ?? 0), 0);
    return size <= largestOfAll
        ? []
        : [{ key, expected: `scripts of ${largestOfAll} characters at most, all together`, found: `${size}` }];
}

function scriptOf({ source, file }: Values): string | undefined {
    try {
        return typeof source === "string" ? source : typeof file === "string" ? readFileSync(file, "utf8") : undefined;
    } catch {
        return undefined;
    }
}

function objectOr(value: unknown): Values {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : {};
}
