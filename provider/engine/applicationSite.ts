import type { Credentials } from "../process/credentials";
import { AppMirrorDriver } from "../drivers/applications/applicationsDriver";
import { homeOf } from "../drivers/applications/objects";
import type { AppMirrorSettings } from "../drivers/applications/settings";
import { remarksOn, standingOf } from "../drivers/applications/arrayReport";
import { volumesOf } from "../drivers/applications/claimedVolumes";
import { Cluster } from "../clients/kubernetes/cluster";
import { timeoutsOf } from "./durations";
import { EpochClaims } from "./epochClaims";
import type { ApplicationInputs } from "./inputs";
import { interrupted } from "../process/interrupt";
import { ontapArray } from "./ontapArray";
import { Prerequisites } from "./prerequisites";
import { keeperOf } from "./recordStore";
import type { Site } from "./site";

/** What it takes to plan and act at a site for an application of Trident Protect. */
export function applicationSite(credentials: Credentials, inputs: ApplicationInputs): Site {
    const settings = settingsOf(inputs);
    const { application, site, peerSite } = inputs;
    const namespace = homeOf(settings);
    const cluster = Cluster.connect(site, inputs.cluster);
    const volumes = volumesOf(cluster, settings, ontapArray(credentials, settings));
    const inPassing = volumesOf(cluster, settings, ontapArray(credentials, settings, surveyBudget));
    return {
        means: {
            driver: new AppMirrorDriver(cluster, settings, volumes, interrupted),
            claims: new EpochClaims(cluster, settings),
            keeper: keeperOf(cluster, inputs, namespace),
            progress: (line) => console.log(`${application} at ${site}: ${line}`),
            signal: interrupted,
        },
        prerequisites: new Prerequisites(cluster, { ...settings, tridentBackend: inputs.tridentBackend }, interrupted),
        foreign: () => undefined,
        behind: () =>
            inPassing.survey().then(
                (survey) => ({
                    shown: { array: standingOf(survey) },
                    sources: survey.volumes.flatMap(({ outOf }) => outOf),
                    remarks: (own, peer, maxLagSeconds) =>
                        remarksOn(survey, { own, peer, application, namespace, site, peerSite, maxLagSeconds }),
                }),
                (thrown: Error) => ({
                    shown: {},
                    sources: undefined,
                    remarks: () => [`not looked at: ${thrown.message}`],
                }),
            ),
    };
}

/** Milliseconds for each question to an array that nothing depends on. */
const surveyBudget = 8_000;

function settingsOf(inputs: ApplicationInputs): AppMirrorSettings {
    return {
        application: inputs.application,
        site: inputs.site,
        peer: inputs.peerSite,
        cluster: inputs.cluster,
        namespaces: inputs.namespaces,
        vaults: inputs.vaults,
        protectNamespace: inputs.protectNamespace ?? "trident-protect",
        storageClass: inputs.storageClass,
        recurrence: inputs.recurrence,
        daily: inputs.daily,
        resourceFilter: inputs.resourceFilter,
        ontap: inputs.ontap,
        timeouts: timeoutsOf(inputs),
    };
}
