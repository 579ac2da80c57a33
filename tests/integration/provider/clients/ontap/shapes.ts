/**
 * Shapes of ONTAP's answers as NetApp's documentation and public traces show them: what is there, what is left out, and
 * which of two spellings comes. Values are made up; keys, types and words are facts (docs/facts/ontap.md).
 */
export const shapes = {
    "/cluster": {
        name: "clusA",
        uuid: "1cd8a442-86d1-11e0-ae1c-123478563412",
        version: { full: "NetApp Release 9.16.1P2: Tue Mar 04 2025", generation: 9, major: 16, minor: 1 },
        _links: { self: { href: "/api/cluster" } },
    },
    "/cluster/nodes": {
        records: [{ uuid: "n-1", name: "clusA-01", date: "2026-11-22T16:15:04+00:00" }],
        num_records: 1,
    },
    "/cluster/peers": {
        records: [
            {
                // Mirrors are running over it.
                uuid: "p-1",
                name: "clusB",
                remote: { name: "clusB", ip_addresses: ["10.2.0.1", "10.2.0.2"] },
                status: { state: "available" },
                authentication: { state: "ok", in_use: "ok" },
                encryption: { state: "tls_psk" },
            },
            // An offer that nobody took up yet knows nothing of the other cluster.
            { uuid: "p-2", name: "Clus_fghf", status: { state: "pending" }, authentication: { state: "pending" } },
        ],
        num_records: 2,
        _links: { self: { href: "/api/cluster/peers" } },
    },
    "/svm/svms": {
        records: [
            { uuid: "s-1", name: "svm_src", state: "running", subtype: "default" },
            { uuid: "s-2", name: "svm_copy", state: "stopped", subtype: "dp_destination" },
        ],
        num_records: 2,
    },
    "/svm/peers": {
        records: [
            {
                uuid: "sp-1",
                name: "svm_dst",
                svm: { name: "svm_src" },
                peer: { svm: { name: "svm_dst" }, cluster: { name: "clusB" } },
                state: "peered",
                applications: ["snapmirror", "file_copy"],
            },
            // Within one cluster there is no other one.
            { uuid: "sp-2", name: "svm_b", svm: { name: "svm_a" }, peer: { svm: { name: "svm_b" } }, state: "peered" },
        ],
        num_records: 2,
    },
    "/network/ip/interfaces": {
        records: [
            {
                uuid: "l-1",
                name: "clusA-01_ic01",
                ip: { address: "10.1.0.1" },
                state: "up",
                enabled: true,
                location: { node: { name: "clusA-01" } },
            },
        ],
        num_records: 1,
    },
    "/storage/volumes": {
        records: [
            {
                uuid: "v-1",
                name: "vol1",
                svm: { uuid: "s-1", name: "svm_src" },
                type: "rw",
                state: "online",
                nas: { path: "/vol1" },
                space: { size: 1099511627776, used: 73728 },
                is_svm_root: false,
            },
            // A mirror's destination is not mounted; one that is offline does not say what it uses.
            { uuid: "v-2", name: "vol1_dr", svm: { name: "svm_dst" }, type: "dp", state: "offline" },
        ],
        num_records: 2,
    },
    "/storage/volumes/v-1/snapshots": {
        records: [
            {
                uuid: "sn-1",
                name: "snapmirror.9c2_2150012.2026-11-22_161500",
                create_time: "2026-11-22T16:15:00+00:00",
                snapmirror_label: "sm_created",
                version_uuid: "8d1c1f6e-c7b4-11f0-9d2f-0050568e0001",
                owners: ["snapmirror"],
                volume: { uuid: "v-1", name: "vol1" },
            },
            { uuid: "sn-2", name: "by-hand", create_time: "2026-11-22T10:00:00-05:00" },
        ],
        num_records: 2,
    },
    "/snapmirror/relationships": {
        records: [
            {
                uuid: "r-1",
                source: {
                    path: "svm_src:vol1",
                    svm: { name: "svm_src", uuid: "s-1" },
                    cluster: { name: "clusA", uuid: "c-1" },
                },
                destination: { path: "svm_dst:vol1_dr", svm: { name: "svm_dst", uuid: "s-3" } },
                policy: { name: "MirrorAllSnapshots", type: "async" },
                state: "snapmirrored",
                healthy: true,
                lag_time: "PT8H35M42S",
                exported_snapshot: "snapmirror.9c2_2150012.2026-11-22_161500",
                last_transfer_type: "update",
                transfer: {
                    state: "success",
                    bytes_transferred: 73728,
                    total_duration: "PT3S",
                    end_time: "2026-11-22T16:15:04+00:00",
                },
            },
            {
                // Never initialised: no lag, no snapshot, no transfer.
                uuid: "r-2",
                source: { path: "svm_src:vol2" },
                destination: { path: "svm_dst:vol2_dr" },
                state: "uninitialized",
                healthy: true,
            },
            {
                uuid: "r-3",
                source: { path: "svm_src:vol3" },
                destination: { path: "svm_dst:vol3_dr" },
                policy: { name: "Asynchronous", type: "async" },
                state: "broken_off",
                healthy: false,
                unhealthy_reason: [
                    { code: "6621444", message: "Transfer failed.", arguments: [] },
                    { code: "6620046", message: "Transfer aborted" },
                ],
                transfer: { state: "aborted", bytes_transferred: 0, end_time: "2026-11-22T16:20:00+00:00" },
            },
        ],
        num_records: 3,
    },
    "/snapmirror/relationships/r-1/transfers": {
        records: [
            {
                uuid: "t-1",
                state: "failed",
                bytes_transferred: 0,
                end_time: "2026-11-22T16:20:00+00:00",
                error_info: { code: 6620046, message: "Transfer aborted" },
            },
            { uuid: "t-2", state: "transferring", bytes_transferred: 4096, snapshot: "final" },
        ],
        num_records: 2,
    },
    "/cluster/jobs/j-old": {
        uuid: "j-old",
        state: "failure",
        code: 13303808,
        message: "Failed to break. Reason: busy.",
    },
    "/cluster/jobs/j-new": {
        uuid: "j-new",
        state: "failure",
        error: { code: "13303808", message: "Failed to break. Reason: busy.", arguments: [{ message: "busy" }] },
    },
} as const;
