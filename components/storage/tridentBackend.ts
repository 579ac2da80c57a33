import { type Declaring, transformed } from "../transform/transform";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { OntapEndpoint } from "../../provider/clients/ontap/endpoint";
import type { DeclaredObject, ExistingObject } from "../../provider/resources/declaredObjects";
import { inUrl } from "../../provider/support/address";
import { describe, type Problem } from "../validation/problems";
import { tridentBackendObject } from "./backendObject";
import { backendArgsProblems, type TridentBackendArgs } from "./backendArgs";
import { existingBackend, existingSecret, type ExistingArgs, isExisting, nasDriver } from "./existing";
import { nasSpec } from "./nasOptions";

/** An account on the array. */
export interface OntapCredentialsArgs {
    /** Name of the account. */
    username: pulumi.Input<string>;
    /** Its password. Kept as a secret. */
    password: pulumi.Input<string>;
}

/** What a backend is made of. */
interface Site {
    /** Name of the first one. Default: `trident-dr-ontap`. */
    firstBackend?: string;
    endpoint: OntapEndpoint;
    svm: string;
    dataLif?: string;
    aggregate?: string;
    credentials?: OntapCredentialsArgs;
    tridentBackend?: TridentBackendArgs | ExistingArgs;
}

/** Name of the backend that a site has where nothing else is said. */
export const firstBackendName = "trident-dr-ontap";
/**
 * Every snapshot must stay at the standby site, because a switch promotes one of them by name. ONTAP's default policy,
 * `Asynchronous`, also transfers on an hourly schedule of its own, after which the named snapshot can be gone
 * (docs/facts/ontap.md#snapmirror-policies).
 */
const replicationPolicy = "MirrorAllSnapshots";

/** Name of the TridentBackendConfig. */
export function tridentBackendName({
    tridentBackend,
    firstBackend = firstBackendName,
}: Pick<Site, "tridentBackend" | "firstBackend">): string {
    return isExisting(tridentBackend) ? tridentBackend.existing : firstBackend;
}

/** Name of the Secret that is made for it. */
function credentialsNameOf(backend: string): string {
    return `${backend}-credentials`;
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
export function tridentBackendObjects(
    args: Pick<Site, "tridentBackend" | "firstBackend">,
    namespace: string,
): DeclaredObject[] {
    const backend = args.tridentBackend ?? {};
    if (isExisting(backend)) {
        return [];
    }
    const name = tridentBackendName(args);
    return [
        ...(backend.credentialsSecret === undefined
            ? [{ apiVersion: "v1", kind: "Secret", plural: "secrets", namespace, name: credentialsNameOf(name) }]
            : []),
        tridentBackendObject(name, namespace),
    ];
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
    declaring: Declaring,
): void {
    const backend = args.tridentBackend ?? {};
    if (isExisting(backend)) {
        return;
    }
    const secret = backend.credentialsSecret ?? makeCredentials(name, args, namespace, declaring);
    makeBackend(
        `${name}-trident-backend`,
        tridentBackendName(args),
        namespace,
        specOf(args, backend, secret),
        declaring,
    );
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
        makeBackend(`${name}-trident-backend-${own}`, own, namespace, { ...spec, backendName: own }, declaring);
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
    { options, transform }: Declaring,
): void {
    new k8s.apiextensions.CustomResource(
        resource,
        transformed(transform, "TridentBackendConfig", {
            apiVersion: "trident.netapp.io/v1",
            kind: "TridentBackendConfig",
            metadata: {
                name,
                namespace,
                // Whatever needs it waits for it, and reports a failure at once, in Trident's words.
                annotations: { "pulumi.com/skipAwait": "true" },
            },
            spec,
        }),
        options,
    );
}

/** Name of the Secret that is made; undefined where somebody else keeps it. */
function makeCredentials(
    name: string,
    { credentials, ...site }: Site,
    namespace: string,
    { options, transform }: Declaring,
): pulumi.Output<string> | undefined {
    if (credentials === undefined) {
        return undefined;
    }
    const { username, password } = credentials;
    return new k8s.core.v1.Secret(
        `${name}-credentials`,
        transformed(transform, "Secret", {
            metadata: { name: credentialsNameOf(tridentBackendName(site)), namespace },
            stringData: { username: pulumi.secret(username), password: pulumi.secret(password) },
        }),
        options,
    ).metadata.name;
}

function specOf(
    { endpoint, svm, dataLif, aggregate, firstBackend = firstBackendName }: Site,
    backend: TridentBackendArgs,
    secret: pulumi.Input<string> | undefined,
) {
    const { managementLif, certificate = endpoint.certificate, clientCertificate } = backend;
    return {
        version: 1,
        backendName: firstBackend,
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
