import { randomBytes, randomUUID } from "node:crypto";
import { isIP } from "node:net";
import { Cluster } from "../cluster";
import { parseDuration } from "../clock";
import { OntapFailure, PeerUnreachable } from "../errors";
import { ClusterPeer } from "../state";
import { Link, proof, proves } from "./link";

export interface PeerRequest {
    name?: string;
    remote?: { ip_addresses?: string[] };
    authentication?: { generate_passphrase?: boolean; passphrase?: string; expiry_time?: string; in_use?: string };
    encryption?: { proposed?: "none" | "tls_psk" };
    initial_allowed_svms?: { name?: string }[];
    peer_applications?: string[];
}

interface Hello {
    cluster: { uuid: string; name: string };
    addresses: string[];
    nonce: string;
    proof: string;
}

interface HelloAnswer {
    cluster: { uuid: string; name: string };
    addresses: string[];
    accepted: boolean;
    proof?: string;
}

const longestExpiry = 7 * 24 * 3600 * 1000;

/**
 * Cluster peering (docs/facts/ontap.md#cluster-peering): either one cluster makes an anonymous offer with a generated
 * passphrase and the other accepts it, or both name each other's addresses and use the same passphrase.
 */
export class ClusterPeers {
    private stopped = false;

    constructor(
        private readonly cluster: Cluster,
        private readonly link: Link,
    ) {
        link.onHello = (body) => this.welcome(body);
        link.handle("ping", () => ({}));
    }

    async create(request: PeerRequest): Promise<ClusterPeer> {
        const { authentication = {}, remote = {} } = request;
        const addresses = remote.ip_addresses ?? [];
        const given = authentication.passphrase;
        const generate = authentication.generate_passphrase === true || Object.keys(request).length === 0;
        if (given !== undefined && addresses.length === 0) {
            throw new OntapFailure(400, "4656069", "A passphrase can be given only with the addresses of the peer.");
        }
        if (given === undefined && !generate) {
            throw new OntapFailure(400, "4656077", "A passphrase, or its generation, must be asked for.");
        }
        if (given !== undefined && given.length < 8) {
            throw new OntapFailure(400, "4653236", "The passphrase must have at least 8 characters.");
        }
        if (addresses.includes(this.cluster.interclusterAddress)) {
            throw new OntapFailure(400, "4656100", "The address belongs to the local cluster.", "remote.ip_addresses");
        }
        const unusable = addresses.find((address) => isIP(address) === 0 && !/^[A-Za-z0-9.-]+$/.test(address));
        if (unusable !== undefined) {
            throw new OntapFailure(400, "4653368", `"${unusable}" is no address.`, "remote.ip_addresses");
        }
        const peer: ClusterPeer = {
            uuid: randomUUID(),
            name: request.name ?? `Clus_${randomBytes(2).toString("hex")}`,
            addresses,
            passphrase: given ?? randomBytes(18).toString("base64url"),
            expiresAt: this.expiry(authentication.expiry_time),
            anonymous: addresses.length === 0,
            authentication: "pending",
            encryption: request.encryption?.proposed ?? "tls_psk",
            status: "pending",
            checkedAt: this.cluster.clock.now(),
            initialAllowedSvms: (request.initial_allowed_svms ?? []).map(({ name }) => name ?? "*"),
            applications: request.peer_applications ?? ["snapmirror"],
            createdAt: this.cluster.clock.now(),
        };
        // The other cluster may introduce itself while we do, and must find this half.
        const { state } = this.cluster;
        state.clusterPeers.push(peer);
        try {
            if (addresses.length > 0) {
                await this.introduce(peer, request.name);
            }
        } catch (error) {
            state.clusterPeers = state.clusterPeers.filter((one) => one !== peer);
            throw error;
        }
        return peer;
    }

