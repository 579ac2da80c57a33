import { randomUUID } from "node:crypto";
import { Cluster, refer } from "../cluster";
import { OntapFailure, PeerUnreachable } from "../errors";
import { ClusterPeer, NamedReference, Svm, SvmPeer } from "../state";
import { Link } from "./link";

/** Real-world seconds during which a new record does not show up in a GET yet. */
const hiddenSeconds = 0.5;

interface RemoteRequest {
    uuid: string;
    from: NamedReference;
    to: string;
    applications: string[];
}

/** SVM peering: one record on each cluster, under the same uuid (docs/facts/ontap.md#svm-peering). */
export class SvmPeers {
    /** Requests that the other cluster has not answered yet: their records do not stand in the state. */
    private readonly asked = new Set<SvmPeer>();

    constructor(
        private readonly cluster: Cluster,
        private readonly link: Link,
    ) {
        link.handle("svmPeerRequest", (body, from) => this.requested(body, from));
        link.handle("svmPeerState", (body: { uuid: string; state: SvmPeer["state"] }) => {
            const peer = this.cluster.state.svmPeers.find(({ uuid }) => uuid === body.uuid);
            if (peer) {
                peer.state = body.state;
            }
            return {};
        });
        link.handle("svmPeerDelete", (body: { uuid: string }) => {
            this.forget(body.uuid);
            return {};
        });
    }

    /** Whether an SVM of this cluster may be peered without asking its administrator. */
    private isAllowed(svm: Svm, peer: ClusterPeer): boolean {
        return this.cluster.state.peerPermissions.some(
            (permission) => permission.clusterPeer.uuid === peer.uuid && ["*", svm.uuid].includes(permission.svm),
        );
    }

    /** Checks a request before its job starts, and makes the record that the job will bring to life. */
    prepare(
        svm: Svm,
        peerSvm: string,
        peerCluster: string | undefined,
        applications: string[],
        alias?: string,
    ): SvmPeer {
        const { state } = this.cluster;
        const local = peerCluster === undefined || peerCluster === this.cluster.identity.name;
        const clusterPeer = state.clusterPeers.find(
            ({ name, remote }) => name === peerCluster || remote?.name === peerCluster,
        );
        if (!local && !clusterPeer?.remote) {
            throw new OntapFailure(400, "26345580", `Cluster "${peerCluster}" is no peer.`, "peer.cluster.name");
        }
        const other = local ? this.cluster.identity : (clusterPeer?.remote ?? this.cluster.identity);
        const name = alias ?? peerSvm;
        this.refuseSecond(svm, peerSvm, other.uuid);
        if (!local && (this.cluster.svmNamed(name) || state.svmPeers.some((one) => one.name === name))) {
            throw new OntapFailure(
                409,
                "9896095",
                `The name "${name}" is in use at this cluster. Give "name" an alias.`,
                "name",
            );
        }
        if (applications.length === 0 && !local) {
            throw new OntapFailure(400, "26345579", "At least one application is needed.", "applications");
        }
        return {
            uuid: randomUUID(),
            name,
            svm: svm.uuid,
            peerSvm: { uuid: "", name: peerSvm },
            peerCluster: refer(other),
            applications,
            state: "initializing",
            visibleAt: this.cluster.clock.now() + this.cluster.clock.scaled(hiddenSeconds),
        };
    }

    private refuseSecond(svm: Svm, peerSvm: string, peerCluster: string): void {
        const isSame = (one: SvmPeer) =>
            one.svm === svm.uuid && one.peerSvm.name === peerSvm && one.peerCluster.uuid === peerCluster;
        if (this.cluster.state.svmPeers.some(isSame) || [...this.asked].some(isSame)) {
            throw new OntapFailure(409, "9896086", `An SVM peering of "${svm.name}" and "${peerSvm}" exists already.`);
        }
    }

    /** The job behind a POST: asks the other side. */
    async establish(peer: SvmPeer): Promise<void> {
        const svm = this.cluster.svm(peer.svm);
        this.refuseSecond(svm, peer.peerSvm.name, peer.peerCluster.uuid);
        if (peer.peerCluster.uuid === this.cluster.identity.uuid) {
            const other = this.cluster.svmNamed(peer.peerSvm.name);
            if (!other) {
                throw new OntapFailure(404, "4", "entry doesn't exist", "peer.svm.name");
            }
            peer.peerSvm = refer(other);
            peer.state = "peered";
            const mirrored = { ...peer, uuid: randomUUID(), svm: other.uuid, name: svm.name, peerSvm: refer(svm) };
            this.cluster.state.svmPeers.push(peer, mirrored);
            return;
        }
        const request: RemoteRequest = {
            uuid: peer.uuid,
            from: refer(svm),
            to: peer.peerSvm.name,
            applications: peer.applications,
        };
        this.asked.add(peer);
        try {
            const answer = await this.link.call<{ svm: NamedReference; state: SvmPeer["state"] }>(
                peer.peerCluster.uuid,
                "svmPeerRequest",
                request,
            );
            peer.peerSvm = answer.svm;
            peer.state = answer.state === "peered" ? "peered" : "initiated";
            this.cluster.state.svmPeers.push(peer);
        } finally {
            this.asked.delete(peer);
        }
    }

