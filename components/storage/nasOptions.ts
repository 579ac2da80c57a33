import { isIP } from "node:net";
import { describe, didYouMean, type Problem } from "../validation/problems";

/** How new volumes are made, as in `defaults` of Trident's `ontap-nas` driver. */
export interface VolumeDefaults {
    /** `none` is thin, `volume` is thick. @default none */
    spaceReserve?: "none" | "volume";
    /** Snapshot policy of the array, beside the snapshots that are replicated. @default none */
    snapshotPolicy?: string;
    /** Percentage of a volume that is kept for snapshots. @default 0 without a snapshot policy */
    snapshotReserve?: number;
    /** Whether clients see `.snapshot`. @default as the NFS version has it */
    snapshotDir?: boolean;
    /** Whether a clone is separated from its parent at once. @default false */
    splitOnClone?: boolean;
    /** Whether the array encrypts the volume. @default false */
    encryption?: boolean;
    /** FabricPool's policy. @default the array's */
    tieringPolicy?: string;
    /** Such as `755`. @default 777 */
    unixPermissions?: string;
    /** Export policy, where Trident makes none of its own. @default default */
    exportPolicy?: string;
    /** @default unix */
    securityStyle?: "unix" | "mixed" | "ntfs";
    /** QoS policy group; not beside `adaptiveQosPolicy`. @default none */
    qosPolicy?: string;
    /** Adaptive QoS policy group. @default none */
    adaptiveQosPolicy?: string;
    /** Template for names of volumes. @default Trident's */
    nameTemplate?: string;
}

/** What a backend and each of its storage pools may say of themselves. */
export interface PoolOptions {
    /** By which a StorageClass selects it. @default none */
    labels?: Record<string, string>;
    /** @default none */
    region?: string;
    /** @default none */
    zone?: string;
    /** Topology labels of nodes that reach it, such as `{ "topology.kubernetes.io/zone": "a" }`. @default all nodes */
    supportedTopologies?: Record<string, string>[];
    /** How volumes are made there. @default Trident's */
    defaults?: VolumeDefaults;
}

/** Options of Trident's `ontap-nas` driver. */
export interface NasOptions extends PoolOptions {
    /** Whether Trident makes and keeps export policies for the nodes. @default false */
    autoExportPolicy?: boolean;
    /** Which addresses of nodes it admits. @default all */
    autoExportCIDRs?: string[];
    /** Put before the names of volumes; it cannot be changed later. @default trident */
    storagePrefix?: string;
    /** @default nfs */
    nasType?: "nfs" | "smb";
    /** Mount options for classes that have none of their own. @default none */
    nfsMountOptions?: string;
    /** Share of SMB, with `nasType: smb`. @default none */
    smbShare?: string;
    /** Percentage of an aggregate beyond which nothing is made, such as `80%`. @default no limit */
    limitAggregateUsage?: string;
    /** Largest volume that is made, such as `500Gi`. @default no limit */
    limitVolumeSize?: string;
    /** Whether Trident speaks REST with the array. @default true from ONTAP 9.15.1 on */
    useREST?: boolean;
    /** Virtual pools, each with what differs from the backend. @default none */
    storage?: PoolOptions[];
}

type Json = Readonly<Record<string, unknown>>;

