import { isDeepStrictEqual } from "node:util";
import { type CheckName, type ReadinessDocument, readinessDocument } from "../../cli/readiness/document";
import type { Lab, SiteName } from "../lab";
import { type CommandResult, jsonIn, runCommand } from "./command";

/** The commands look for what a takeover goes by wherever that may be; an account for runs may only where it is. */
export const bundlesElsewhere = /^get configmaps in \S+ \(trident-dr-takeover-\S+\)$/;

/** Readiness looks for all ResourceQuotas besides, which such an account may not. */
export const readsDoneWithout = [bundlesElsewhere, /^list resourcequotas in \S+$/];

/** What `trident-dr readiness` is to tell of each application. */
export interface ExpectedReadiness {
    code: number;
    /** The site that would take over. */
    at: SiteName;
    /** The checks that are not well. */
    besides: readonly CheckName[];
    /** Those that may be well or not. Default: none. */
    possibly?: readonly CheckName[];
}

/** `trident-dr readiness`, as somebody runs it who has both stacks. */
export class ReadinessCommand {
    constructor(
        private readonly lab: Lab,
        /** Folder of the Pulumi.yaml. */
        private readonly project: string,
    ) {}

    /** @param names of all that is protected */
    async expect(
        names: readonly string[],
        { code, at, besides, possibly = [] }: ExpectedReadiness,
    ): Promise<CommandResult> {
        const environment = { ...process.env, ...this.lab.environment() };
        const result = await runCommand(["readiness", "--json"], environment, this.project);
        const expected = { code, items: names.map((item) => ({ item, at, besides: [...besides].sort() })) };
        const actual = { code: result.code, items: itemsIn(result, possibly) };
        if (!isDeepStrictEqual(actual, expected)) {
            throw new Error(
                `trident-dr readiness was to tell ${JSON.stringify(expected)}, and told ${JSON.stringify(actual)}:\n${result.output}`,
            );
        }
        return result;
    }
}

function itemsIn({ printed, output }: CommandResult, ignored: readonly CheckName[]) {
    const parsed = readinessDocument.safeParse(jsonIn(printed));
    if (!parsed.success) {
        throw new Error(`trident-dr readiness printed no document:\n${output}`);
    }
    const { items }: ReadinessDocument = parsed.data;
    return items.map(({ item, at, checks }) => ({
        item,
        at,
        besides: [...new Set(checks.filter(({ level }) => level !== "ok").map(({ name }) => name))]
            .filter((name) => !ignored.includes(name))
            .sort(),
    }));
}
