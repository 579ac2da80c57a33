import * as pulumi from "@pulumi/pulumi";
import { isExisting } from "../storage/existing";
import { certificateProblems, hostProblems, objectNameProblems, oneOfProblems } from "../validation/names";
import { type BucketAddressing, bucketAddressings } from "../../provider/support/bucketAddressing";
import { longestVaultName, vaultName } from "../../provider/roles/vaultName";
import { describe, describeSecret, didYouMean, type Problem } from "../validation/problems";
import type { AwsBucketArgs } from "./awsBucket";
import { existingVaultForm, existingVaultProblems, type ExistingVaultArgs } from "./existingVault";

/** The object stores that Trident Protect supports (docs/facts/trident-protect.md#appvault). */
const vaultTypes = ["GenericS3", "OntapS3", "StorageGridS3", "AWS", "Azure", "GCP"] as const;
/** The kind of object store that a vault is in. */
export type VaultType = (typeof vaultTypes)[number];

/**
 * One site's vault: the bucket in which its application snapshots are archived.
 *
 * @example
 * { type: "GenericS3", bucket: "trident-dr-east", endpoint: "s3.east.example:9000", credentials: { accessKeyID, secretAccessKey } }
 * @example
 * { type: "AWS", bucket: "trident-dr-east", region: "eu-central-1", create: true }
 */
export interface VaultArgs {
    /**
     * Name of the AppVault, at both sites; that of its Secret ends in `-credentials`.
     * @default `vault-<site>`
     */
    name?: string;
    /** The kind of object store. */
    type: VaultType;
    /** Name of the bucket or container. */
    bucket: pulumi.Input<string>;
    /**
     * `host` or `host:port`, without a scheme.
     * @default `s3.<region>.amazonaws.com` for type AWS when a region is given, else `s3.amazonaws.com`;
     * `<account>.blob.core.windows.net` for type Azure; required for the other S3 types
     */
    endpoint?: pulumi.Input<string>;
    /**
     * Path in the bucket below which everything is kept.
     * @default the whole bucket
     */
    prefix?: pulumi.Input<string>;
    /**
     * Whether to use TLS. S3 types only.
     * @default true
     */
    secure?: boolean;
    /**
     * Whether to accept any certificate of the S3 server. S3 types only.
     * @default false
     */
    skipCertValidation?: boolean;
    /** The authority that signed the S3 server's certificate, in PEM form. S3 types only. @default the system's authorities */
    rootCA?: pulumi.Input<string>;
    /**
     * Proxy by which the cluster, and `pulumi`, reach the S3 server; without user and password. S3 types only.
     * @default none
     */
    proxyURL?: pulumi.Input<string>;
    /**
     * Where `pulumi` and `trident-dr` name the bucket: `host` before the server's name, `path` in the path of the URL. Trident
     * Protect goes by its own rules. S3 types only.
     * @default `auto`: `host` at Amazon's public hosts, `path` anywhere else
     */
    addressing?: BucketAddressing;
    /** Region of the bucket. Type AWS only. @default none */
    region?: string;
    /**
     * Whether the cluster opens the bucket by its own identity (EKS Pod Identity) instead of an access key. Type AWS only.
     * @default false
     */
    useIAM?: boolean;
    /**
     * Creates the bucket, and an access key for it unless `useIAM` is set, at the site whose vault it is. Type AWS only.
     * @default false: the bucket exists
     */
    create?: boolean | AwsBucketArgs;
    /** The storage account. Required for type Azure, which alone has it. */
    accountName?: pulumi.Input<string>;
    /** The bucket's project. Required for type GCP, which alone has it. */
    projectID?: pulumi.Input<string>;
    /** Credentials for the bucket. None with `useIAM` or `credentialsSecret`; optional for a bucket that is created here. */
    credentials?: VaultCredentials;
    /**
     * A Secret in Trident Protect's namespace, at both sites, with the credentials: somebody else keeps it.
     * @default one is made of the credentials
     */
    credentialsSecret?: string;
    /**
     * Keys of that Secret, by credential, where they are not called like it.
     * @default the credentials' own names
     * @example
     * { accessKeyID: "AWS_ACCESS_KEY_ID", secretAccessKey: "AWS_SECRET_ACCESS_KEY" }
     */
    credentialsKeys?: Partial<Record<keyof VaultCredentials, string>>;
    /**
     * Name of a Secret in Trident Protect's namespace with the data mover's passwords.
     * @default the one that Trident Protect creates
     */
    dataMoverPasswordSecretRef?: pulumi.Input<string>;
}

