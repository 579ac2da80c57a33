import * as pulumi from "@pulumi/pulumi";
import { MirrorOutcome } from "../provider/resources/mirrorOutcome";

/**
 * What a stack publishes under the name `tridentDr`, for its peer and for anyone who asks.
 *
 * @example
 * {
 *     site: "east",
 *     applications: { shop: { record: { role: "active", epoch: 3 }, next: "" } },
 *     peering: { ontap: { peered: true, next: "" } },
 * }
 */
export interface SitePairOutputs {
    /** The site that the stack is for. */
    site: string;
    /**
     * By name: the role record of each application and group of volumes, what the other site must do next, or "", and how
     * far a copy to this site is as long as it is not complete.
     */
    applications: Record<string, { record: unknown; next: string; establishing?: unknown }>;
    /** By name of the backend: whether storage is peered from both sides, and what the other site must do next, or "". */
    peering: Record<string, { peered: boolean; next: string }>;
}

/** What a protected item publishes. */
interface ItemReport {
    /** Its role record at this site. */
    record: pulumi.Input<unknown>;
    /** What the other site must do next, or "". */
    next: pulumi.Input<string>;
    /** How far a copy to this site is; undefined when none is being made. */
    establishing?: pulumi.Input<unknown>;
}

/** What a backend publishes. */
interface PeeringReport {
    /** Whether both halves are done. */
    peered: pulumi.Input<boolean>;
    /** What the other site must do next, or "". */
    next: pulumi.Input<string>;
}

/** Collects what a stack publishes. */
export class Publication {
    private readonly items = new Map<string, ItemReport>();
    private readonly peerings = new Map<string, PeeringReport>();

    constructor(private readonly site: string) {}

    addItem(name: string, report: ItemReport): void {
        this.items.set(name, report);
    }

    addPeering(name: string, report: PeeringReport): void {
        this.peerings.set(name, report);
    }

    outputs(): pulumi.Output<SitePairOutputs> {
        const items = pulumi.output(Object.fromEntries(this.items)).apply(withoutUndefined);
        return pulumi.output({
            site: this.site,
            applications: items,
            peering: Object.fromEntries(this.peerings),
        }) as pulumi.Output<SitePairOutputs>;
    }
}

/** A copy that is not being made is not mentioned. */
function withoutUndefined(items: Record<string, object>): Record<string, object> {
    return Object.fromEntries(
        Object.entries(items).map(([name, report]) => [
            name,
            Object.fromEntries(Object.entries(report).filter(([, value]) => value !== undefined)),
        ]),
    );
}

/** What the other site must do next, each sentence once; an unknown one, in a preview, is left out. */
export function nextIn({ applications, peering }: SitePairOutputs): string[] {
    const sentences = [...Object.values(peering), ...Object.values(applications)].map(({ next }) => next);
    return [...new Set(sentences.filter((next) => typeof next === "string" && next !== ""))];
}

/** Fails the run when any of several items failed, but only after each has had its turn and has published its record. */
export function reportOutcome(
    name: string,
    { items, roles }: { items: string[]; roles: pulumi.Output<string>[] },
    parent: pulumi.Resource,
): MirrorOutcome {
    const outcome = new MirrorOutcome(`${name}-outcome`, { applications: items, roles }, { parent });
    outcome.summary.apply((summary) => {
        if (summary !== "" && !pulumi.runtime.isDryRun()) {
            throw withoutStack(new pulumi.RunError(summary));
        }
    });
    return outcome;
}

/** Pulumi prints an error thrown in the callback of an output with its stack, whatever its class. */
function withoutStack(error: pulumi.RunError): pulumi.RunError {
    return Object.assign(error, { stack: error.message });
}
