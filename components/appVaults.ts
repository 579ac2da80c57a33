import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DeclaredObject, ExistingObject } from "../provider/resources/declaredObjects";
import { addressingAnnotation } from "../provider/support/bucketAddressing";
import { vaultName, vaultSecretName } from "../provider/roles/vaultName";
import { describe, type Problem, refuse } from "./validation/problems";
import { ownedBy } from "./ownership";
import type { SitePair } from "./sitePair";
import type { UsedObjects } from "./storage/access";
import { existingSecret, existingVault, isExisting } from "./storage/existing";
import { type Transform, transformed } from "./transform/transform";
import { appVaultSpec, ownKeysOf } from "./vaults/appVaultSpec";
import { AwsBucket } from "./vaults/awsBucket";
import { publishedKey } from "./vaults/publishedKey";
import {
    credentialProblems,
    keysInSecret,
    makesBucket,
    sameVaultProblems,
    type SiteVaultArgs,
    unverifiedVault,
    type VaultArgs,
    type VaultCredentials,
    vaultProblems,
} from "./vaults/vault";

/** Arguments of {@link AppVaults}. `loadSettings().vaults` reads the vaults from the stack's configuration. */
export interface AppVaultsArgs {
    /** The two sites. */
    pair: SitePair;
    /**
     * Each site's vault by the name of the site. Both are declared at both sites, or exist there: a mirror reads
     * one and writes the other.
     * @example
     * { east: { type: "GenericS3", bucket: "dr-east", … }, west: { type: "GenericS3", bucket: "dr-west", … } }
     */
    sites: Record<string, SiteVaultArgs>;
    /**
     * Namespace of Trident Protect.
     * @default trident-protect
     */
    protectNamespace?: string;
    /**
     * Changes what is declared for any object of this, where no argument does. What roles depend on is refused by name.
     * @default none
     */
    transform?: Transform;
}

/** The output under which a stack publishes the access key of a bucket that it created: `tridentDrVault`. */
const vaultOutputOf = ({ outputName }: SitePair) => `${outputName}Vault`;

/**
 * Both sites' vaults, as this site's Trident Protect knows them.
 *
 * @example
 * const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });
 * // Only where stacks create their buckets, for the peer to open them:
 * export const tridentDrVault = vaults.credentials;
 */
export class AppVaults extends pulumi.ComponentResource {
    /** Names of the AppVaults in this site's cluster, by the name of the site whose vault it is. */
    readonly names: Record<string, string>;
    /** Namespace of Trident Protect. */
    readonly protectNamespace: string;
    /** @internal */
    readonly used: UsedObjects;
    /**
     * The access key of the bucket that this stack created for its own site. A program whose stacks create buckets exports
     * it as `tridentDrVault`, for the peer to open the bucket. Secret; undefined where no bucket is created.
     */
    declare readonly credentials: pulumi.Output<VaultCredentials | undefined>;

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(name: string, args: AppVaultsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:AppVaults", name, {}, opts);
        refuse(`The vaults ${name}`, appVaultsProblems(args));
        const { pair, sites } = args;
        [pair.site, pair.peer]
            .flatMap((site) => unverifiedVault(site, sites[site]!))
            .forEach((warning) => void pulumi.log.warn(warning, this));
        this.protectNamespace = args.protectNamespace ?? "trident-protect";
        const peerVault = { namespace: this.protectNamespace, name: nameOf(pair, sites, pair.peer) };
        this.used = {
            declared: objectsOf(args, this.protectNamespace),
            existing: existingOf(args, this.protectNamespace),
        };
        const owned = ownedBy(name, pair, this.used, this, peerVault);
        // A dead site's vault takes a takeover a second, in which the rest can start.
        pair.looksFirst(owned);
        const made = makeOwnBucket(name, pair.site, sites[pair.site]!, this);
        this.credentials = pulumi.secret(made);
        this.names = Object.fromEntries(
            [pair.site, pair.peer].map((site) => [
                site,
                this.declare(name, args, site, site === pair.site ? made : undefined, owned),
            ]),
        );
        this.registerOutputs({ names: this.names, credentials: this.credentials });
    }

