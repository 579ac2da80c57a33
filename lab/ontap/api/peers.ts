import { isoTime } from "../clock";
import { missingValue, OntapFailure } from "../errors";
import { flag, integer, oneOf, reference, shown, text, time } from "../http/fields";
import { isSet } from "../http/query";
import { Resource } from "../http/resource";
import { refer } from "../cluster";
import { PeerRequest } from "../peering/clusterPeers";
import { ClusterPeer, PeerPermission, SvmPeer } from "../state";
import { Context, Reference, resolve, startJob } from "./context";

const applications = ["snapmirror", "file_copy", "lun_copy", "flexcache"];

export function clusterPeers(context: Context): Resource {
    const { cluster } = context;
    const view = (peer: ClusterPeer) => ({
        uuid: peer.uuid,
        name: peer.name,
        ip_address: peer.addresses[0] ?? "0.0.0.0",
        remote: { name: peer.remote?.name, ip_addresses: peer.addresses, serial_number: peer.remote?.uuid.slice(0, 8) },
        authentication: {
            state: peer.authentication === "revoked" ? "absent" : peer.authentication,
            in_use: peer.authentication === "ok" ? "ok" : peer.authentication === "revoked" ? "revoked" : "absent",
            expiry_time: peer.authentication === "pending" ? isoTime(peer.expiresAt) : undefined,
        },
        encryption: {
            proposed: peer.encryption,
            state: peer.authentication === "ok" ? peer.encryption : "none",
        },
        status: { state: peer.status, update_time: isoTime(peer.checkedAt) },
        initial_allowed_svms: peer.initialAllowedSvms.map((name) => ({
            name,
            uuid: cluster.svmNamed(name)?.uuid,
        })),
        peer_applications: peer.applications,
        ipspace: { name: "Default" },
        version: peer.remote
            ? { full: "NetApp Release 9.16.1: simulated", generation: 9, major: 16, minor: 1 }
            : undefined,
    });
    const withPassphrase = (peer: ClusterPeer) => {
        const shown = view(peer);
        const once = { passphrase: peer.passphrase, expiry_time: isoTime(peer.expiresAt) };
        return () => ({ ...shown, authentication: { ...shown.authentication, ...once } });
    };
    const find = (found: Record<string, unknown>) =>
        cluster.state.clusterPeers.find(({ uuid }) => uuid === found["uuid"]) as ClusterPeer;
    return {
        path: "/cluster/peers",
        keys: ["uuid"],
        lists: ["remote.ip_addresses", "initial_allowed_svms", "peer_applications", "local_network.interfaces"],
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true }),
            ip_address: text(shown),
            "remote.name": text(shown),
            "remote.serial_number": text(shown),
            "remote.ip_addresses": text(),
            "authentication.state": oneOf(["ok", "absent", "pending", "problem"], shown),
            "authentication.in_use": oneOf(["ok", "absent", "revoked"]),
            "authentication.passphrase": text({ expensive: true }),
            "authentication.generate_passphrase": flag({ expensive: true }),
            "authentication.expiry_time": text(),
            "encryption.proposed": oneOf(["none", "tls_psk"]),
            "encryption.state": oneOf(["none", "tls_psk"], shown),
            "status.state": oneOf(["available", "partial", "unavailable", "pending", "unidentified"], shown),
            "status.update_time": time(shown),
            ...reference("initial_allowed_svms"),
            peer_applications: oneOf(applications),
            ...reference("ipspace"),
            "local_network.interfaces.ip_address": text({ createOnly: true }),
            "local_network.broadcast_domain": text({ createOnly: true }),
            "local_network.netmask": text({ createOnly: true }),
            "local_network.gateway": text({ createOnly: true }),
            "version.full": text(shown),
            "version.generation": integer(shown),
            "version.major": integer(shown),
            "version.minor": integer(shown),
        },
        list: () => cluster.state.clusterPeers.map(view),
        create: async ({ body, query }) => {
            const request = body as PeerRequest;
            const peer = await context.clusterPeers.create(request);
            const generated = request.authentication?.passphrase === undefined;
            // The generated passphrase is shown here and never again.
            query.returnRecords = true;
            return { key: [peer.uuid], record: generated ? withPassphrase(peer) : () => view(peer) };
        },
        modify: async ({ body }, found) => {
            const peer = find(found);
            const request = body as PeerRequest;
            await context.clusterPeers.modify(peer, request);
            return request.authentication?.generate_passphrase ? { record: withPassphrase(peer) } : {};
        },
        remove: (_call, found) => {
            context.clusterPeers.remove(find(found));
            return {};
        },
    };
}

