import { randomUUID } from "node:crypto";
import { refer } from "../cluster";
import { missingEntry, missingValue, OntapFailure } from "../errors";
import { flag, oneOf, reference, shown, size, text, parseSize } from "../http/fields";
import { Resource } from "../http/resource";
import { BlockDevice, BlockMap, HostGroup } from "../state";
import { svmOf } from "./access";
import { Context, Reference, resolve } from "./context";

/** How LUNs and NVMe's namespaces differ: in their names. Nobody reads or writes them: they only say that somebody could. */
interface Protocol {
    device: BlockDevice["kind"];
    group: HostGroup["kind"];
    devices: string;
    groups: string;
    maps: string;
    deviceTypes: string[];
    groupTypes: string[];
}

const deviceTypes = ["aix", "linux", "vmware", "windows"];
const san: Protocol = {
    device: "lun",
    group: "igroup",
    devices: "/storage/luns",
    groups: "/protocols/san/igroups",
    maps: "/protocols/san/lun-maps",
    deviceTypes: [...deviceTypes, "hpux", "hyper_v", "netware", "openvms", "solaris", "windows_2008", "xen"],
    groupTypes: [...deviceTypes, "hpux", "hyper_v", "netware", "openvms", "solaris", "xen"],
};
const nvme: Protocol = {
    device: "namespace",
    group: "subsystem",
    devices: "/storage/namespaces",
    groups: "/protocols/nvme/subsystems",
    maps: "/protocols/nvme/subsystem-maps",
    deviceTypes,
    groupTypes: deviceTypes,
};

export const luns = (context: Context) => devices(context, san);
export const igroups = (context: Context) => groups(context, san);
export const lunMaps = (context: Context) => maps(context, san);
export const namespaces = (context: Context) => devices(context, nvme);
export const subsystems = (context: Context) => groups(context, nvme);
export const subsystemMaps = (context: Context) => maps(context, nvme);

function devices(context: Context, protocol: Protocol): Resource {
    const { cluster } = context;
    const view = (device: BlockDevice) => ({
        uuid: device.uuid,
        name: device.name,
        svm: refer(cluster.svm(device.svm)),
        os_type: device.osType,
        space: { size: device.size },
        location: { volume: refer(cluster.volume(device.volume)) },
        status: { mapped: cluster.state.maps.some((map) => map.device === device.uuid) },
    });
    return {
        path: protocol.devices,
        keys: ["uuid"],
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true, required: true, longest: 255 }),
            ...reference("svm", { createOnly: true }),
            os_type: oneOf(protocol.deviceTypes, { required: true, createOnly: true }),
            "space.size": size(),
            ...reference("location.volume", shown),
            "status.mapped": flag(shown),
        },
        list: () => cluster.state.devices.filter(({ kind }) => kind === protocol.device).map(view),
        create: ({ body }) => {
            const {
                name,
                svm: named,
                os_type,
                space,
            } = body as {
                name: string;
                svm?: Reference;
                os_type: string;
                space?: { size?: number | string };
            };
            const svm = svmOf(context, named);
            const volume = cluster.volumeNamed(svm.uuid, /^\/vol\/([^/]+)\//.exec(name)?.[1] ?? "");
            if (volume === undefined) {
                throw missingEntry("name");
            }
            const device = {
                uuid: randomUUID(),
                kind: protocol.device,
                name,
                svm: svm.uuid,
                volume: volume.uuid,
                osType: os_type,
                size: parseSize(space?.size) ?? 2 ** 20,
            };
            cluster.state.devices.push(device);
            return { key: [device.uuid], record: () => view(device) };
        },
        remove: (_call, found) => {
            const { devices: all, maps: every } = cluster.state;
            if (every.some(({ device }) => device === found["uuid"])) {
                throw new OntapFailure(409, "8", "It is mapped.");
            }
            all.splice(
                all.findIndex(({ uuid }) => uuid === found["uuid"]),
                1,
            );
            return {};
        },
    };
}

function groups(context: Context, protocol: Protocol): Resource {
    const { cluster } = context;
    const view = (group: HostGroup) => ({
        uuid: group.uuid,
        name: group.name,
        svm: refer(cluster.svm(group.svm)),
        os_type: group.osType,
    });
    return {
        path: protocol.groups,
        keys: ["uuid"],
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true, required: true, createOnly: true, longest: 96 }),
            ...reference("svm", { createOnly: true }),
            os_type: oneOf(protocol.groupTypes, { required: true, createOnly: true }),
        },
        list: () => cluster.state.hostGroups.filter(({ kind }) => kind === protocol.group).map(view),
        create: ({ body }) => {
            const { name, svm: named, os_type } = body as { name: string; svm?: Reference; os_type: string };
            const svm = svmOf(context, named);
            const group = { uuid: randomUUID(), kind: protocol.group, name, svm: svm.uuid, osType: os_type };
            cluster.state.hostGroups.push(group);
            return { key: [group.uuid], record: () => view(group) };
        },
    };
}

function maps(context: Context, protocol: Protocol): Resource {
    const { cluster } = context;
    const { device: deviceKind, group: groupKind } = protocol;
    const deviceOf = ({ device }: BlockMap) => cluster.state.devices.find(({ uuid }) => uuid === device) as BlockDevice;
    const groupOf = ({ group }: BlockMap) => cluster.state.hostGroups.find(({ uuid }) => uuid === group) as HostGroup;
    const view = (map: BlockMap) => ({
        svm: refer(cluster.svm(deviceOf(map).svm)),
        [deviceKind]: refer(deviceOf(map)),
        [groupKind]: refer(groupOf(map)),
    });
    return {
        path: protocol.maps,
        keys: deviceKind === "lun" ? ["lun.uuid", "igroup.uuid"] : ["subsystem.uuid", "namespace.uuid"],
        fields: {
            ...reference("svm", { always: true, createOnly: true }),
            ...reference(deviceKind, { always: true, createOnly: true }),
            ...reference(groupKind, { always: true, createOnly: true }),
        },
        list: () => cluster.state.maps.filter((map) => deviceOf(map).kind === deviceKind).map(view),
        create: ({ body }) => {
            const named = body as Record<string, Reference | undefined>;
            const svm = svmOf(context, named["svm"]);
            for (const name of [deviceKind, groupKind]) {
                if (named[name] === undefined) {
                    throw missingValue(`${name}.name`);
                }
            }
            const { state } = cluster;
            const among = <T extends { kind: string; svm: string }>(all: T[], kind: string) =>
                all.filter((one) => one.kind === kind && one.svm === svm.uuid);
            const device = resolve(among(state.devices, deviceKind), named[deviceKind]);
            const group = resolve(among(state.hostGroups, groupKind), named[groupKind]);
            if (device === undefined || group === undefined) {
                throw missingEntry(device === undefined ? deviceKind : groupKind);
            }
            const map = { device: device.uuid, group: group.uuid };
            state.maps.push(map);
            return { record: () => view(map) };
        },
        remove: (_call, found) => {
            const { state } = cluster;
            const { uuid: device } = found[deviceKind] as Reference;
            const { uuid: group } = found[groupKind] as Reference;
            state.maps.splice(
                state.maps.findIndex((one) => one.device === device && one.group === group),
                1,
            );
            return {};
        },
    };
}