    private declare(
        name: string,
        { pair, sites, transform }: AppVaultsArgs,
        site: string,
        made: VaultCredentials | undefined,
        owned: pulumi.Resource,
    ): string {
        const vault = sites[site]!;
        if (isExisting(vault)) {
            return vault.existing;
        }
        // Snapshots outlive the stack, and these lead to their archives.
        const options = { parent: this, provider: pair.kubernetes, retainOnDelete: true, dependsOn: owned };
        const namespace = this.protectNamespace;
        const ownName = nameOf(pair, { [site]: vault }, site);
        const {
            secret,
            name: secretName,
            keys,
        } = this.credentialsFor(name, { pair, transform }, site, vault, made, options);
        new k8s.apiextensions.CustomResource(
            `${name}-${site}`,
            transformed(transform, "AppVault", {
                apiVersion: "protect.trident.netapp.io/v1",
                kind: "AppVault",
                metadata: { name: ownName, namespace, annotations: annotationsOf(vault) },
                spec: appVaultSpec(vault, secretName, keys),
            }),
            { ...options, dependsOn: secret ?? owned },
        );
        return ownName;
    }

    /** The Secret with a vault's credentials, which somebody else may keep; none where the cluster's identity does. */
    private credentialsFor(
        name: string,
        { pair, transform }: Pick<AppVaultsArgs, "pair" | "transform">,
        site: string,
        vault: VaultArgs,
        made: VaultCredentials | undefined,
        options: pulumi.CustomResourceOptions,
    ): CredentialsSecret {
        if (vault.useIAM === true) {
            return { keys: {} };
        }
        if (vault.credentialsSecret !== undefined) {
            return { name: vault.credentialsSecret, keys: keysInSecret(vault) };
        }
        const resource = `${name}-${site}-credentials`;
        const metadata = {
            name: vaultSecretName(nameOf(pair, { [site]: vault }, site)),
            namespace: this.protectNamespace,
        };
        const given = vault.credentials ?? made;
        const secret =
            given === undefined
                ? secretOfPeer(pair, resource, metadata, transform, options)
                : new k8s.core.v1.Secret(
                      resource,
                      transformed(transform, "Secret", { metadata, stringData: secrets(given) }),
                      options,
                  );
        return { secret, name: metadata.name, keys: ownKeysOf(given ?? unpublished) };
    }
}

interface CredentialsSecret {
    /** The resource, where it is declared here. */
    secret?: pulumi.Input<pulumi.Resource>;
    name?: string;
    /** Its key for each credential. */
    keys: Record<string, string>;
}

/** At a cluster that both sites share, each has an AppVault of its own for each bucket. */
function nameOf(pair: Pick<SitePair, "named">, sites: Record<string, SiteVaultArgs>, site: string): string {
    const vault = sites[site];
    return isExisting(vault) ? vault.existing : pair.named(vault?.name ?? vaultName(site));
}

/** What is declared, and must not be somebody else's. */
function objectsOf({ pair, sites }: AppVaultsArgs, namespace: string): DeclaredObject[] {
    return [pair.site, pair.peer].flatMap((site) => {
        const vault = sites[site]!;
        if (isExisting(vault)) {
            return [];
        }
        const name = nameOf(pair, sites, site);
        const hasOwnSecret = vault.useIAM !== true && vault.credentialsSecret === undefined;
        return [
            ...(hasOwnSecret
                ? [{ apiVersion: "v1", kind: "Secret", plural: "secrets", namespace, name: vaultSecretName(name) }]
                : []),
            { apiVersion: "protect.trident.netapp.io/v1", kind: "AppVault", plural: "appvaults", namespace, name },
        ];
    });
}