/** Which of these a vault requires depends on its type. All of them are kept as secrets. */
export interface VaultCredentials {
    /** S3 types. */
    accessKeyID?: pulumi.Input<string>;
    /** S3 types. */
    secretAccessKey?: pulumi.Input<string>;
    /** Type AWS, with temporary keys. */
    sessionToken?: pulumi.Input<string>;
    /** Type Azure. */
    accountKey?: pulumi.Input<string>;
    /** Type GCP: the service account's key, as JSON. */
    credentials?: pulumi.Input<string>;
}

/** A site's vault: one that is declared, or one that exists already. */
export type SiteVaultArgs = VaultArgs | ExistingVaultArgs;

interface Form {
    required: readonly string[];
    optional: readonly string[];
    credentials: readonly string[];
    optionalCredentials?: readonly string[];
}

const everywhere = [
    "name",
    "type",
    "bucket",
    "prefix",
    "dataMoverPasswordSecretRef",
    "credentials",
    "credentialsSecret",
    "credentialsKeys",
];
const s3 = ["secure", "skipCertValidation", "rootCA", "proxyURL", "addressing"];
const accessKey = ["accessKeyID", "secretAccessKey"];
const words = { type: "string", minLength: 1 };
const flag = { type: "boolean" };
const s3Form: Form = { required: ["bucket", "endpoint"], optional: s3, credentials: accessKey };

const forms: Record<VaultType, Form> = {
    GenericS3: s3Form,
    OntapS3: s3Form,
    StorageGridS3: s3Form,
    AWS: {
        required: ["bucket"],
        optional: ["endpoint", ...s3, "region", "useIAM", "create"],
        credentials: accessKey,
        optionalCredentials: ["sessionToken"],
    },
    Azure: { required: ["bucket", "accountName"], optional: ["endpoint"], credentials: ["accountKey"] },
    GCP: { required: ["bucket", "projectID"], optional: [], credentials: ["credentials"] },
};

/** What each key of a vault is, and what holds without it. */
const keys: Readonly<Record<string, { form: object; description: string; standard: string }>> = {
    name: {
        form: { type: "string", pattern: "^[a-z0-9][-a-z0-9.]*$", maxLength: longestVaultName },
        description: "name of the AppVault, at both sites",
        standard: "`vault-<site>`",
    },
    bucket: { form: words, description: "name of the bucket or container", standard: "required" },
    prefix: { form: words, description: "path below which archives are kept", standard: "the whole bucket" },
    endpoint: {
        form: words,
        description: "`host` or `host:port`, without a scheme",
        standard: "required for S3 types but `AWS`; else the provider's own",
    },
    secure: { form: flag, description: "S3 types: whether to use TLS", standard: "`true`" },
    skipCertValidation: { form: flag, description: "S3 types: accept any certificate", standard: "`false`" },
    rootCA: {
        form: { type: "string", pattern: "-----BEGIN CERTIFICATE-----" },
        description: "S3 types: PEM of the CA that signed the server's certificate",
        standard: "the system's CAs",
    },
    proxyURL: {
        form: { type: "string", pattern: "^https?://[^@]+$" },
        description: "S3 types: proxy to the server, without user and password",
        standard: "none",
    },
    addressing: {
        form: { enum: [...bucketAddressings] },
        description:
            "S3 types: whether this program names the bucket in the `path` of the URL or before the `host`; Trident Protect goes by its own rules",
        standard: "`auto`: `host` at Amazon's public hosts, else `path`",
    },
    region: { form: words, description: "`AWS`: region of the bucket", standard: "none" },
    useIAM: { form: flag, description: "`AWS`: the cluster's identity opens the bucket", standard: "`false`" },
    create: {
        form: {
            anyOf: [
                flag,
                {
                    type: "object",
                    properties: { kmsKeyArn: words, oldVersionDays: { type: "integer", minimum: 1 } },
                    additionalProperties: false,
                },
            ],
        },
        description: "`AWS`: make the bucket; `true`, or `kmsKeyArn` and `oldVersionDays` of one to be made",
        standard: "`false`",
    },
    accountName: { form: words, description: "`Azure`: the storage account", standard: "required there" },
    projectID: { form: words, description: "`GCP`: the bucket's project", standard: "required there" },
    dataMoverPasswordSecretRef: {
        form: words,
        description: "name of a Secret with the data mover's passwords",
        standard: "Trident Protect's own",
    },
    credentialsSecret: {
        form: { type: "string", pattern: "^[a-z0-9][-a-z0-9.]*$", maxLength: 253 },
        description: existingVaultForm.properties.credentialsSecret.description,
        standard: existingVaultForm.properties.credentialsSecret["x-default"],
    },
};