    private expiry(text: string | undefined): number {
        const now = this.cluster.clock.now();
        const length = parseDuration(text ?? "PT1H");
        const at = length === undefined ? Date.parse(text ?? "") : now + length;
        if (Number.isNaN(at)) {
            throw new OntapFailure(400, "262197", `The value "${text}" is invalid`, "authentication.expiry_time");
        }
        if (at <= now) {
            throw new OntapFailure(400, "4653229", "The expiry time is in the past.", "authentication.expiry_time");
        }
        if (at > now + longestExpiry) {
            throw new OntapFailure(
                400,
                "4655058",
                "The expiry time is more than 7 days ahead.",
                "authentication.expiry_time",
            );
        }
        return at;
    }

    /** Calls the other cluster: learns who it is, and becomes its peer if it has made its half. */
    private async introduce(peer: ClusterPeer, ownName: string | undefined): Promise<void> {
        const answer = await this.sayHello(peer);
        if (answer.cluster.uuid === this.cluster.identity.uuid) {
            throw new OntapFailure(400, "4653058", "A cluster cannot be peered with itself.");
        }
        if (answer.cluster.name === this.cluster.identity.name) {
            throw new OntapFailure(409, "4653076", "The peer cluster has the name of the local one.");
        }
        const others = this.cluster.state.clusterPeers.filter((one) => one !== peer);
        if (others.some(({ remote }) => remote?.uuid === answer.cluster.uuid)) {
            throw new OntapFailure(
                409,
                "4653075",
                `A peering with the cluster "${answer.cluster.name}" exists already.`,
            );
        }
        peer.remote = answer.cluster;
        peer.name = ownName ?? answer.cluster.name;
        this.judge(peer, answer);
    }

    private async sayHello(peer: ClusterPeer): Promise<HelloAnswer & { nonce: string }> {
        const nonce = randomBytes(16).toString("hex");
        const { uuid } = this.cluster.identity;
        const hello: Hello = {
            cluster: this.cluster.identity,
            addresses: [this.cluster.interclusterAddress],
            nonce,
            proof: proof(peer.passphrase, "hello", uuid, nonce),
        };
        try {
            const answer = (await this.link.post(peer.addresses, "hello", hello, peer.passphrase)) as HelloAnswer;
            return { ...answer, nonce };
        } catch (error) {
            if (error instanceof PeerUnreachable) {
                throw new OntapFailure(
                    400,
                    "4653215",
                    `An introductory RPC to the peer address "${peer.addresses.join(", ")}" failed to connect. Verify that the peer address is correct and try again.`,
                    "remote.ip_addresses",
                );
            }
            throw error;
        }
    }

    private judge(peer: ClusterPeer, answer: HelloAnswer & { nonce: string }): void {
        const trusted =
            answer.accepted && proves(answer.proof, peer.passphrase, "welcome", answer.cluster.uuid, answer.nonce);
        if (peer.authentication === "ok" && !trusted) {
            // It introduced itself to us after it had answered, and its half was there by then.
            return;
        }
        peer.authentication = trusted ? "ok" : answer.accepted ? "problem" : "pending";
        peer.status = trusted ? "available" : "pending";
        peer.checkedAt = this.cluster.clock.now();
        if (trusted) {
            peer.addresses = [...new Set([...peer.addresses, ...answer.addresses])];
            this.allowSvms(peer);
        }
    }

    /** Another cluster introduces itself. */
    private welcome(hello: Hello): HelloAnswer {
        const { cluster } = this;
        const { clock, identity } = cluster;
        const fits = (peer: ClusterPeer) =>
            proves(hello.proof, peer.passphrase, "hello", hello.cluster.uuid, hello.nonce);
        const peers = cluster.state.clusterPeers;
        const named = peers.find(
            (peer) =>
                fits(peer) &&
                (peer.remote?.uuid === hello.cluster.uuid ||
                    peer.addresses.some((one) => hello.addresses.includes(one))),
        );
        const offered = peers.find((peer) => peer.anonymous && fits(peer) && clock.now() < peer.expiresAt);
        const peer = named ?? offered;
        const answer = { cluster: identity, addresses: [cluster.interclusterAddress] };
        if (!peer || hello.cluster.name === identity.name) {
            return { ...answer, accepted: false };
        }
        if (peer.authentication !== "ok") {
            if (peer.anonymous) {
                // An offer that is taken up becomes another record: only who looks it up again finds it.
                peer.uuid = randomUUID();
                peer.anonymous = false;
                peer.name = hello.cluster.name;
            }
            peer.remote = hello.cluster;
            peer.addresses = [...new Set([...peer.addresses, ...hello.addresses])];
            peer.authentication = "ok";
            peer.status = "available";
            peer.checkedAt = clock.now();
            this.allowSvms(peer);
        }
        void cluster.save();
        return { ...answer, accepted: true, proof: proof(peer.passphrase, "welcome", identity.uuid, hello.nonce) };
    }

