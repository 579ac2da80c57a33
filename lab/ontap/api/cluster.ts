import { isoTime } from "../clock";
import { missingValue, OntapFailure } from "../errors";
import { flag, Fields, integer, oneOf, reference, shown, size, text, time } from "../http/fields";
import { Resource } from "../http/resource";
import { randomUUID } from "node:crypto";
import { ended } from "../jobs";
import { Schedule } from "../state";
import { Context } from "./context";

export function clusterResource({ cluster }: Context): Resource {
    return {
        path: "/cluster",
        keys: [],
        single: true,
        fields: {
            name: text({ always: true }),
            uuid: text({ ...shown, always: true }),
            "version.full": text(shown),
            "version.generation": integer(shown),
            "version.major": integer(shown),
            "version.minor": integer(shown),
            "peering_policy.minimum_passphrase_length": integer(shown),
            "peering_policy.authentication_required": flag(shown),
            "peering_policy.encryption_required": flag(shown),
            san_optimized: flag(shown),
            disaggregated: flag(shown),
            "timezone.name": text(),
            location: text(),
            contact: text(),
        },
        list: () => [
            {
                ...cluster.identity,
                version: { full: "NetApp Release 9.16.1: simulated", generation: 9, major: 16, minor: 1 },
                peering_policy: {
                    minimum_passphrase_length: 8,
                    authentication_required: true,
                    encryption_required: false,
                },
                san_optimized: false,
                disaggregated: false,
                timezone: { name: "Etc/UTC" },
            },
        ],
    };
}

export function nodes({ cluster }: Context): Resource {
    return {
        path: "/cluster/nodes",
        keys: ["uuid"],
        fields: {
            name: text({ always: true }),
            uuid: text({ ...shown, always: true }),
            serial_number: text(shown),
            model: text(shown),
            date: time(shown),
            state: oneOf(["up", "booting", "down", "unknown"], shown),
            "version.full": text(shown),
            "version.generation": integer(shown),
            "version.major": integer(shown),
            "version.minor": integer(shown),
        },
        list: () => [
            {
                ...cluster.state.node,
                serial_number: cluster.state.node.uuid.slice(0, 8),
                model: "SIMBOX",
                date: isoTime(cluster.clock.now()),
                state: "up",
                version: { full: "NetApp Release 9.16.1: simulated", generation: 9, major: 16, minor: 1 },
            },
        ],
    };
}

const jobStates = ["queued", "running", "paused", "success", "failure"];

export function jobs({ cluster }: Context): Resource {
    return {
        path: "/cluster/jobs",
        keys: ["uuid"],
        lists: ["error.arguments"],
        parameters: { PATCH: ["action"] },
        fields: {
            uuid: text({ ...shown, always: true }),
            description: text(shown),
            state: oneOf(jobStates, shown),
            message: text(shown),
            code: integer(shown),
            start_time: time(shown),
            end_time: time(shown),
            "error.code": text(shown),
            "error.message": text(shown),
            "error.arguments.code": text(shown),
            "error.arguments.message": text(shown),
            "node.name": text(shown),
            ...reference("svm", shown),
        },
        list: () =>
            cluster.state.jobs.map((job) => ({
                uuid: job.uuid,
                description: job.description,
                state: job.state,
                message: job.message,
                code: job.code ?? 0,
                start_time: isoTime(job.startedAt),
                end_time: job.endedAt === undefined ? undefined : isoTime(job.endedAt),
                error: job.state === "failure" ? { code: String(job.code), message: job.message } : undefined,
                node: { name: cluster.state.node.name },
                svm: job.svm,
            })),
        modify: (call, view) => {
            const action = call.query.own["action"];
            const job = cluster.state.jobs.find(({ uuid }) => uuid === view["uuid"]);
            if (job && ended(job)) {
                throw new OntapFailure(409, "458762", "The job has ended already.");
            }
            if (action === "cancel") {
                throw new OntapFailure(409, "458784", "The job does not support being cancelled.");
            }
            throw new OntapFailure(
                409,
                action === "resume" ? "458771" : "458783",
                `The job does not support "${action}".`,
            );
        },
    };
}

const cronList = (low: number, high: number) => integer({ minimum: low, maximum: high });

export function schedules({ cluster, cron }: Context): Resource {
    const fields: Fields = {
        uuid: text({ ...shown, always: true }),
        name: text({ always: true, required: true, createOnly: true, longest: 256 }),
        type: oneOf(["cron", "interval"], shown),
        scope: oneOf(["svm", "cluster"], shown),
        interval: text(),
        "cron.minutes": cronList(0, 59),
        "cron.hours": cronList(0, 23),
        "cron.days": cronList(1, 31),
        "cron.months": cronList(1, 12),
        "cron.weekdays": cronList(0, 6),
        ...reference("cluster", { createOnly: true }),
        ...reference("svm", { createOnly: true }),
    };
    const find = (view: Record<string, unknown>) =>
        cluster.state.schedules.find(({ uuid }) => uuid === view["uuid"]) as Schedule;
    const view = ({ uuid, name, cron: minutes, interval }: Schedule) => ({
        uuid,
        name,
        type: minutes ? "cron" : "interval",
        scope: "cluster",
        interval,
        cron: minutes,
        cluster: cluster.identity,
    });
    return {
        path: "/cluster/schedules",
        keys: ["uuid"],
        lists: ["cron.minutes", "cron.hours", "cron.days", "cron.months", "cron.weekdays"],
        fields,
        list: () => cluster.state.schedules.map(view),
        create: ({ body }) => {
            const { name, cron: times, interval } = body as Pick<Schedule, "name" | "cron" | "interval">;
            if (!times && interval === undefined) {
                throw missingValue("cron");
            }
            if (cluster.state.schedules.some((one) => one.name === name)) {
                throw new OntapFailure(409, "459760", `Schedule "${name}" exists already.`, "name");
            }
            const schedule: Schedule = { uuid: randomUUID(), name, cron: times, interval, builtIn: false };
            cluster.state.schedules.push(schedule);
            cron.plan();
            return { key: [schedule.uuid], record: () => view(schedule) };
        },
        modify: (call, found) => {
            const schedule = find(found);
            Object.assign(schedule, call.body);
            return {};
        },
        remove: (_call, found) => {
            const schedule = find(found);
            const used =
                cluster.state.relationships.some((one) => one.schedule === schedule.uuid) ||
                cluster.state.policies.some((one) => one.transferSchedule === schedule.name);
            if (used || schedule.builtIn) {
                throw new OntapFailure(
                    409,
                    used ? "459758" : "459762",
                    `Schedule "${schedule.name}" ${used ? "is in use" : "belongs to the system"}.`,
                );
            }
            cluster.state.schedules.splice(cluster.state.schedules.indexOf(schedule), 1);
            return {};
        },
    };
}

