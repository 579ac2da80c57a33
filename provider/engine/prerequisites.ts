import { z } from "zod";
import type { Cluster } from "../clients/kubernetes/cluster";
import { KubernetesError } from "../clients/kubernetes/errors";
import { describeObject, type Kind, type KubernetesObject } from "../clients/kubernetes/objects";
import { kinds } from "../clients/kubernetes/kinds";
import { type Action, inPhases, type Progress } from "../drivers/action";
import { upCommand } from "../roles/messages/commands";
import { MessageError, text } from "../roles/messages/message";

/** Objects of this stack that other controllers must have found usable. */
export interface PrerequisiteSettings {
    site: string;
    protectNamespace: string;
    /** AppVault name at this site for each site's vault. */
    vaults: Readonly<Record<string, string>>;
    tridentBackend: { name: string; namespace: string } | undefined;
    /** Which of these somebody else made, as `<plural of its kind>/<name>`. Default: none. */
    existing?: readonly string[];
}

/** Milliseconds. */
export interface Patience {
    /** A failure that is reported for so long is real: right after a change the status is still the previous one. */
    failing: number;
    /** Until a controller has reported anything. */
    silent: number;
}

/**
 * What a role's first step at a site stands on. It is waited for here and not where it is declared, so that a failure is
 * reported at once and in the controller's own words. A site that has a role already is not asked: a takeover must not
 * wait for a status.
 */
export class Prerequisites {
    constructor(
        private readonly cluster: Pick<Cluster, "get" | "waitFor">,
        private readonly settings: PrerequisiteSettings,
        private readonly signal: AbortSignal,
        private readonly patience: Patience = { failing: 30_000, silent: 120_000 },
    ) {}

    /**
     * A wait for each prerequisite that cannot be used yet.
     *
     * @param forMirror whether the peer's vault is needed as well
     */
    async unmet(forMirror: boolean): Promise<Action[]> {
        const needed = this.needed(forMirror);
        const found = await Promise.all(needed.map(({ kind, key }) => this.cluster.get(kind, key)));
        const unusable = needed.filter((one, index) => !one.read(found[index]).usable);
        return inPhases([unusable.map((one) => this.waitAction(one))]);
    }

    /** What is not usable now, whether or not a role is to begin; nothing is waited for. */
    async faults(): Promise<PrerequisiteFault[]> {
        const needed = this.needed(true);
        const found = await Promise.all(needed.map(({ kind, key }) => this.cluster.get(kind, key)));
        return needed.flatMap((one, index): PrerequisiteFault[] => {
            const { usable, problem } = one.read(found[index]);
            const what = found[index] === undefined ? "it does not exist" : problem || "no reason reported";
            const remedy = this.remedyOf(one);
            return usable
                ? []
                : [{ what: `${describeObject(one.kind, one.key)} is not ${one.wanted}: ${what}`, remedy }];
        });
    }

    private needed(forMirror: boolean): Prerequisite[] {
        const { site, vaults, protectNamespace, tridentBackend: backend } = this.settings;
        const owners = Object.keys(vaults).filter((owner) => forMirror || owner === site);
        return [
            ...owners.map((owner) => vaultOf(owner, { name: vaults[owner]!, namespace: protectNamespace })),
            ...(backend === undefined ? [] : [backendOf(backend)]),
        ];
    }

    private waitAction(one: Prerequisite): Action {
        return {
            call: `wait for ${describeObject(one.kind, one.key)} to be ${one.wanted}`,
            effect: "read",
            run: (progress) => this.waitFor(one, progress),
        };
    }

    private async waitFor(one: Prerequisite, progress: Progress): Promise<void> {
        const { failing, silent } = this.patience;
        let problem = "";
        for (const deadline of [failing, silent - failing]) {
            try {
                await this.waitOnce(one, deadline, progress);
                return;
            } catch (error) {
                problem = await this.problemOf(one, error);
            }
            if (problem !== "") {
                break;
            }
        }
        const { site } = this.settings;
        const reported = problem === "" ? "no reason reported; check that its controller is running" : problem;
        throw new MessageError(
            text`${site}: ${describeObject(one.kind, one.key)} is not ${one.wanted}: ${reported.replace(/[.\s]+$/, "")}. ${this.remedyOf(one)}, then ${upCommand(site)}`,
        );
    }

    private remedyOf({ kind, key, remedy }: Prerequisite): string {
        const isExisting = (this.settings.existing ?? []).includes(`${kind.plural}/${key.name}`);
        return isExisting ? "Somebody else made it, and has to repair it" : remedy;
    }

    private async waitOnce(one: Prerequisite, deadline: number, progress: Progress): Promise<void> {
        const name = describeObject(one.kind, one.key);
        let reported = "";
        await this.cluster.waitFor(one.kind, one.key, one.wanted, (object) => one.read(object).usable, {
            deadline,
            signal: this.signal,
            onProgress: (last, seconds, trouble) => {
                const problem = trouble ?? one.read(last).problem;
                const news = problem === "" || problem === reported ? "" : `: ${problem}`;
                progress(`waiting for ${name} to be ${one.wanted}, ${seconds} s${news}`);
                reported = problem;
            },
        });
    }

    /** What the controller reports once time is up; any other failure than that is passed on. */
    private async problemOf(one: Prerequisite, error: unknown): Promise<string> {
        if (!(error instanceof KubernetesError && error.kind === "timeout") || this.signal.aborted) {
            throw error;
        }
        return one.read(await this.cluster.get(one.kind, one.key)).problem;
    }
}

/** One that its controller does not report as usable. */
export interface PrerequisiteFault {
    /** In the controller's words. */
    what: string;
    remedy: string;
}

interface Prerequisite {
    kind: Kind;
    key: { name: string; namespace: string };
    wanted: string;
    remedy: string;
    read(object: KubernetesObject | undefined): Readiness;
}

interface Readiness {
    usable: boolean;
    /** In the controller's words; empty as long as it reports none. */
    problem: string;
}

const vaultStatus = z.object({ state: z.string().optional(), error: z.string().optional() }).optional();

function vaultOf(owner: string, key: Prerequisite["key"]): Prerequisite {
    return {
        kind: kinds.appVault,
        key,
        wanted: "Available",
        remedy: `Check bucket, endpoint and certificate of ${owner}'s vault, and vaultCredentials.${owner} of this stack or the Secret that its credentialsSecret names`,
        read(object) {
            const status = vaultStatus.parse(object?.status);
            const [state, error] = [status?.state ?? "", status?.error ?? ""];
            return { usable: state === "Available", problem: error === "" ? "" : `${state || "it"} reports ${error}` };
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
        kind: kinds.tridentBackend,
        key,
        wanted: "Bound",
        remedy: "Check the array's address, SVM and certificate, and Trident's account: tridentUsername and tridentPassword of this stack, or the Secret that tridentBackend.credentialsSecret names",
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
