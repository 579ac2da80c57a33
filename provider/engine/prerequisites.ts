import { z } from "zod";
import { type Cluster, describe, type Kind, type KubernetesObject } from "../clients/kubernetes/cluster";
import { KubernetesError } from "../clients/kubernetes/errors";
import { appVault, tridentBackend } from "../clients/kubernetes/kinds";
import type { Plan } from "../roles/planner/decision";

/** Objects of this stack that other controllers must have found usable. */
export interface PrerequisiteSettings {
    site: string;
    protectNamespace: string;
    /** AppVault name at this site for each site's vault. */
    vaults: Readonly<Record<string, string>>;
    tridentBackend: { name: string; namespace: string } | undefined;
}

/** Milliseconds. */
export interface Patience {
    /** A failure that is told for so long is meant: right after a change the status is still that of before. */
    failing: number;
    /** Until a controller has said anything. */
    silent: number;
}

/**
 * What a role's first step at a site stands on. It is waited for here and not where it is declared, so that a failure
 * is told at once and in the controller's own words. A site that has a role already is not asked: a takeover must not
 * wait for a status.
 */
export class Prerequisites {
    constructor(
        private readonly cluster: Pick<Cluster, "get" | "waitFor">,
        private readonly settings: PrerequisiteSettings,
        private readonly signal: AbortSignal,
        private readonly patience: Patience = { failing: 30_000, silent: 120_000 },
    ) {}

    /** Throws one sentence for each thing that a plan needs and that cannot be used. */
    async require(plan: Plan, progress: (line: string) => void): Promise<void> {
        const needed = this.neededBy(plan);
        const outcomes = await Promise.allSettled(needed.map((one) => this.await(one, progress)));
        const failures = outcomes.filter((outcome) => outcome.status === "rejected");
        if (failures.length > 0) {
            const sentences = failures.map(({ reason }) => (reason instanceof Error ? reason.message : String(reason)));
            throw new Error([...new Set(sentences)].join("\n"));
        }
    }

    private neededBy(plan: Plan): Prerequisite[] {
        const { site, vaults, protectNamespace, tridentBackend: backend } = this.settings;
        const mirrors = plan.steps.some((step) => step.do === "establish-mirror");
        const sites = Object.keys(vaults).filter((owner) => mirrors || owner === site);
        return [
            ...sites.map((owner) => vaultOf(owner, { name: vaults[owner]!, namespace: protectNamespace })),
            ...(backend === undefined ? [] : [backendOf(backend)]),
        ];
    }

    private async await(one: Prerequisite, progress: (line: string) => void): Promise<void> {
        const name = describe(one.kind, one.key);
        let told = "";
        const tell = (last: KubernetesObject | undefined, seconds: number) => {
            const said = one.read(last).problem;
            progress(
                `waiting for ${name} to be ${one.wanted}, ${seconds} s${said === "" || said === told ? "" : `: ${said}`}`,
            );
            told = said;
        };
        const wait = (deadline: number) =>
            this.cluster.waitFor(one.kind, one.key, one.wanted, (object) => one.read(object).usable, {
                deadline,
                signal: this.signal,
                onProgress: tell,
            });
        let problem = "";
        for (const deadline of [this.patience.failing, this.patience.silent - this.patience.failing]) {
            try {
                await wait(deadline);
                return;
            } catch (thrown) {
                problem = await this.problemOf(one, thrown);
            }
            if (problem !== "") {
                break;
            }
        }
        const said = problem === "" ? "nothing is said of why; see that its controller runs" : problem;
        throw new Error(
            `${this.settings.site}: ${name} is not ${one.wanted}: ${said.replace(/[.\s]+$/, "")}. ${one.remedy}, then pulumi up --stack ${this.settings.site}`,
        );
    }

    /** What the controller says once time is up; any other failure than that is passed on. */
    private async problemOf(one: Prerequisite, thrown: unknown): Promise<string> {
        if (!(thrown instanceof KubernetesError && thrown.kind === "timeout") || this.signal.aborted) {
            throw thrown;
        }
        return one.read(await this.cluster.get(one.kind, one.key)).problem;
    }
}

interface Prerequisite {
    kind: Kind;
    key: { name: string; namespace: string };
    wanted: string;
    remedy: string;
    read(object: KubernetesObject | undefined): Standing;
}

interface Standing {
    usable: boolean;
    /** In the controller's words; empty as long as it says none. */
    problem: string;
}

const vaultStatus = z.object({ state: z.string().optional(), error: z.string().optional() }).optional();

function vaultOf(owner: string, key: Prerequisite["key"]): Prerequisite {
    return {
        kind: appVault,
        key,
        wanted: "Available",
        remedy: `See bucket, endpoint and certificate of ${owner}'s vault, and trident-dr:vaultCredentials.${owner} of this stack`,
        read(object) {
            const status = vaultStatus.parse(object?.status);
            const [state, error] = [status?.state ?? "", status?.error ?? ""];
            return { usable: state === "Available", problem: error === "" ? "" : `${state || "it"} says ${error}` };
        },
    };
}

const backendStatus = z
    .object({
        phase: z.string().optional(),
        lastOperationStatus: z.string().optional(),
        message: z.string().optional(),
    })
    .optional();

function backendOf(key: Prerequisite["key"]): Prerequisite {
    return {
        kind: tridentBackend,
        key,
        wanted: "Bound",
        remedy: "See the array's address, SVM and certificate, and the account of Trident (tridentUsername, trident-dr:tridentPassword) of this stack",
        read(object) {
            const status = backendStatus.parse(object?.status);
            const hasFailed = status?.lastOperationStatus === "Failed";
            return {
                usable: status?.phase === "Bound" && !hasFailed,
                problem: hasFailed ? (status.message ?? "") : "",
            };
        },
    };
}