interface Option {
    form: Json;
    what: string;
    standard: string;
    /** What is expected where the check fails. */
    expected: string;
    accepts: (value: unknown) => boolean;
    /** Whether it is a list, and these are of each of it. */
    isList?: true;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const text = (what: string, standard = "none"): Option => ({
    form: { type: "string", minLength: 1 },
    what,
    standard,
    expected: "a non-empty string",
    accepts: isText,
});
const flag = (what: string, standard = "`false`"): Option => ({
    form: { type: "boolean" },
    what,
    standard,
    expected: "true or false",
    accepts: (value) => typeof value === "boolean",
});
const choice = (values: string[], what: string, standard: string): Option => ({
    form: { type: "string", enum: values },
    what,
    standard,
    expected: `one of ${values.join(", ")}`,
    accepts: (value) => isText(value) && values.includes(value),
});
const pattern = (source: string, expected: string, what: string, standard: string): Option => ({
    form: { type: "string", pattern: source },
    what,
    standard,
    expected,
    accepts: (value) => isText(value) && new RegExp(source).test(value),
});
const isMap = (value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isText);
const map = { type: "object", additionalProperties: { type: "string", minLength: 1 } };

const volumeDefaults: Record<keyof VolumeDefaults, Option> = {
    spaceReserve: choice(["none", "volume"], "`none`: thin, `volume`: thick", "`none`"),
    snapshotPolicy: text("snapshot policy of the array, beside the replicated snapshots", "`none`"),
    snapshotReserve: {
        form: { type: "integer", minimum: 0, maximum: 90 },
        what: "percentage of a volume for snapshots",
        standard: "0 without a snapshot policy",
        expected: "a whole number from 0 to 90",
        accepts: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 90,
    },
    snapshotDir: flag("whether clients see `.snapshot`", "as the NFS version has it"),
    splitOnClone: flag("whether a clone is separated from its parent at once"),
    encryption: flag("whether the array encrypts the volume"),
    tieringPolicy: text("FabricPool's policy", "the array's"),
    unixPermissions: pattern("^([0-7]{3,4}|---[-rwx]{9})$", "a mode such as 755", "mode of a volume's root", "`777`"),
    exportPolicy: text("export policy, where Trident makes none of its own", "`default`"),
    securityStyle: choice(["unix", "mixed", "ntfs"], "security style", "`unix`"),
    qosPolicy: text("QoS policy group; not beside `adaptiveQosPolicy`"),
    adaptiveQosPolicy: text("adaptive QoS policy group"),
    nameTemplate: text("template for names of volumes", "Trident's"),
};

const poolOptions: Record<Exclude<keyof PoolOptions, "defaults">, Option> = {
    labels: {
        form: map,
        what: "labels by which a StorageClass selects",
        standard: "none",
        expected: "an object of texts",
        accepts: isMap,
    },
    region: text("region"),
    zone: text("zone"),
    supportedTopologies: {
        form: { type: "array", items: map },
        what: "topology labels of the nodes that reach it",
        standard: "all nodes",
        expected: "an object of texts",
        accepts: isMap,
        isList: true,
    },
};

const nasOptions: Record<Exclude<keyof NasOptions, keyof PoolOptions | "storage">, Option> = {
    autoExportPolicy: flag("whether Trident makes export policies for the nodes"),
    autoExportCIDRs: {
        form: { type: "array", items: { type: "string", minLength: 1 } },
        what: "addresses of nodes that these admit",
        standard: "all",
        expected: "a CIDR such as 10.0.0.0/24",
        accepts: isCidr,
        isList: true,
    },
    storagePrefix: text("put before the names of volumes; cannot be changed later", "`trident`"),
    nasType: choice(["nfs", "smb"], "protocol", "`nfs`"),
    nfsMountOptions: text("mount options for classes that have none"),
    smbShare: text("with `nasType: smb`: the share"),
    limitAggregateUsage: pattern(
        "^[0-9]{1,3}%?$",
        "a percentage such as 80%",
        "usage of an aggregate beyond which nothing is made",
        "no limit",
    ),
    limitVolumeSize: pattern(
        "^[0-9]+(\\.[0-9]+)?([KMGTP]i?)?B?$",
        "a size such as 500Gi",
        "largest volume",
        "no limit",
    ),
    useREST: flag("whether Trident speaks REST with the array", "`true` from ONTAP 9.15.1 on"),
};

const ofPool = { ...poolOptions };
const ofBackend = { ...nasOptions, ...poolOptions };

/** The options in configuration, as properties of a JSON Schema. */
export const nasForms: Record<string, Json> = {
    ...formsOf(ofBackend),
    defaults: objectForm(formsOf(volumeDefaults), "how volumes are made"),
    storage: {
        type: "array",
        items: {
            type: "object",
            properties: {
                ...formsOf(ofPool),
                defaults: objectForm(formsOf(volumeDefaults), "how volumes are made there"),
            },
            additionalProperties: false,
        },
        description: "virtual pools, with what differs from the backend",
        "x-default": "none",
    },
};

function formsOf(options: Record<string, Option>): Record<string, Json> {
    return Object.fromEntries(
        Object.entries(options).map(([key, { form, what, standard }]) => [
            key,
            { ...form, description: what, "x-default": standard },
        ]),
    );
}

function objectForm(properties: Record<string, Json>, description: string): Json {
    return { type: "object", properties, additionalProperties: false, description, "x-default": "Trident's" };
}

/** Names of the options of new volumes. */
export const defaultKeys: readonly string[] = Object.keys(volumeDefaults);
/** Names of the options. */
export const nasKeys: readonly string[] = [...Object.keys(ofBackend), "defaults", "storage"];

/** What is wrong with the options among a backend's keys. */
export function nasProblems(key: string, value: Readonly<Record<string, unknown>>): Problem[] {
    const { storage } = value;
    return [
        ...optionProblems(key, value, ofBackend),
        ...defaultsProblems(`${key}.defaults`, value.defaults),
        ...(storage === undefined
            ? []
            : Array.isArray(storage)
              ? storage.flatMap((pool, index) => poolProblems(`${key}.storage[${index}]`, pool))
              : [{ key: `${key}.storage`, expected: "a list of pools", found: describe(storage) }]),
    ];
}

function poolProblems(key: string, pool: unknown): Problem[] {
    return isObject(pool)
        ? [
              ...unknownProblems(key, pool, [...Object.keys(ofPool), "defaults"]),
              ...optionProblems(key, pool, ofPool),
              ...defaultsProblems(`${key}.defaults`, pool.defaults),
          ]
        : [{ key, expected: "an object", found: describe(pool) }];
}

function defaultsProblems(key: string, value: unknown): Problem[] {
    if (value === undefined) {
        return [];
    }
    return isObject(value)
        ? [
              ...unknownProblems(key, value, Object.keys(volumeDefaults)),
              ...optionProblems(key, value, volumeDefaults),
              ...(value.qosPolicy !== undefined && value.adaptiveQosPolicy !== undefined
                  ? [{ key: `${key}.adaptiveQosPolicy`, expected: "either it or qosPolicy", found: "both" }]
                  : []),
          ]
        : [{ key, expected: "an object", found: describe(value) }];
}

export function unknownProblems(key: string, value: object, known: readonly string[]): Problem[] {
    return Object.entries(value)
        .filter(([field, one]) => one !== undefined && !known.includes(field))
        .map(([field]) => ({
            key: `${key}.${field}`,
            expected: "no such key",
            found: field + didYouMean(field, known),
        }));
}

function optionProblems(
    key: string,
    value: Readonly<Record<string, unknown>>,
    options: Record<string, Option>,
): Problem[] {
    return Object.entries(options)
        .filter(([field]) => value[field] !== undefined)
        .flatMap(([field, option]) => valueProblems(`${key}.${field}`, value[field], option));
}

function valueProblems(key: string, value: unknown, { expected, accepts, isList }: Option): Problem[] {
    const problem = (at: string, one: unknown) => (accepts(one) ? [] : [{ key: at, expected, found: describe(one) }]);
    if (isList !== true) {
        return problem(key, value);
    }
    return Array.isArray(value)
        ? value.flatMap((one, index) => problem(`${key}[${index}]`, one))
        : [{ key, expected: `a list, each of it ${expected}`, found: describe(value) }];
}

/** The same as Trident's `spec` has it: within `defaults` everything is a text. */
export function nasSpec(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { defaults, storage, ...rest } = Object.fromEntries(
        nasKeys.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]),
    );
    return {
        ...rest,
        ...(defaults === undefined ? {} : { defaults: asTexts(defaults as VolumeDefaults) }),
        ...(storage === undefined
            ? {}
            : {
                  storage: (storage as PoolOptions[]).map(({ defaults: own, ...pool }) => ({
                      ...pool,
                      ...(own === undefined ? {} : { defaults: asTexts(own) }),
                  })),
              }),
    };
}

function asTexts(defaults: VolumeDefaults): Record<string, string> {
    return Object.fromEntries(
        Object.entries(defaults)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [key, String(value)]),
    );
}

function isCidr(value: unknown): boolean {
    const [address = "", length = "", ...rest] = typeof value === "string" ? value.split("/") : [];
    const bits = { 4: 32, 6: 128 }[isIP(address)];
    return bits !== undefined && rest.length === 0 && /^[0-9]{1,3}$/.test(length) && Number(length) <= bits;
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