export function aggregates({ cluster, volumes }: Context): Resource {
    const states = [
        "online",
        "onlining",
        "offline",
        "offlining",
        "relocating",
        "unmounted",
        "restricted",
        "inconsistent",
        "failed",
        "unknown",
    ];
    return {
        path: "/storage/aggregates",
        keys: ["uuid"],
        parameters: { GET: ["show_spares"] },
        fields: {
            name: text({ always: true }),
            uuid: text({ ...shown, always: true }),
            state: oneOf(states, shown),
            snaplock_type: oneOf(["non_snaplock", "compliance", "enterprise"], shown),
            "volume-count": integer(shown),
            ...reference("node", shown),
            ...reference("home_node", shown),
            "space.block_storage.size": size({ ...shown, expensive: true }),
            "space.block_storage.used": size({ ...shown, expensive: true }),
            "space.block_storage.available": size({ ...shown, expensive: true }),
            "block_storage.primary.disk_class": text(shown),
            "block_storage.primary.raid_type": text(shown),
            "cloud_storage.attach_eligible": flag(shown),
        },
        list: () =>
            cluster.state.aggregates.map((aggregate) => {
                const own = cluster.state.volumes.filter((volume) => volume.aggregate === aggregate.uuid);
                const used = own.reduce((sum, volume) => sum + volumes.used(volume), 0);
                return {
                    name: aggregate.name,
                    uuid: aggregate.uuid,
                    state: "online",
                    snaplock_type: "non_snaplock",
                    "volume-count": own.length,
                    node: cluster.state.node,
                    home_node: cluster.state.node,
                    space: { block_storage: { size: aggregate.size, used, available: aggregate.size - used } },
                    block_storage: { primary: { disk_class: "solid_state", raid_type: "raid_dp" } },
                    cloud_storage: { attach_eligible: false },
                };
            }),
    };
}

export function ipInterfaces({ cluster }: Context): Resource {
    return {
        path: "/network/ip/interfaces",
        keys: ["uuid"],
        lists: ["services"],
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true, required: true }),
            "ip.address": text({ required: true }),
            "ip.netmask": text({ required: true }),
            "ip.family": oneOf(["ipv4", "ipv6"], shown),
            enabled: flag(),
            state: oneOf(["up", "down"], shown),
            scope: oneOf(["svm", "cluster"], { createOnly: true }),
            services: text(shown),
            ...reference("ipspace", { createOnly: true }),
            ...reference("service_policy"),
            ...reference("svm", { createOnly: true }),
            ...reference("location.node"),
            ...reference("location.home_node"),
            "location.home_port.name": text(),
            "location.is_home": flag(),
            "location.auto_revert": flag(),
            "location.broadcast_domain.name": text(),
        },
        list: () =>
            cluster.state.interfaces.map((lif) => ({
                uuid: lif.uuid,
                name: lif.name,
                ip: { address: lif.address, netmask: lif.netmask, family: "ipv4" },
                enabled: true,
                state: "up",
                scope: lif.scope,
                services: lif.services,
                ipspace: { name: "Default" },
                service_policy: { name: lif.servicePolicy },
                svm: cluster.state.svms
                    .filter(({ uuid }) => uuid === lif.svm)
                    .map(({ uuid, name }) => ({ uuid, name }))[0],
                location: {
                    node: cluster.state.node,
                    home_node: cluster.state.node,
                    is_home: true,
                    auto_revert: false,
                },
            })),
        create: ({ body }) => {
            const {
                name,
                ip,
                service_policy: policy,
            } = body as {
                name: string;
                ip: { address: string; netmask: string };
                service_policy?: { name?: string };
            };
            if (cluster.state.interfaces.some((one) => one.name === name || one.address === ip.address)) {
                throw new OntapFailure(409, "1", `Interface "${name}" or its address exists already.`, "name");
            }
            const intercluster = policy?.name === "default-intercluster";
            const uuid = randomUUID();
            cluster.state.interfaces.push({
                uuid,
                name,
                address: ip.address,
                netmask: String(ip.netmask),
                servicePolicy: policy?.name ?? "default-data-files",
                services: intercluster ? ["intercluster_core", "management_https"] : ["data_core", "data_nfs"],
                scope: "cluster",
            });
            return { key: [uuid], record: () => ({ uuid, name }) };
        },
    };
}
