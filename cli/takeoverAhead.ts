import type { ClusterReference } from "../provider/clients/kubernetes/cluster";
import { execute, type Reached } from "../provider/engine/execute";
import { explain } from "../provider/engine/explain";
import type { MirrorRoleInputs } from "../provider/engine/inputs";
import { type Inspection, inspect } from "../provider/engine/inspect";
import { Outcomes } from "../provider/engine/outcomes";
import { actingServers, type Servers } from "../provider/engine/servers";
import type { RunContext, Site } from "../provider/engine/site";
import { siteOfRole } from "../provider/engine/siteOfRole";
import { Credentials } from "../provider/process/credentials";
import { withoutNotices } from "../provider/process/providerProcess";
import { messageOf, render } from "../provider/roles/messages/message";
import type { Plan } from "../provider/roles/planner/decision";
import type { RoleRecord } from "../provider/roles/record";
import { Silence } from "../provider/support/silence";
import { refuseUnverified } from "../provider/support/tlsVariable";
import { span, startTrace } from "../provider/support/trace";
import { type BundledRole, bundledRole, NoBundle } from "./bundledRole";

/** At which site, and how that is reached. */
export interface AheadPlace {
    site: string;
    peer: string;
    cluster: ClusterReference;
    /** Of the pair's keys in the configuration of the site's stack. */
    namespace: string;
    /** Namespace of an item's record; undefined: where records are by default. */
    recordNamespaceOf(item: string): string | undefined;
    /** The values of that configuration, with its secrets. */
    values(): Promise<Readonly<Record<string, string>>>;
}

/** How a site is reached; a test puts another one in its place. */
export interface AheadSurroundings {
    servers(): Servers;
    openSite(run: RunContext, inputs: MirrorRoleInputs, servers: Servers): Site;
    environment: NodeJS.ProcessEnv;
    /** Aborted when the command is interrupted. */
    interrupted: AbortSignal;
}

/** The surroundings of a command. */
export function aheadInProcess(interrupted: AbortSignal): AheadSurroundings {
    return { servers: () => actingServers(), openSite: siteOfRole, environment: process.env, interrupted };
}

/** What a planned takeover goes by, beside what the last run left at the site. */
export interface HandedOver {
    /** The other site's record, with its token. */
    peer: RoleRecord;
    /** The site's own record, as its stack's state has it. */
    remembered: RoleRecord | undefined;
    acknowledgements: MirrorRoleInputs["acknowledgements"];
}

export type AheadResult =
    | { is: "done" }
    /** A run has to. */
    | { is: "left"; why: string }
    /** What was done is not undone. */
    | { is: "failed"; why: string };

/**
 * Takes over at a site by the engine in this process, with the token that the other site published: the same plan, the
 * same refusals and the same record as by the run that comes after it. All that can be read before the other site has
 * handed over is read by then.
 */
export class EngineAhead {
    private readonly servers: Servers;
    private readonly roles: ReadonlyMap<string, Promise<Prepared>>;

    private constructor(
        private readonly place: AheadPlace,
        items: readonly string[],
        private readonly surroundings: AheadSurroundings,
    ) {
        this.servers = surroundings.servers();
        const run = this.open();
        this.roles = new Map(items.map((item) => [item, this.prepare(item, run)]));
    }

    static prepare(place: AheadPlace, items: readonly string[], surroundings: AheadSurroundings): EngineAhead {
        withoutNotices();
        startTrace(surroundings.environment, () => undefined);
        const ahead = new EngineAhead(place, items, surroundings);
        void ahead.warmUp(items[0]!);
        return ahead;
    }

    async take(item: string, by: HandedOver, onLine: (line: string) => void): Promise<AheadResult> {
        const prepared = await this.roles.get(item);
        if (prepared === undefined || "why" in prepared) {
            return { is: "left", why: prepared?.why ?? "nothing was made ready for it" };
        }
        return span("takeover ahead of the run", "handler", { site: this.place.site, item }, () =>
            this.takeOver(prepared, by, onLine),
        );
    }

    private async takeOver(prepared: Ready, by: HandedOver, onLine: (line: string) => void): Promise<AheadResult> {
        let inspection: Inspection;
        let plan: Plan;
        try {
            inspection = await this.inspect(prepared, by, onLine);
            const { decision } = inspection;
            if (decision.kind === "refusal") {
                return { is: "left", why: this.render(inspection, decision.reason) };
            }
            if (decision.verb !== "take over with a token") {
                return { is: "left", why: `what is due there is to ${decision.verb}` };
            }
            plan = decision;
        } catch (error) {
            return { is: "left", why: render(messageOf(error)) };
        }
        explain(inspection).forEach(onLine);
        return this.execute(inspection, plan);
    }

    private async execute(inspection: Inspection, plan: Plan): Promise<AheadResult> {
        let reached: Reached;
        try {
            reached = await execute(inspection.site, plan, inspection.start, () => undefined);
        } catch (error) {
            return { is: "failed", why: this.render(inspection, messageOf(error)) };
        }
        return reached.establishing ? { is: "left", why: "its copy is not complete yet" } : { is: "done" };
    }

    private inspect(
        { role, run }: Ready,
        { peer, remembered, acknowledgements }: HandedOver,
        onLine: (line: string) => void,
    ): Promise<Inspection> {
        const { site } = this.place;
        const inputs = role.inputsWith(acknowledgements, {
            active: site,
            peerRecord: { known: true, record: peer },
        });
        const { before = [], after = [] } = inputs.order ?? {};
        if (before.length + after.length > 0) {
            throw new Error("it is ordered with others, which only a run of them all can keep to");
        }
        const { openSite } = this.surroundings;
        return inspect(openSite({ ...run, log: onLine }, inputs, this.servers), inputs, remembered, new Outcomes());
    }

    /** Loads what the takeover needs, and connects to the site's servers. What comes of it does not matter. */
    private async warmUp(item: string): Promise<void> {
        const prepared = await this.roles.get(item)!;
        if ("why" in prepared) {
            return;
        }
        const { role, run } = prepared;
        try {
            const inputs = role.inputsWith(undefined, { active: this.place.peer });
            const { openSite } = this.surroundings;
            await inspect(openSite(run, inputs, this.servers), inputs, undefined, new Outcomes());
        } catch {
            // The takeover itself says why.
        }
    }

    /** Never throws. */
    private async prepare(item: string, opening: Promise<RunContext>): Promise<Prepared> {
        const { site, cluster, recordNamespaceOf } = this.place;
        try {
            const run = await opening;
            const reached = this.servers.cluster(site, run.credentials.cluster(site, cluster));
            const recordNamespace = recordNamespaceOf(item);
            const request = { application: item, site, cluster, recordNamespace };
            return { run, role: await bundledRole(reached, request, run.credentials.seal(site)) };
        } catch (error) {
            return { why: error instanceof NoBundle ? `there is no ${error.places[0]}` : render(messageOf(error)) };
        }
    }

    private async open(): Promise<RunContext> {
        const { environment, interrupted } = this.surroundings;
        refuseUnverified(environment);
        const values = await this.place.values();
        const credentials = new Credentials(
            { config: { get: (key) => values[key] } },
            environment,
            this.place.namespace,
        );
        return { credentials, interrupted, silence: new Silence(), log: () => undefined };
    }

    private render({ inputs }: Inspection, message: Parameters<typeof render>[0]): string {
        return render(message, inputs.stacks);
    }
}

interface Ready {
    run: RunContext;
    role: BundledRole;
}

type Prepared = Ready | { why: string };