/** A vault in configuration, as JSON Schema: a type has keys of its own. Its credentials are elsewhere. */
export const vaultForm = { oneOf: [...vaultTypes.map(formOfType), existingVaultForm] };

function formOfType(type: VaultType): object {
    const { required, optional, credentials, optionalCredentials = [] } = forms[type];
    const known = [...required, ...optional, ...everywhere.filter((key) => key in keys)];
    return {
        type: "object",
        properties: {
            type: { const: type, description: "the kind of object store", "x-default": "required" },
            ...Object.fromEntries(
                [...new Set(known)].map((key) => {
                    const { form, description, standard } = keys[key]!;
                    return [key, { ...form, description, "x-default": standard }];
                }),
            ),
            credentialsKeys: {
                type: "object",
                properties: Object.fromEntries(
                    [...credentials, ...optionalCredentials].map((one) => [
                        one,
                        { ...words, description: `key of \`${one}\``, "x-default": "the same" },
                    ]),
                ),
                additionalProperties: false,
                description: "with `credentialsSecret`: its keys, by credential",
                "x-default": "the credentials' names",
            },
        },
        required: ["type", ...required],
        additionalProperties: false,
    };
}

/**
 * What is wrong with a vault, apart from its credentials: see {@link credentialProblems}. Outputs are accepted unchecked,
 * because their values are not known yet.
 */
export function vaultProblems(key: string, value: unknown): Problem[] {
    if (!isObject(value)) {
        return [{ key, expected: "an object with the vault's type and bucket", found: describe(value) }];
    }
    if (isExisting(value)) {
        return existingVaultProblems(key, value);
    }
    const form = formOf(value.type);
    if (form === undefined) {
        return [
            {
                key: `${key}.type`,
                expected: `one of ${vaultTypes.join(", ")}`,
                found: describe(value.type) + didYouMean(value.type, vaultTypes),
            },
        ];
    }
    const known = [...everywhere, ...form.required, ...form.optional];
    const problems: Problem[] = Object.keys(value)
        .filter((field) => !known.includes(field) && value[field] !== undefined)
        .map((field) => ({
            key: `${key}.${field}`,
            expected: `no such key in a vault of type ${String(value.type)}`,
            found: `${field}${didYouMean(field, known)}`,
        }));
    for (const field of [...form.required, ...form.optional, "name", "prefix", "dataMoverPasswordSecretRef"]) {
        if (value[field] !== undefined || form.required.includes(field)) {
            problems.push(...fieldProblems(`${key}.${field}`, field, value[field]));
        }
    }
    return [...problems, ...credentialsSecretProblems(key, value, form)];
}

/** Somebody else's Secret takes the place of whatever would be made here. */
function credentialsSecretProblems(key: string, vault: Record<string, unknown>, form: Form): Problem[] {
    const { credentialsSecret, credentialsKeys } = vault;
    const known = [...form.credentials, ...(form.optionalCredentials ?? [])];
    const besides = ["useIAM", "create"].filter((field) => vault[field] !== undefined && vault[field] !== false);
    return [
        ...(credentialsSecret === undefined ? [] : objectNameProblems(`${key}.credentialsSecret`, credentialsSecret)),
        ...(credentialsSecret === undefined ? [] : besides).map((field) => ({
            key: `${key}.credentialsSecret`,
            expected: `either it or ${field}`,
            found: "both",
        })),
        ...(credentialsKeys === undefined
            ? []
            : credentialsKeysProblems(`${key}.credentialsKeys`, credentialsKeys, known)),
        ...(credentialsKeys !== undefined && credentialsSecret === undefined
            ? [{ key: `${key}.credentialsKeys`, expected: "the credentialsSecret that has them", found: "none" }]
            : []),
    ];
}

function credentialsKeysProblems(key: string, value: unknown, known: readonly string[]): Problem[] {
    return isObject(value)
        ? Object.entries(value).flatMap(([name, one]) =>
              known.includes(name)
                  ? isText(one)
                      ? []
                      : [{ key: `${key}.${name}`, expected: "a non-empty string", found: describe(one) }]
                  : [
                        {
                            key: `${key}.${name}`,
                            expected: `only ${known.join(", ")}`,
                            found: `${name}${didYouMean(name, known)}`,
                        },
                    ],
          )
        : [{ key, expected: "an object with keys of the Secret by credential", found: describe(value) }];
}

