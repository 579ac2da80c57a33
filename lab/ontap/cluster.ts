import { randomInt, randomUUID } from "node:crypto";
import { join } from "node:path";
import { Clock } from "./clock";
import { missingEntry } from "./errors";
import { Faults } from "./faults";
import { Jobs } from "./jobs";
import { builtInPolicies, builtInSchedules } from "./builtins";
import { SimulatorOptions } from "./options";
import { ExportPolicy, NamedReference, State, Svm, Volume } from "./state";
import { Store } from "./store";

/** One simulated cluster: its records, its clock, its faults and its jobs. What acts on it is elsewhere. */
export class Cluster {
    readonly state: State;
    readonly clock: Clock;
    readonly faults = new Faults();
    readonly jobs: Jobs;
    /** The records were there already. */
    readonly restarted: boolean;
    /** Address of the intercluster interface. */
    readonly interclusterAddress: string;
    private readonly store: Store<State>;

    /** @param freeAddress For the intercluster interface, when neither the options nor an earlier run give it one. */
    constructor(options: SimulatorOptions, freeAddress: string) {
        this.clock = new Clock(options.speed ?? 60);
        this.store = Store.open(join(options.folder, "cluster.json"), () => freshState(options, this.clock.now()));
        this.state = this.store.state;
        complete(this.state);
        this.restarted = this.store.existed;
        this.faults.onChange = () => {
            this.clock.skew = this.faults.stands("clockSkew")?.milliseconds ?? 0;
        };
        this.jobs = new Jobs(this.state.jobs, this.clock, () => this.save());
        const lif = this.state.interfaces.find(({ services }) => services.includes("intercluster_core"));
        this.interclusterAddress = options.interclusterAddress ?? (lif?.address || freeAddress);
        if (lif) {
            lif.address = this.interclusterAddress;
        }
    }

    /** Resolves when every change made so far is durable. */
    save(): Promise<void> {
        return this.store.save();
    }

    get identity(): NamedReference {
        return this.state.cluster;
    }

    svmNamed(name: string): Svm | undefined {
        return this.state.svms.find((svm) => svm.name === name);
    }

    svm(uuid: string): Svm {
        return this.state.svms.find((svm) => svm.uuid === uuid) ?? fail("svm.uuid");
    }

    volume(uuid: string): Volume {
        return this.state.volumes.find((volume) => volume.uuid === uuid) ?? fail("uuid");
    }

    volumeNamed(svm: string, name: string): Volume | undefined {
        return this.state.volumes.find((volume) => volume.svm === svm && volume.name === name);
    }
}

function fail(target: string): never {
    throw missingEntry(target);
}

/** What a folder of an earlier version does not have. */
function complete(state: State): void {
    const added = { exportPolicies: [], shares: [], qtrees: [], devices: [], hostGroups: [], maps: [] };
    Object.assign(state, { ...added, ...state });
    for (const svm of state.svms) {
        if (exportPolicyNamed(state, svm.uuid, "default") === undefined) {
            addDefaultPolicy(state, svm.uuid);
        }
    }
}

export function exportPolicyNamed(state: State, svm: string, name: string): ExportPolicy | undefined {
    return state.exportPolicies.find((policy) => policy.svm === svm && policy.name === name);
}

/** The policy of volumes that name none. ONTAP's has no rules until somebody adds one: here that has been done. */
export function addDefaultPolicy(state: State, svm: string): void {
    const id = 1 + Math.max(0, ...state.exportPolicies.map((policy) => policy.id));
    const anybody = { ro_rule: ["any"], rw_rule: ["any"], superuser: ["any"] };
    const rules = [{ index: 1, clients: [{ match: "0.0.0.0/0" }], protocols: ["any"], ...anybody }];
    state.exportPolicies.push({ id, name: "default", svm, rules });
}

/** Only the name and the uuid of something. */
export function refer(one: NamedReference): NamedReference {
    return { name: one.name, uuid: one.uuid };
}

export function freshMsid(): number {
    return 2_150_000_000 + randomInt(8_000_000);
}

/** A cluster as it comes out of setup: one node, one aggregate, one SVM with its root volume, one intercluster interface. */
function freshState(options: SimulatorOptions, now: number): State {
    const clusterName = options.clusterName ?? "cluster";
    const svm: Svm = {
        uuid: randomUUID(),
        name: options.svm ?? "svm",
        state: "running",
        subtype: "default",
        language: "c.utf_8",
        createdAt: now,
    };
    const aggregate = { uuid: randomUUID(), name: options.aggregate ?? "aggr1", size: 10 * 2 ** 40 };
    return {
        version: 1,
        cluster: { uuid: randomUUID(), name: clusterName },
        node: { uuid: randomUUID(), name: `${clusterName}-01` },
        aggregates: [aggregate],
        interfaces: [
            {
                uuid: randomUUID(),
                name: `${clusterName}-01_ic01`,
                address: "",
                netmask: "8",
                servicePolicy: "default-intercluster",
                services: ["intercluster_core", "management_https"],
                scope: "cluster",
            },
            {
                uuid: randomUUID(),
                name: "cluster_mgmt",
                address: options.management?.host ?? "127.0.0.1",
                netmask: "8",
                servicePolicy: "default-management",
                services: ["management_core", "management_https", "management_ssh"],
                scope: "cluster",
            },
            {
                uuid: randomUUID(),
                name: `${svm.name}_data1`,
                address: options.data?.host ?? "127.0.0.1",
                netmask: "8",
                servicePolicy: "default-data-files",
                services: ["data_core", "data_nfs", "management_https"],
                scope: "svm",
                svm: svm.uuid,
            },
        ],
        svms: [svm],
        clusterPeers: [],
        svmPeers: [],
        peerPermissions: [],
        volumes: [rootVolume(svm, aggregate.uuid, now)],
        schedules: builtInSchedules(),
        policies: builtInPolicies(),
        relationships: [],
        sourceRecords: [],
        transfers: [],
        jobs: [],
        exportPolicies: [],
        shares: [],
        qtrees: [],
        devices: [],
        hostGroups: [],
        maps: [],
    };
}

/** The root volume that every SVM has; it is mounted at `/` and holds no files here. */
export function rootVolume(svm: Svm, aggregate: string, now: number): Volume {
    return {
        uuid: randomUUID(),
        name: `${svm.name}_root`,
        msid: freshMsid(),
        svm: svm.uuid,
        aggregate,
        type: "rw",
        state: "online",
        size: 2 ** 30,
        createdAt: now,
        isRoot: true,
        junctionPath: "/",
        exportPolicy: "default",
        securityStyle: "unix",
        unixPermissions: 755,
        snapshotPolicy: "none",
        snapshotReservePercent: 5,
        guarantee: "volume",
        tieringPolicy: "none",
        language: svm.language,
        tags: [],
        files: [],
        snapshots: [],
    };
}
