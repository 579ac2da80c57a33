import { isDeepStrictEqual } from "node:util";
import { type FindingCode, type Level, type StatusDocument, statusDocument } from "../../cli/status/document";
import { isUnknown } from "../../cli/status/known";
import type { Role } from "../../provider/roles/record";
import type { Lab, SiteName } from "../lab";
import { type CommandResult, jsonIn, runCommand, withoutPulumi } from "./command";

/** What `trident-dr status` is to tell of the application. */
export interface ExpectedStatus {
    code: number;
    level: Level;
    /** At east and at west. */
    roles: readonly [Role | "unknown", Role | "unknown"];
    /** Codes of findings, in their order. */
    found: readonly FindingCode[];
}

/** `trident-dr status`, as somebody runs it who has both stacks, or nothing but the clusters. */
export class StatusCommand {
    constructor(
        private readonly lab: Lab,
        /** Folder of the Pulumi.yaml. */
        private readonly project: string,
    ) {}

    async expect(expected: ExpectedStatus): Promise<CommandResult> {
        const environment = { ...process.env, ...this.lab.environment() };
        return told(await runCommand(["status", "--json"], environment, this.project), expected);
    }

    async expectWithoutPulumi(expected: ExpectedStatus): Promise<CommandResult> {
        const clusters = (["east", "west"] as const).flatMap((site) => this.cluster(site));
        return told(
            await runCommand(["status", "shop", "--json", ...clusters], withoutPulumi(this.lab, "west")),
            expected,
        );
    }

    private cluster(site: SiteName): string[] {
        return [`--kubeconfig-${site}`, this.lab.sites[site].kubernetes.productKubeconfig];
    }
}

function told(result: CommandResult, expected: ExpectedStatus): CommandResult {
    const actual = { code: result.code, ...summaryOf(result) };
    if (!isDeepStrictEqual(actual, { ...expected })) {
        throw new Error(
            `trident-dr status was to tell ${JSON.stringify(expected)}, and told ${JSON.stringify(actual)}:\n${result.output}`,
        );
    }
    return result;
}

function summaryOf({ printed, output }: CommandResult): Omit<ExpectedStatus, "code"> {
    const parsed = statusDocument.safeParse(jsonIn(printed));
    if (!parsed.success) {
        throw new Error(`trident-dr status printed no document:\n${output}`);
    }
    const { level, items }: StatusDocument = parsed.data;
    const [item] = items;
    const [east, west] = item!.sites.map(({ role }) => (isUnknown(role) ? "unknown" : role));
    return { level, roles: [east!, west!], found: item!.findings.map(({ code }) => code) };
}
