import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { OntapEndpoint } from "../../provider/clients/ontap/endpoint";
import type { DeclaredObject, ExistingObject } from "../../provider/resources/declaredObjects";
import { inUrl } from "../../provider/support/address";
import { certificateProblems, hostProblems, objectNameProblems } from "../validation/names";
import { describe, type Problem } from "../validation/problems";
import { defaultKeys, nasForms, nasKeys, type NasOptions, nasProblems, nasSpec, unknownProblems } from "./nasOptions";
import {
    existingBackend,
    existingProblems,
    existingSecret,
    type ExistingArgs,
    isExisting,
    nasDriver,
} from "./existing";

const objectNamePattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/** An account on the array. */
export interface OntapCredentialsArgs {
    /** Name of the account. */
    username: pulumi.Input<string>;
    /** Its password. Kept as a secret. */
    password: pulumi.Input<string>;
}

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

/** What a backend is made of. */
interface Site {
    endpoint: OntapEndpoint;
    svm: string;
    dataLif?: string;
    aggregate?: string;
    credentials?: OntapCredentialsArgs;
    tridentBackend?: TridentBackendArgs | ExistingArgs;
}

/** Name of the backend that a site has where nothing else is said. */
export const firstBackendName = "trident-dr-ontap";
const credentialsName = `${firstBackendName}-credentials`;
/**
 * Every snapshot must stay at the standby site, because a switch promotes one of them by name. ONTAP's default policy,
 * `Asynchronous`, also transfers on an hourly schedule of its own, after which the named snapshot can be gone
 * (docs/facts/ontap.md#snapmirror-policies).
 */
const replicationPolicy = "MirrorAllSnapshots";

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

/** Name of the TridentBackendConfig. */
export function tridentBackendName({ tridentBackend }: Pick<Site, "tridentBackend">): string {
    return isExisting(tridentBackend) ? tridentBackend.existing : firstBackendName;
}

export function tridentBackendProblems(key: string, args: Omit<Site, "endpoint" | "svm">): Problem[] {
    const { tridentBackend: backend = {}, credentials } = args;
    if (isExisting(backend)) {
        const needless = (["dataLif", "aggregate"] as const).filter((field) => args[field] !== undefined);
        return [
            ...backendArgsProblems(key, backend),
            ...needlessCredentials(`${key}.existing`, credentials),
            ...needless.map((field) => ({
                key: field,
                expected: `none beside ${key}.existing`,
                found: describe(args[field]),
            })),
        ];
    }
    return [
        ...backendArgsProblems(key, backend),
        ...(backend.credentialsSecret === undefined
            ? missingCredentials(credentials)
            : needlessCredentials(`${key}.credentialsSecret`, credentials)),
    ];
}

function needlessCredentials(key: string, credentials: OntapCredentialsArgs | undefined): Problem[] {
    return credentials === undefined
        ? []
        : [{ key: "credentials", expected: `none beside ${key}`, found: "credentials (secret, not shown)" }];
}

function missingCredentials(credentials: OntapCredentialsArgs | undefined): Problem[] {
    return credentials === undefined
        ? [{ key: "credentials", expected: "Trident's account, or tridentBackend.credentialsSecret", found: "nothing" }]
        : [];
}

/** What is declared, in the order in which it is written. */
export function tridentBackendObjects(args: Pick<Site, "tridentBackend">, namespace: string): DeclaredObject[] {
    const backend = args.tridentBackend ?? {};
    if (isExisting(backend)) {
        return [];
    }
    return [
        ...(backend.credentialsSecret === undefined
            ? [{ apiVersion: "v1", kind: "Secret", plural: "secrets", namespace, name: credentialsName }]
            : []),
        tridentBackendObject(firstBackendName, namespace),
    ];
}

export function tridentBackendObject(name: string, namespace: string): DeclaredObject {
    return {
        apiVersion: "trident.netapp.io/v1",
        kind: "TridentBackendConfig",
        plural: "tridentbackendconfigs",
        namespace,
        name,
    };
}

/** What is to be there. */
export function tridentBackendExisting(
    { tridentBackend: backend = {}, svm }: Pick<Site, "tridentBackend" | "svm">,
    namespace: string,
): ExistingObject[] {
    if (isExisting(backend)) {
        return [existingBackend(backend, { key: "tridentBackend.existing", namespace, svm })];
    }
    return backend.credentialsSecret === undefined
        ? []
        : [
              existingSecret(backend.credentialsSecret, {
                  key: "tridentBackend.credentialsSecret",
                  namespace,
                  keys: backend.clientCertificate === undefined ? ["username", "password"] : ["clientPrivateKey"],
                  why: "by which Trident signs in at the array",
              }),
          ];
}

