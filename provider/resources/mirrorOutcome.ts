import * as pulumi from "@pulumi/pulumi";

export interface MirrorOutcomeArgs {
    applications: pulumi.Input<string[]>;
    /** The roles of all of them, so that this one comes last. */
    roles: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * The outcome of a run for each of several protected items. A role that fails would stop those whose turn has not come,
 * so among several a failure is reported here, when all have had theirs.
 */
export class MirrorOutcome extends pulumi.dynamic.Resource {
    /** One line for each application when any of them failed, else "". */
    declare readonly summary: pulumi.Output<string>;

    constructor(name: string, args: MirrorOutcomeArgs, opts?: pulumi.CustomResourceOptions) {
        super(provider, name, { summary: undefined, ...args }, opts, "trident-dr", "MirrorOutcome");
    }
}

/** Only this text reaches the state. */
class MirrorOutcomeProvider implements pulumi.dynamic.ResourceProvider {
    async check(olds: unknown, news: unknown) {
        return (await import("pulumi-trident-dr/provider")).mirrorOutcome.check(olds, news);
    }
    async diff(id: string, olds: unknown, news: unknown) {
        return (await import("pulumi-trident-dr/provider")).mirrorOutcome.diff(id, olds, news);
    }
    async create(inputs: unknown) {
        return (await import("pulumi-trident-dr/provider")).mirrorOutcome.create(inputs);
    }
    async update(id: string, olds: unknown, news: unknown) {
        return (await import("pulumi-trident-dr/provider")).mirrorOutcome.update(id, olds, news);
    }
}

/** One for all: Pulumi serialises each provider once. */
const provider = new MirrorOutcomeProvider();