    /** Of two requests that cross, that of the lower uuid goes on, and the other is told that the peering exists. */
    private crosses(request: RemoteRequest, svm: Svm, from: ClusterPeer): boolean {
        return [...this.asked].some(
            (own) =>
                own.svm === svm.uuid &&
                own.peerSvm.name === request.from.name &&
                own.peerCluster.uuid === from.remote?.uuid &&
                own.uuid < request.uuid,
        );
    }

    private requested(request: RemoteRequest, from: ClusterPeer): object {
        const svm = this.cluster.svmNamed(request.to);
        if (!svm) {
            throw new OntapFailure(404, "4", `entry doesn't exist: SVM "${request.to}"`, "peer.svm.name");
        }
        const { state } = this.cluster;
        const same = state.svmPeers.find((one) => one.svm === svm.uuid && one.peerSvm.uuid === request.from.uuid);
        if (same || this.crosses(request, svm, from)) {
            throw new OntapFailure(409, "9896086", "The peer cluster has such an SVM peering already.");
        }
        if (this.cluster.svmNamed(request.from.name) || state.svmPeers.some(({ name }) => name === request.from.name)) {
            throw new OntapFailure(
                409,
                "9896088",
                `The generated name "${request.from.name}" is in use at the peer cluster.`,
            );
        }
        const peer: SvmPeer = {
            uuid: request.uuid,
            name: request.from.name,
            svm: svm.uuid,
            peerSvm: request.from,
            peerCluster: from.remote ?? { uuid: "", name: from.name },
            applications: request.applications,
            state: this.isAllowed(svm, from) ? "peered" : "pending",
            visibleAt: this.cluster.clock.now(),
        };
        state.svmPeers.push(peer);
        return { svm: refer(svm), state: peer.state };
    }

    /** Refuses a change of state that the record's own state does not allow. */
    checkState(peer: SvmPeer, wanted: string): void {
        const allowed: Record<string, string[]> = {
            peered: ["pending", "suspended", "peered"],
            rejected: ["pending"],
            suspended: ["peered"],
        };
        if (!allowed[wanted]?.includes(peer.state)) {
            throw new OntapFailure(
                400,
                "26345577",
                `The SVM peering is "${peer.state}" and cannot be set to "${wanted}".`,
                "state",
            );
        }
    }

    /** The job behind a PATCH of the state. */
    async setState(peer: SvmPeer, wanted: SvmPeer["state"], force: boolean): Promise<void> {
        try {
            if (peer.peerCluster.uuid !== this.cluster.identity.uuid) {
                await this.link.call(peer.peerCluster.uuid, "svmPeerState", { uuid: peer.uuid, state: wanted });
            }
        } catch (error) {
            if (!(error instanceof PeerUnreachable) || !force) {
                throw error;
            }
        }
        this.halves(peer).forEach((half) => (half.state = wanted));
    }

    /** The record, and within one cluster that of the other direction. */
    private halves(peer: SvmPeer): SvmPeer[] {
        const own = this.cluster.identity.uuid;
        const isOther = (one: SvmPeer) => one.svm === peer.peerSvm.uuid && one.peerSvm.uuid === peer.svm;
        return peer.peerCluster.uuid === own
            ? this.cluster.state.svmPeers.filter(
                  (one) => one === peer || (one.peerCluster.uuid === own && isOther(one)),
              )
            : [peer];
    }

    /** The job behind a DELETE: both halves go; with `force` and an unreachable peer only the local one. */
    async remove(peer: SvmPeer, force: boolean): Promise<void> {
        const { state } = this.cluster;
        const used =
            state.relationships.some(({ sourceSvm }) => sourceSvm.uuid === peer.peerSvm.uuid) ||
            state.sourceRecords.some(({ destinationSvm }) => destinationSvm.uuid === peer.peerSvm.uuid);
        if (used && !force) {
            throw new OntapFailure(409, "9896077", "The SVM peering is in use by SnapMirror relationships.");
        }
        if (peer.peerCluster.uuid !== this.cluster.identity.uuid) {
            try {
                await this.link.call(peer.peerCluster.uuid, "svmPeerDelete", { uuid: peer.uuid });
            } catch (error) {
                if (!(error instanceof PeerUnreachable) || !force) {
                    throw error;
                }
            }
        }
        this.halves(peer).forEach(({ uuid }) => this.forget(uuid));
    }

    private forget(uuid: string): void {
        const { state } = this.cluster;
        state.svmPeers = state.svmPeers.filter((peer) => peer.uuid !== uuid);
    }
}