export function svmPeers(context: Context): Resource {
    const { cluster } = context;
    const view = (peer: SvmPeer) => {
        const svm = refer(cluster.svm(peer.svm));
        const local = peer.peerCluster.uuid === cluster.identity.uuid;
        const known = cluster.state.clusterPeers.find(({ remote }) => remote?.uuid === peer.peerCluster.uuid);
        return {
            uuid: peer.uuid,
            name: peer.name,
            svm,
            peer: {
                svm: peer.peerSvm,
                cluster: local ? undefined : { name: peer.peerCluster.name, uuid: known?.uuid },
            },
            applications: peer.applications,
            state: peer.state,
        };
    };
    const find = (found: Record<string, unknown>) =>
        cluster.state.svmPeers.find(({ uuid }) => uuid === found["uuid"]) as SvmPeer;
    return {
        path: "/svm/peers",
        keys: ["uuid"],
        lists: ["applications"],
        parameters: { DELETE: ["force"], PATCH: ["force"] },
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true }),
            ...reference("svm", { createOnly: true }),
            ...reference("peer.svm", { createOnly: true }),
            ...reference("peer.cluster", { createOnly: true }),
            applications: oneOf(applications),
            state: oneOf(["peered", "rejected", "suspended", "initiated", "pending", "initializing"]),
            force: flag({ expensive: true }),
        },
        list: () => cluster.state.svmPeers.map(view),
        visible: (shownView) =>
            cluster.state.svmPeers.some(
                (peer) => peer.uuid === (shownView as SvmPeer).uuid && peer.visibleAt <= cluster.clock.now(),
            ),
        create: (call) => {
            const body = call.body as {
                name?: string;
                svm?: Reference;
                peer?: { svm?: Reference; cluster?: Reference };
                applications?: string[];
            };
            const svm = resolve(cluster.state.svms, body.svm);
            if (!svm) {
                throw body.svm
                    ? new OntapFailure(400, "2621462", "SVM does not exist.", "svm.name")
                    : missingValue("svm.name");
            }
            if (!body.peer?.svm?.name) {
                throw missingValue("peer.svm.name");
            }
            const peer = context.svmPeers.prepare(
                svm,
                body.peer.svm.name,
                body.peer.cluster?.name,
                body.applications ?? [],
                body.name,
            );
            const job = startJob(context, call, 2, () => context.svmPeers.establish(peer), { svm: refer(svm) });
            return { key: [peer.uuid], record: () => view(peer), job };
        },
        modify: (call, found) => {
            const peer = find(found);
            const body = call.body as {
                state?: SvmPeer["state"];
                name?: string;
                applications?: string[];
                force?: boolean;
            };
            const { state } = body;
            if (state !== undefined) {
                context.svmPeers.checkState(peer, state);
            }
            const force = body.force === true || isSet(call.query, "force");
            const job = startJob(context, call, 1, async () => {
                peer.name = body.name ?? peer.name;
                peer.applications = body.applications ?? peer.applications;
                if (state !== undefined) {
                    await context.svmPeers.setState(peer, state, force);
                }
            });
            return { job };
        },
        remove: (call, found) => {
            const peer = find(found);
            const force = isSet(call.query, "force");
            return { job: startJob(context, call, 1, () => context.svmPeers.remove(peer, force)) };
        },
    };
}

export function peerPermissions({ cluster }: Context): Resource {
    const view = (one: PeerPermission) => ({
        cluster_peer: one.clusterPeer,
        svm: one.svm === "*" ? { uuid: "*", name: "*" } : refer(cluster.svm(one.svm)),
        applications: one.applications,
    });
    const find = (found: Record<string, unknown>) => {
        const { cluster_peer: peer, svm } = found as { cluster_peer: Reference; svm: Reference };
        return cluster.state.peerPermissions.findIndex(
            (one) => one.clusterPeer.uuid === peer.uuid && one.svm === svm.uuid,
        );
    };
    return {
        path: "/svm/peer-permissions",
        keys: ["cluster_peer.uuid", "svm.uuid"],
        lists: ["applications"],
        fields: {
            ...reference("cluster_peer", { always: true, createOnly: true }),
            ...reference("svm", { always: true, createOnly: true }),
            applications: oneOf(applications),
        },
        list: () => cluster.state.peerPermissions.map(view),
        create: ({ body }) => {
            const request = body as { cluster_peer?: Reference; svm?: Reference; applications?: string[] };
            if (!request.cluster_peer || !request.svm) {
                throw missingValue(request.cluster_peer ? "svm.name" : "cluster_peer.name");
            }
            if (!request.applications?.length) {
                throw missingValue("applications");
            }
            const peer = resolve(cluster.state.clusterPeers, request.cluster_peer);
            const svm = request.svm?.name === "*" ? "*" : resolve(cluster.state.svms, request.svm)?.uuid;
            if (!peer || svm === undefined) {
                throw new OntapFailure(404, "4", "entry doesn't exist", peer ? "svm.name" : "cluster_peer.name");
            }
            if (cluster.state.peerPermissions.some((one) => one.clusterPeer.uuid === peer.uuid && one.svm === svm)) {
                throw new OntapFailure(409, "9896057", "Such an SVM peer permission exists already.");
            }
            const permission = { clusterPeer: refer(peer), svm, applications: request.applications };
            cluster.state.peerPermissions.push(permission);
            return { key: [peer.uuid, svm], record: () => view(permission) };
        },
        modify: ({ body }, found) => {
            const permission = cluster.state.peerPermissions[find(found)];
            if (permission) {
                permission.applications = (body as { applications?: string[] }).applications ?? permission.applications;
            }
            return {};
        },
        remove: (_call, found) => {
            cluster.state.peerPermissions.splice(find(found), 1);
            return {};
        },
    };
}