/** What somebody else made, and has to be there. */
function existingOf({ pair, sites }: AppVaultsArgs, namespace: string): ExistingObject[] {
    return [pair.site, pair.peer].flatMap((site) => {
        const vault = sites[site]!;
        const key = `${site}.vault`;
        const secret = vault.credentialsSecret;
        const keys = isExisting(vault) ? [] : Object.values(keysInSecret(vault));
        return [
            ...(isExisting(vault) ? [existingVault(vault, { key: `${key}.existing`, namespace, secret })] : []),
            ...(secret === undefined
                ? []
                : [
                      existingSecret(secret, {
                          key: `${key}.credentialsSecret`,
                          namespace,
                          keys,
                          why: `by which the bucket of ${site} is opened`,
                      }),
                  ]),
        ];
    });
}

/** What is wrong with the plain values of {@link AppVaults}. */
function appVaultsProblems({ pair, sites }: Pick<AppVaultsArgs, "sites"> & { pair: PairNames }): Problem[] {
    const wanted = [pair.site, pair.peer];
    return [
        ...Object.keys(sites)
            .filter((site) => !wanted.includes(site))
            .map((site) => ({ key: `sites.${site}`, expected: `only ${wanted.join(" and ")}`, found: describe(site) })),
        ...wanted.flatMap((site) => [
            ...vaultProblems(`sites.${site}`, sites[site]),
            ...credentialProblems(`sites.${site}.credentials`, sites[site], credentialsIn(sites[site])),
        ]),
        ...sameVaultProblems("sites", sites),
    ];
}

function credentialsIn(vault: SiteVaultArgs | undefined): VaultCredentials | undefined {
    return vault === undefined || isExisting(vault) ? undefined : vault.credentials;
}

type PairNames = Pick<SitePair, "site" | "peer">;

function makeOwnBucket(
    name: string,
    site: string,
    vault: SiteVaultArgs,
    parent: pulumi.Resource,
): VaultCredentials | undefined {
    if (isExisting(vault) || !makesBucket(vault)) {
        return undefined;
    }
    const args = typeof vault.create === "object" ? vault.create : {};
    const bucket = new AwsBucket(`${name}-${site}-bucket`, vault, args, { parent });
    return vault.useIAM === true
        ? undefined
        : {
              accessKeyID: bucket.accessKeyID.apply((id) => id ?? ""),
              secretAccessKey: bucket.secretAccessKey.apply((secret) => secret ?? ""),
          };
}

/** In the place of an access key that the peer's stack has not published yet. */
const unpublished = { accessKeyID: "", secretAccessKey: "" };

/**
 * The Secret with the access key that the peer's stack publishes: without one until its first `pulumi up` has succeeded.
 * Whenever there is none to be read, a Secret that exists stays as it is: the vault is needed most while the peer, or the
 * backend of its state, is away.
 */
function secretOfPeer(
    pair: SitePair,
    name: string,
    metadata: { name: string; namespace: string },
    transform: Transform | undefined,
    options: pulumi.CustomResourceOptions,
): pulumi.Output<k8s.core.v1.Secret> {
    const vaultOutputName = vaultOutputOf(pair);
    return pair.peerOutput(vaultOutputName).apply((output) => {
        const key = publishedKey(pair.peer, vaultOutputName, output);
        return new k8s.core.v1.Secret(
            name,
            transformed(transform, "Secret", { metadata, stringData: secrets(key ?? unpublished) }),
            key === undefined ? { ...options, ignoreChanges: ["stringData"] } : options,
        );
    });
}

function secrets(credentials: VaultCredentials): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(
        Object.entries(credentials)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [name, pulumi.secret(value as pulumi.Input<string>)]),
    );
}

/**
 * A mirrored application waits for the vaults that it needs, and reports a failure at once, in Trident Protect's words. The
 * peer's bucket may be as unreachable as its site, and a takeover does not need it.
 */
const unawaited = { "pulumi.com/skipAwait": "true" };

/** What is the default is not said: an AppVault that there is stays as it is. */
function annotationsOf({ addressing = "auto" }: VaultArgs): Record<string, string> {
    return { ...unawaited, ...(addressing === "auto" ? {} : { [addressingAnnotation]: addressing }) };
}