/** The credentials that are in somebody else's Secret, each with its key there. */
export function keysInSecret({ type, credentialsKeys = {} }: VaultArgs): Record<string, string> {
    const { credentials, optionalCredentials = [] } = forms[type];
    const given = credentialsKeys as Record<string, string | undefined>;
    const names = [...credentials, ...optionalCredentials.filter((name) => given[name] !== undefined)].sort();
    return Object.fromEntries(names.map((name) => [name, given[name] ?? name]));
}

/**
 * What is wrong with a vault's credentials.
 * @param value The credentials as they were written; no message contains them.
 */
export function credentialProblems(key: string, vault: unknown, value: unknown): Problem[] {
    const form = isObject(vault) ? formOf(vault.type) : undefined;
    const secret = isObject(vault) ? vault.credentialsSecret : undefined;
    const others = isExisting(vault) ? "existing" : secret === undefined ? undefined : "credentialsSecret";
    if (others !== undefined && value !== undefined) {
        return [{ key, expected: `no credentials with ${others}`, found: "credentials (secret, not shown)" }];
    }
    if (form === undefined || !isObject(vault) || (value === undefined && !needsCredentials(vault))) {
        return [];
    }
    const names = form.credentials.join(" and ");
    if (vault.useIAM === true) {
        return [{ key, expected: "no credentials with useIAM", found: "credentials (secret, not shown)" }];
    }
    if (!isObject(value)) {
        return [{ key, expected: `the vault's credentials, ${names}`, found: describeSecret(value) }];
    }
    const known = [...form.credentials, ...(form.optionalCredentials ?? [])];
    return [
        ...Object.keys(value)
            .filter((name) => !known.includes(name) && value[name] !== undefined)
            .map((name) => ({
                key: `${key}.${name}`,
                expected: `only ${known.join(", ")}`,
                found: `${name}${didYouMean(name, known)}`,
            })),
        ...known
            .filter((name) => form.credentials.includes(name) || value[name] !== undefined)
            .filter((name) => !isText(value[name]))
            .map((name) => ({
                key: `${key}.${name}`,
                expected: "a secret string",
                found: describeSecret(value[name]),
            })),
    ];
}

/**
 * Whether the bucket needs credentials from the user: nobody else keeps them, it is not created here, and the cluster's
 * identity does not open it.
 */
export function needsCredentials(vault: {
    existing?: unknown;
    credentialsSecret?: unknown;
    useIAM?: unknown;
    create?: unknown;
}): boolean {
    const others = vault.existing ?? vault.credentialsSecret;
    return others === undefined && vault.useIAM !== true && !makesBucket(vault);
}

export function makesBucket(vault: { create?: unknown }): boolean {
    return vault.create !== undefined && vault.create !== false;
}

/** Two sites with their vaults in the same place would overwrite each other's archives. */
export function sameVaultProblems(key: string, sites: Record<string, unknown>): Problem[] {
    const places = Object.entries(sites).map(([site, vault]) => ({ site, place: placeOf(vault) }));
    return [
        ...sameNameProblems(key, sites),
        ...places.flatMap(({ site, place }, index) => {
            const other = places.slice(0, index).find((earlier) => place !== undefined && earlier.place === place);
            return other === undefined
                ? []
                : [
                      {
                          key: `${key}.${site}.vault`,
                          expected: `another bucket or another prefix than that of ${other.site}`,
                          found: `${place} at both sites`,
                      },
                  ];
        }),
    ];
}

/** Both AppVaults are at both sites. */
function sameNameProblems(key: string, sites: Record<string, unknown>): Problem[] {
    const names = Object.entries(sites).map(([site, vault]) => ({
        site,
        name: isExisting(vault)
            ? vault.existing
            : isObject(vault) && vault.name !== undefined
              ? vault.name
              : vaultName(site),
    }));
    return names.flatMap(({ site, name }, index) => {
        const other = names.slice(0, index).find((earlier) => earlier.name === name);
        return other === undefined
            ? []
            : [
                  {
                      key: `${key}.${site}.vault.${isExisting(sites[site]) ? "existing" : "name"}`,
                      expected: `another name than that of ${other.site}'s vault`,
                      found: describe(name),
                  },
              ];
    });
}

