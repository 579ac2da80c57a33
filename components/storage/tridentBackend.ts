import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { OntapEndpoint } from "../../provider/clients/ontap/endpoint";
import type { DeclaredObject, ExistingObject } from "../../provider/resources/declaredObjects";
import { inUrl } from "../../provider/support/address";
import { objectNameProblems } from "../validation/names";
import { describe, type Problem } from "../validation/problems";
import {
    existingBackend,
    existingProblems,
    existingSecret,
    type ExistingArgs,
    isExisting,
    nasDriver,
} from "./existing";

/** An account on the array. */
export interface OntapCredentialsArgs {
    /** Name of the account. */
    username: pulumi.Input<string>;
    /** Its password. Kept as a secret. */
    password: pulumi.Input<string>;
}

/** Trident's backend, as far as its defaults do not do. */
export interface TridentBackendArgs {
    /**
     * A Secret in Trident's namespace with the keys `username` and `password`, which somebody else keeps.
     * @default one is made of the credentials
     */
    credentialsSecret?: string;
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

const backendName = "trident-dr-ontap";
const credentialsName = `${backendName}-credentials`;
/**
 * Every snapshot must stay at the standby site, because a switch promotes one of them by name. ONTAP's default policy,
 * `Asynchronous`, also transfers on an hourly schedule of its own, after which the named snapshot can be gone
 * (docs/facts/ontap.md#snapmirror-policies).
 */
const replicationPolicy = "MirrorAllSnapshots";

/** Name of the TridentBackendConfig. */
export function tridentBackendName({ tridentBackend }: Pick<Site, "tridentBackend">): string {
    return isExisting(tridentBackend) ? tridentBackend.existing : backendName;
}

export function tridentBackendProblems(key: string, args: Omit<Site, "endpoint" | "svm">): Problem[] {
    const { tridentBackend: backend = {}, credentials } = args;
    if (isExisting(backend)) {
        const needless = (["dataLif", "aggregate"] as const).filter((field) => args[field] !== undefined);
        return [
            ...existingProblems(key, backend),
            ...needlessCredentials(`${key}.existing`, credentials),
            ...needless.map((field) => ({
                key: field,
                expected: `none beside ${key}.existing`,
                found: describe(args[field]),
            })),
        ];
    }
    return backend.credentialsSecret === undefined
        ? missingCredentials(credentials)
        : [
              ...objectNameProblems(`${key}.credentialsSecret`, backend.credentialsSecret),
              ...needlessCredentials(`${key}.credentialsSecret`, credentials),
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
        {
            apiVersion: "trident.netapp.io/v1",
            kind: "TridentBackendConfig",
            plural: "tridentbackendconfigs",
            namespace,
            name: backendName,
        },
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
                  keys: ["username", "password"],
                  why: "by which Trident signs in at the array",
              }),
          ];
}

/** @param name of the component, from which the names of its resources are made */
export function makeTridentBackend(
    name: string,
    args: Site,
    namespace: string,
    options: pulumi.CustomResourceOptions,
): void {
    const backend = args.tridentBackend ?? {};
    if (isExisting(backend)) {
        return;
    }
    const credentials = makeCredentials(name, args, namespace, options);
    new k8s.apiextensions.CustomResource(
        `${name}-trident-backend`,
        {
            apiVersion: "trident.netapp.io/v1",
            kind: "TridentBackendConfig",
            metadata: {
                name: backendName,
                namespace,
                // Whatever needs it waits for it, and reports a failure at once, in Trident's words.
                annotations: { "pulumi.com/skipAwait": "true" },
            },
            spec: specOf(args, backend.credentialsSecret ?? credentials),
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

function specOf({ endpoint, svm, dataLif, aggregate }: Site, secret: pulumi.Input<string> | undefined) {
    return {
        version: 1,
        backendName,
        storageDriverName: nasDriver,
        managementLIF: new URL(endpoint.url).host,
        ...(dataLif === undefined ? {} : { dataLIF: inUrl(dataLif) }),
        svm,
        ...(aggregate === undefined ? {} : { aggregate }),
        replicationPolicy,
        ...(endpoint.certificate === undefined
            ? {}
            : { trustedCACertificate: Buffer.from(endpoint.certificate).toString("base64") }),
        credentials: { name: secret },
    };
}
