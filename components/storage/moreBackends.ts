import type { DeclaredObject, ExistingObject } from "../../provider/resources/declaredObjects";
import { optionalArrayNameProblems } from "../validation/arrayNames";
import { hostProblems, objectNameProblems } from "../validation/names";
import { describe, type Problem } from "../validation/problems";
import { backendArgsProblems, type TridentBackendArgs, tridentBackendForm } from "./backendArgs";
import { type NamedStorageClassArgs, type StorageClassArgs, storageClassObject } from "./classes";
import { type ExistingArgs, existingProblems, existingStorageClass, isExisting } from "./existing";
import { tridentBackendObject } from "./backendObject";
import { firstBackendName } from "./tridentBackend";

/** One more backend of the site, on the same SVM and with the same account. */
export interface MoreBackendArgs extends Omit<TridentBackendArgs, "credentialsSecret" | "clientCertificate"> {
    /** Its name, also that of the TridentBackendConfig. */
    name: string;
    /** The aggregate on which its volumes are created. @default Trident chooses one of the SVM's */
    aggregate?: string;
    /** Address of the data interface from which pods mount its volumes. @default the site's */
    dataLif?: string;
}

/** What a site has beside its first backend and its first class. */
export interface MoreStorage {
    /** More backends. @default none */
    moreBackends?: MoreBackendArgs[];
    /** More storage classes: an application chooses one by its name. @default none */
    moreStorageClasses?: (NamedStorageClassArgs | ExistingArgs)[];
}

const {
    credentialsSecret: _secret,
    clientCertificate: _certificate,
    existing: _existing,
    ...properties
} = tridentBackendForm.properties;

/** A further backend in configuration, as JSON Schema. */
export const moreBackendForm = {
    type: "object",
    properties: {
        name: {
            type: "string",
            pattern: tridentBackendForm.properties.existing.pattern,
            maxLength: 253,
            description: "name of the backend and of its TridentBackendConfig",
            "x-default": "required",
        },
        aggregate: {
            type: "string",
            minLength: 1,
            description: "where it makes volumes",
            "x-default": "Trident chooses",
        },
        dataLif: {
            type: "string",
            minLength: 1,
            description: "address of its data interface",
            "x-default": "the site's",
        },
        ...properties,
        managementLif: { ...properties.managementLif, "x-default": "that of the first backend" },
        certificate: { ...properties.certificate, "x-default": "that of the first backend" },
    },
    required: ["name"],
    additionalProperties: false,
};

/** What is wrong with one more backend. */
export function moreBackendProblems(key: string, value: unknown): Problem[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return [{ key, expected: "an object", found: describe(value) }];
    }
    const { name, aggregate, dataLif, ...rest } = value as Record<string, unknown>;
    const notHere = ["existing", "credentialsSecret", "clientCertificate"].filter((field) => rest[field] !== undefined);
    return [
        ...objectNameProblems(`${key}.name`, name),
        ...(name === firstBackendName
            ? [{ key: `${key}.name`, expected: "another name than that of the first backend", found: describe(name) }]
            : []),
        ...optionalArrayNameProblems(`${key}.aggregate`, aggregate),
        ...(dataLif === undefined ? [] : hostProblems(`${key}.dataLif`, dataLif)),
        ...notHere.map((field) => ({
            key: `${key}.${field}`,
            expected: "no such key: it has the account of the first backend",
            found: field,
        })),
        ...(notHere.length > 0 ? [] : backendArgsProblems(key, rest)),
    ];
}

/** What is wrong between them: each name once, and classes on backends that there are. */
export function moreStorageProblems(
    { moreBackends = [], moreStorageClasses = [] }: MoreStorage,
    firstBackend: string,
    firstClass: StorageClassArgs | ExistingArgs,
): Problem[] {
    const backends = [firstBackend, ...moreBackends.map(({ name }) => name)];
    const classes = [
        isExisting(firstClass) ? firstClass.existing : storageClassObject(firstClass).name,
        ...moreStorageClasses.map(classNameOf),
    ];
    return [
        ...(isExisting(firstClass) ? [] : classBackendProblems("storageClass", firstClass, backends)),
        ...moreBackends.flatMap((one, index) => moreBackendProblems(`moreBackends[${index}]`, one)),
        ...moreStorageClasses.flatMap((one, index) => {
            const key = `moreStorageClasses[${index}]`;
            return isExisting(one)
                ? existingProblems(key, one)
                : [...objectNameProblems(`${key}.name`, one.name), ...classBackendProblems(key, one, backends)];
        }),
        ...twice("moreBackends", backends),
        ...twice("moreStorageClasses", classes),
    ];
}

function classBackendProblems(key: string, { backend }: StorageClassArgs, backends: readonly string[]): Problem[] {
    return backend === undefined || backends.includes(backend)
        ? []
        : [{ key: `${key}.backend`, expected: `one of ${backends.join(", ")}`, found: describe(backend) }];
}

function twice(key: string, names: readonly string[]): Problem[] {
    return names
        .filter((name, index) => names.indexOf(name) < index)
        .map((name) => ({ key, expected: "each name once, beside the first one's", found: `${describe(name)} twice` }));
}

export function classNameOf(one: NamedStorageClassArgs | ExistingArgs): string {
    return isExisting(one) ? one.existing : one.name;
}

/** What is declared of them. */
export function moreObjects(
    { moreBackends = [], moreStorageClasses = [] }: MoreStorage,
    namespace: string,
): DeclaredObject[] {
    return [
        ...moreBackends.map(({ name }) => tridentBackendObject(name, namespace)),
        ...moreStorageClasses.flatMap((one) => (isExisting(one) ? [] : [storageClassObject(one)])),
    ];
}

/** What of them is to be there. */
export function moreExisting({ moreStorageClasses = [] }: MoreStorage): ExistingObject[] {
    return moreStorageClasses.flatMap((one, index) =>
        isExisting(one) ? [existingStorageClass(one.existing, `moreStorageClasses[${index}].existing`)] : [],
    );
}