/** Server, bucket and prefix; undefined while one of them is not known. */
function placeOf(vault: unknown): string | undefined {
    if (!isObject(vault)) {
        return undefined;
    }
    const parts = [vault.endpoint ?? "", vault.accountName ?? "", vault.bucket, vault.prefix ?? ""];
    if (!parts.every((part) => typeof part === "string") || vault.bucket === "") {
        return undefined;
    }
    const [endpoint, account, bucket, prefix] = parts as string[];
    // The names of Amazon's and Google's buckets are globally unique, whichever endpoint serves them.
    const server = vault.type === "AWS" || vault.type === "GCP" ? "" : endpoint!.toLowerCase().replace(/:443$/, "");
    return [server, account, bucket, prefix!.replace(/^\/+|\/+$/g, "")].filter((part) => part !== "").join("/");
}

/** What is not verified of a vault's server, in words for a warning; nothing when all is. */
export function unverifiedVault(site: string, vault: SiteVaultArgs): string[] {
    const { secure, skipCertValidation }: Partial<VaultArgs> = isExisting(vault) ? {} : vault;
    const of = `the vault of ${site}`;
    return [
        ...(secure === false
            ? [
                  `${of} is reached without TLS (secure: false): whoever is on the way reads and changes archives and claims. ` +
                      "Set secure to true, and rootCA where the server's CA is your own",
              ]
            : []),
        ...(skipCertValidation === true
            ? [
                  `the certificate of ${of} is not verified (skipCertValidation): whoever answers in its place gets requests, ` +
                      "archives and claims. Set skipCertValidation to false, and rootCA where the server's CA is your own",
              ]
            : []),
    ];
}

function formOf(type: unknown): Form | undefined {
    return vaultTypes.includes(type as VaultType) ? forms[type as VaultType] : undefined;
}

const flags = ["secure", "skipCertValidation", "useIAM"];

function fieldProblems(key: string, field: string, value: unknown): Problem[] {
    if (pulumi.Output.isInstance(value) || value instanceof Promise) {
        return [];
    }
    if (field === "name") {
        return objectNameProblems(key, value, longestVaultName);
    }
    if (flags.includes(field)) {
        return typeof value === "boolean" ? [] : [{ key, expected: "true or false", found: describe(value) }];
    }
    if (field === "create") {
        return typeof value === "boolean" ? [] : bucketProblems(key, value);
    }
    if (field === "endpoint") {
        return hostProblems(key, value);
    }
    if (field === "addressing") {
        return oneOfProblems(key, value, bucketAddressings);
    }
    if (field === "proxyURL") {
        return proxyProblems(key, value);
    }
    if (field === "rootCA") {
        return certificateProblems(key, value);
    }
    return isText(value) ? [] : [{ key, expected: "a non-empty string", found: describe(value) }];
}

function bucketProblems(key: string, value: unknown): Problem[] {
    if (!isObject(value)) {
        return [{ key, expected: "true, false or an object with the bucket's settings", found: describe(value) }];
    }
    const known = ["kmsKeyArn", "oldVersionDays"];
    const { kmsKeyArn, oldVersionDays } = value;
    return [
        ...Object.keys(value)
            .filter((field) => !known.includes(field))
            .map((field) => ({
                key: `${key}.${field}`,
                expected: "no such key",
                found: field + didYouMean(field, known),
            })),
        ...(kmsKeyArn === undefined || isText(kmsKeyArn)
            ? []
            : [{ key: `${key}.kmsKeyArn`, expected: "a non-empty string", found: describe(kmsKeyArn) }]),
        ...(oldVersionDays === undefined || (Number.isInteger(oldVersionDays) && Number(oldVersionDays) >= 1)
            ? []
            : [
                  {
                      key: `${key}.oldVersionDays`,
                      expected: "a whole number of days, 1 at least",
                      found: describe(oldVersionDays),
                  },
              ]),
    ];
}

/** What is written into an AppVault can be read by whoever reads AppVaults, and is in the state. */
function proxyProblems(key: string, value: unknown): Problem[] {
    const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
        return [{ key, expected: "the proxy's URL, http://<host>:<port>", found: describeSecret(value) }];
    }
    return url.username === "" && url.password === ""
        ? []
        : [
              {
                  key,
                  expected: "a URL without user and password, which an AppVault would show to everybody",
                  found: "one with them (not shown)",
              },
          ];
}

function isText(value: unknown): boolean {
    return pulumi.Output.isInstance(value) || value instanceof Promise || (typeof value === "string" && value !== "");
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value) && !pulumi.Output.isInstance(value);
}
