import type { Cluster } from "../../../../../provider/clients/kubernetes/cluster";
import type { ClaimedVolumes } from "../../../../../provider/drivers/applications/claimedVolumes";
import type { ApplicationSettings } from "../../../../../provider/drivers/applications/settings";
import { ApplicationView } from "../../../../../provider/drivers/applications/applicationsDriver";
import type { ApplicationState, SnapshotState } from "../../../../../provider/drivers/applications/observe";
import type { Workload } from "../../../../../provider/drivers/applications/workloads";
import { shopAt } from "./settings";

/** Answers nothing: a test fails that asks it. */
const nobody = new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)} is not to be called`)) },
);

const nothing: ApplicationState = {
    application: undefined,
    schedules: [],
    hooks: [],
    snapshots: [],
    shutdownSnapshots: [],
    restores: [],
    workloads: [],
    quotas: [],
    podPolicy: undefined,
    mirror: undefined,
    recoveryPoint: undefined,
    peerAnswers: true,
};

export function settingsOfShop(): ApplicationSettings {
    return {
        ...shopAt(),
        cluster: {},
        ontap: { endpoint: { url: "https://east.example" }, svm: "svm_east" },
        timeouts: { establish: 1_000, promote: 1_000, snapshot: 1_000 },
    };
}

/** The application shop at east, as it was read. */
export function viewOf(
    state: Partial<ApplicationState>,
    {
        cluster = nobody,
        volumes = nobody,
        ...settings
    }: { cluster?: object; volumes?: object } & Partial<Omit<ApplicationSettings, "cluster">> = {},
): ApplicationView {
    const context = {
        cluster: cluster as Cluster,
        settings: { ...settingsOfShop(), ...settings },
        volumes: volumes as ClaimedVolumes,
        signal: new AbortController().signal,
    };
    return new ApplicationView(context, nobody as ClaimedVolumes, { ...nothing, ...state });
}

export function taken(name: string, part: Partial<SnapshotState> = {}): SnapshotState {
    return {
        name,
        state: "Completed",
        archivePath: `shop_uid/snapshots/20261122030000_${name}_uid`,
        error: "",
        createdAt: "2026-11-22T03:00:00Z",
        deleting: false,
        ...part,
    };
}

/** A workload of the application with a pod that mounts a volume of its. */
export function running(name: string, part: Partial<Workload> = {}): Workload {
    const pod = { namespace: "shop", name: `${name.split("/").at(-1)}-1`, uid: "uid-1", graceSeconds: 30 };
    return { name, mounts: true, belongs: true, isCore: true, pods: [pod], ...part };
}
