import { certificateProblems, hostProblems, objectNameProblems } from "../validation/names";
import { describe, type Problem } from "../validation/problems";
import { existingProblems, isExisting } from "./existing";
import { defaultKeys, nasForms, nasKeys, type NasOptions, nasProblems, unknownProblems } from "./nasOptions";

/**
 * Trident's backend, as far as its defaults do not do.
 *
 * @example
 * { managementLif: "10.0.1.9", autoExportPolicy: true, defaults: { snapshotReserve: 10, encryption: true } }
 */
export interface TridentBackendArgs extends NasOptions {
    /**
     * A Secret in Trident's namespace with the keys `username` and `password` (with `clientCertificate`:
     * `clientPrivateKey`), which somebody else keeps.
     * @default one is made of the credentials
     */
    credentialsSecret?: string;
    /**
     * Address at which Trident reaches the array: the SVM's own management interface, for an account of the SVM.
     * @default that of the endpoint
     */
    managementLif?: string;
    /**
     * PEM of the CA of that address, or of its certificate.
     * @default that of the endpoint
     */
    certificate?: string;
    /**
     * PEM of a client certificate by which Trident signs in; its key is `clientPrivateKey` in `credentialsSecret`.
     * @default none: user name and password
     */
    clientCertificate?: string;
    /**
     * Fields of the TridentBackendConfig's `spec` that have no argument here. What mirrors depend on is refused.
     * @default none
     */
    spec?: Record<string, unknown>;
}

const objectNamePattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/** What the role of a site relies on: each with where it is said, or why it cannot be. */
const guarded: Readonly<Record<string, string>> = {
    version: "Trident has one",
    backendName: "the program names it",
    storageDriverName: "only volumes of ontap-nas are mirrored here",
    managementLIF: "say it as managementLif",
    dataLIF: "say it as dataLif",
    svm: "say it as svm: mirrors and roles are of that SVM",
    aggregate: "say it as aggregate",
    credentials: "say them as credentialsSecret or credentials",
    username: "say it as credentials: here anybody could read it",
    password: "say it as credentials: here anybody could read it",
    clientPrivateKey: "it belongs into credentialsSecret: here anybody could read it",
    trustedCACertificate: "say it as certificate",
    replicationPolicy: "every snapshot has to stay at the standby site, since a switch promotes one of them by name",
    replicationSchedule: "transfers follow the schedule of each application",
};

const ownKeys = ["credentialsSecret", "managementLif", "certificate", "clientCertificate", "spec"];

/** In configuration, as JSON Schema. */
export const tridentBackendForm = {
    type: "object",
    properties: {
        existing: {
            type: "string",
            pattern: objectNamePattern,
            maxLength: 253,
            description: "name of a TridentBackendConfig that somebody else made: it is checked, and never changed",
            "x-default": "none: one is declared",
        },
        credentialsSecret: {
            type: "string",
            pattern: objectNamePattern,
            maxLength: 253,
            description:
                "Secret in Trident's namespace with `username` and `password`, or `clientPrivateKey`, which somebody else keeps",
            "x-default": "one is declared",
        },
        managementLif: {
            type: "string",
            minLength: 1,
            description: "address at which Trident reaches the array, such as the SVM's management interface",
            "x-default": "that of `ontap.url`",
        },
        certificate: {
            type: "string",
            pattern: "-----BEGIN CERTIFICATE-----",
            description: "PEM of the CA of that address, or of its certificate",
            "x-default": "`ontap.certificate`",
        },
        clientCertificate: {
            type: "string",
            pattern: "-----BEGIN CERTIFICATE-----",
            description: "PEM by which Trident signs in; the key is `clientPrivateKey` in `credentialsSecret`",
            "x-default": "none: user name and password",
        },
        ...nasForms,
        spec: {
            type: "object",
            description: "fields of the `spec` that have no key here; what mirrors depend on is refused",
            "x-default": "none",
        },
    },
    additionalProperties: false,
};

/** What is wrong with what is said of the backend, by itself. */
export function backendArgsProblems(key: string, value: unknown): Problem[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return [{ key, expected: "an object", found: describe(value) }];
    }
    const args = value as Record<string, unknown>;
    if (isExisting(args)) {
        return existingProblems(key, args);
    }
    const { credentialsSecret, managementLif, certificate, clientCertificate, spec } = args;
    const given = <T>(one: T, problems: (value: T) => Problem[]) => (one === undefined ? [] : problems(one));
    return [
        ...unknownProblems(key, args, ["existing", ...ownKeys, ...nasKeys]),
        ...given(credentialsSecret, (one) => objectNameProblems(`${key}.credentialsSecret`, one)),
        ...given(managementLif, (one) => hostProblems(`${key}.managementLif`, one)),
        ...given(certificate, (one) => certificateProblems(`${key}.certificate`, one)),
        ...given(clientCertificate, (one) => certificateProblems(`${key}.clientCertificate`, one)),
        ...(clientCertificate !== undefined && credentialsSecret === undefined
            ? [{ key: `${key}.clientCertificate`, expected: "the credentialsSecret with its key", found: "none" }]
            : []),
        ...nasProblems(key, args),
        ...given(spec, (one) => specProblems(`${key}.spec`, one)),
    ];
}

function specProblems(key: string, spec: unknown): Problem[] {
    if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
        return [{ key, expected: "an object with fields of Trident's backend", found: describe(spec) }];
    }
    const { defaults, ...rest } = spec as Record<string, unknown>;
    const isOurs = (field: string) => [...nasKeys, "clientCertificate"].includes(field);
    const reasonFor = (field: string) =>
        guarded[field] ?? (isOurs(field) ? `say it as tridentBackend.${field}` : undefined);
    return [
        ...Object.keys(rest).flatMap((field) => overrideProblems(`${key}.${field}`, field, reasonFor(field))),
        ...(defaults === undefined ? [] : specDefaultsProblems(`${key}.defaults`, defaults)),
    ];
}

function specDefaultsProblems(key: string, defaults: unknown): Problem[] {
    return typeof defaults !== "object" || defaults === null || Array.isArray(defaults)
        ? [{ key, expected: "an object", found: describe(defaults) }]
        : Object.keys(defaults).flatMap((field) =>
              overrideProblems(
                  `${key}.${field}`,
                  field,
                  defaultKeys.includes(field) ? `say it as tridentBackend.defaults.${field}` : undefined,
              ),
          );
}

function overrideProblems(key: string, field: string, reason: string | undefined): Problem[] {
    return reason === undefined ? [] : [{ key, expected: `no such override: ${reason}`, found: field }];
}