    private allowSvms(peer: ClusterPeer): void {
        for (const name of peer.initialAllowedSvms) {
            const svm = name === "*" ? "*" : this.cluster.svmNamed(name)?.uuid;
            const { peerPermissions } = this.cluster.state;
            const isAllowed = peerPermissions.some((one) => one.clusterPeer.uuid === peer.uuid && one.svm === svm);
            if (svm !== undefined && peer.remote && !isAllowed) {
                peerPermissions.push({
                    clusterPeer: { uuid: peer.uuid, name: peer.name },
                    svm,
                    applications: peer.applications,
                });
            }
        }
    }

    async modify(peer: ClusterPeer, request: PeerRequest): Promise<void> {
        if (request.name !== undefined) {
            peer.name = request.name;
        }
        if (request.remote?.ip_addresses) {
            peer.addresses = request.remote.ip_addresses;
        }
        if (request.initial_allowed_svms) {
            peer.initialAllowedSvms = request.initial_allowed_svms.map(({ name }) => name ?? "*");
        }
        const { authentication } = request;
        if (authentication?.generate_passphrase || authentication?.passphrase !== undefined) {
            peer.passphrase = authentication.passphrase ?? randomBytes(18).toString("base64url");
            peer.expiresAt = this.expiry(authentication.expiry_time);
            peer.authentication = "pending";
            peer.status = "pending";
            this.judge(peer, await this.sayHello(peer));
        } else if (authentication?.in_use === "revoked") {
            peer.authentication = "revoked";
            peer.status = "unavailable";
        }
    }

    /** Removes the local half; the other cluster keeps its own. */
    remove(peer: ClusterPeer): void {
        const { state } = this.cluster;
        const remote = peer.remote?.uuid;
        const inUse =
            state.svmPeers.some(({ peerCluster }) => peerCluster.uuid === remote) ||
            state.relationships.some(({ sourceCluster }) => sourceCluster?.uuid === remote && remote !== undefined) ||
            state.sourceRecords.some(
                ({ destinationCluster }) => destinationCluster?.uuid === remote && remote !== undefined,
            );
        if (inUse) {
            throw new OntapFailure(
                409,
                "4653079",
                `Unable to delete peer relationship. Reason: SVM peers or SnapMirror relationships with cluster "${peer.name}" exist.`,
            );
        }
        state.clusterPeers.splice(state.clusterPeers.indexOf(peer), 1);
        state.peerPermissions = state.peerPermissions.filter(({ clusterPeer }) => clusterPeer.uuid !== peer.uuid);
    }

    /** Looks at every peer now and then, as the cluster's health monitor does; ends when the simulator closes. */
    async watch(): Promise<void> {
        while (!this.stopped) {
            await this.cluster.clock.pause(this.cluster.clock.scaled(60, 2000));
            await Promise.all(this.cluster.state.clusterPeers.map((peer) => this.look(peer)));
        }
    }

    private async look(peer: ClusterPeer): Promise<void> {
        if (peer.authentication !== "ok" || !peer.remote) {
            return;
        }
        try {
            await this.link.call(peer.remote.uuid, "ping", {});
            peer.status = "available";
        } catch {
            peer.status = "unavailable";
        }
        peer.checkedAt = this.cluster.clock.now();
    }

    stop(): void {
        this.stopped = true;
    }
}