/**
 * @param name of the component, from which the names of its resources are made
 * @param more backends on the same SVM and with the same account
 */
export function makeTridentBackends(
    name: string,
    args: Site,
    more: readonly MoreBackend[],
    namespace: string,
    options: pulumi.CustomResourceOptions,
): void {
    const backend = args.tridentBackend ?? {};
    if (isExisting(backend)) {
        return;
    }
    const secret = backend.credentialsSecret ?? makeCredentials(name, args, namespace, options);
    makeBackend(`${name}-trident-backend`, firstBackendName, namespace, specOf(args, backend, secret), options);
    for (const { name: own, aggregate, dataLif = args.dataLif, ...rest } of more) {
        const { aggregate: _, dataLif: _lif, ...site } = args;
        const place = {
            ...site,
            ...(aggregate === undefined ? {} : { aggregate }),
            ...(dataLif === undefined ? {} : { dataLif }),
        };
        // One account, so one way to the array unless another is said.
        const { managementLif, certificate, clientCertificate } = backend;
        const spec = specOf(place, { managementLif, certificate, clientCertificate, ...rest }, secret);
        makeBackend(`${name}-trident-backend-${own}`, own, namespace, { ...spec, backendName: own }, options);
    }
}

type MoreBackend = Omit<TridentBackendArgs, "credentialsSecret"> & {
    name: string;
    aggregate?: string;
    dataLif?: string;
};

function makeBackend(
    resource: string,
    name: string,
    namespace: string,
    spec: object,
    options: pulumi.CustomResourceOptions,
): void {
    new k8s.apiextensions.CustomResource(
        resource,
        {
            apiVersion: "trident.netapp.io/v1",
            kind: "TridentBackendConfig",
            metadata: {
                name,
                namespace,
                // Whatever needs it waits for it, and reports a failure at once, in Trident's words.
                annotations: { "pulumi.com/skipAwait": "true" },
            },
            spec,
        },
        options,
    );
}

/** Name of the Secret that is made; undefined where somebody else keeps it. */
function makeCredentials(
    name: string,
    { credentials }: Site,
    namespace: string,
    options: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
    if (credentials === undefined) {
        return undefined;
    }
    const { username, password } = credentials;
    return new k8s.core.v1.Secret(
        `${name}-credentials`,
        {
            metadata: { name: credentialsName, namespace },
            stringData: { username: pulumi.secret(username), password: pulumi.secret(password) },
        },
        options,
    ).metadata.name;
}

function specOf(
    { endpoint, svm, dataLif, aggregate }: Site,
    backend: TridentBackendArgs,
    secret: pulumi.Input<string> | undefined,
) {
    const { managementLif, certificate = endpoint.certificate, clientCertificate } = backend;
    return {
        version: 1,
        backendName: firstBackendName,
        storageDriverName: nasDriver,
        managementLIF: managementLif === undefined ? new URL(endpoint.url).host : inUrl(managementLif),
        ...(dataLif === undefined ? {} : { dataLIF: inUrl(dataLif) }),
        svm,
        ...(aggregate === undefined ? {} : { aggregate }),
        replicationPolicy,
        ...(certificate === undefined ? {} : { trustedCACertificate: base64(certificate) }),
        ...(clientCertificate === undefined ? {} : { clientCertificate: base64(clientCertificate) }),
        ...withOverrides(nasSpec({ ...backend }), backend.spec),
        credentials: { name: secret },
    };
}

function withOverrides(spec: Record<string, unknown>, overrides: Record<string, unknown> = {}) {
    const both = [spec.defaults, overrides.defaults].filter((defaults) => defaults !== undefined);
    return {
        ...spec,
        ...overrides,
        ...(both.length === 0 ? {} : { defaults: Object.assign({}, ...both) as Record<string, unknown> }),
    };
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}

/** Where Trident verifies the array, and by what; undefined where somebody else's backend says it. */
export function tridentEndpoint({
    endpoint,
    tridentBackend = {},
}: Pick<Site, "endpoint" | "tridentBackend">): OntapEndpoint | undefined {
    if (isExisting(tridentBackend)) {
        return undefined;
    }
    const { managementLif, certificate = endpoint.certificate } = tridentBackend;
    const url = managementLif === undefined ? endpoint.url : `https://${inUrl(managementLif)}`;
    return { ...endpoint, url, ...(certificate === undefined ? {} : { certificate }) };
}
