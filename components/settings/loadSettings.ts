import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { HookArgs } from "../hooks/hooks";
import type { MirroredApplicationArgs } from "../mirroredApplication";
import type { PlainVolumesArgs } from "../mirroredVolumes";
import type { OntapBackendArgs } from "../ontapBackend";
import { refuse } from "../validation/problems";
import { every } from "../schedules/recurrence";
import { nameAtSite } from "../../provider/roles/sharedCluster";
import { namespacesAt } from "../namespaces";
import { readStackConfiguration } from "./read";
import type { ParsedSettings } from "./schema";
import { validate } from "./validate";
import type { AcknowledgementArgs } from "../acknowledgements";
import type { SitePairArgs } from "../sitePair";
import type { NamedStorageClassArgs } from "../storage/classes";
import { type ExistingArgs, isExisting } from "../storage/existing";
import type { SiteVaultArgs, VaultCredentials } from "../vaults/vault";

/** A stack's whole configuration, as arguments of the components. */
export interface Settings {
    /** For `new SitePair(name, settings.pair)`. */
    pair: SitePairArgs;
    /** For `new OntapBackend(name, { pair, ...settings.ontap })`. */
    ontap: Omit<OntapBackendArgs, "pair">;
    /** For `new AppVaults(name, { pair, sites: settings.vaults })`. */
    vaults: Record<string, SiteVaultArgs>;
    /** One for each MirroredApplication. */
    applications: ApplicationSettings[];
    /** One for each MirroredVolumes. */
    volumes: VolumesSettings[];
}

/** For `new MirroredApplication(name, { pair, backend, vaults, ...rest })`. */
export interface ApplicationSettings extends Omit<MirroredApplicationArgs, "pair" | "backend" | "vaults"> {
    name: string;
}

/** For `new MirroredVolumes(name, { pair, backend, vaults, ...rest })`. */
export interface VolumesSettings extends PlainVolumesArgs {
    name: string;
}

/**
 * Reads the stack's configuration and validates all of it, before anything is declared.
 *
 * @param config The configuration to read. Default: the project's own namespace.
 * @throws InvalidInput with all problems, a line each: key, what was expected, what was found
 * @example
 * const settings = loadSettings();
 * const pair = new SitePair("pair", settings.pair);
 * const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
 * const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });
 * for (const { name, ...application } of settings.applications) {
 *     new MirroredApplication(name, { pair, backend, vaults, ...application });
 * }
 */
export function loadSettings(config = new pulumi.Config()): Settings {
    const configuration = readStackConfiguration(config);
    const { problems, parsed } = validate(configuration);
    refuse(`The configuration of stack ${pulumi.getStack()}`, problems);
    return settingsOf(parsed!, config);
}

function settingsOf(parsed: ParsedSettings, config: pulumi.Config): Settings {
    const { site, active, takeover, recoverTo, discard, lag, fullCopy, warnings, peerStack } = parsed;
    const { recordNamespace, sharedCluster, sites, applications, volumes } = parsed;
    const peer = Object.keys(sites).find((name) => name !== site)!;
    const own = sites[site]!;
    const other = sites[peer]!;
    const { url, certificate, verification, svm, dataLif, aggregate, peering, accountSecret } = own.ontap;
    // Both stacks have the same value.
    const recordsAt = (namespace: string) => (sharedCluster === true ? nameAtSite(namespace, site) : namespace);
    return {
        pair: {
            site,
            peer,
            active,
            acknowledgements: { takeover, recoverTo, discard, lag, fullCopy, warnings },
            peerStack,
            ...namespaceOf(config),
            ...(sharedCluster === undefined ? {} : { sharedCluster }),
            ...(recordNamespace === undefined ? {} : { recordNamespace: recordsAt(recordNamespace) }),
            kubernetes:
                config.getSecret("kubeconfig") === undefined ? own.kubernetes : { ...own.kubernetes, fromConfig: true },
        },
        ontap: {
            endpoint: { url, certificate, verification },
            svm,
            dataLif,
            aggregate,
            ...(peering === undefined ? {} : { peering }),
            ...(accountSecret === undefined ? {} : { accountSecret }),
            peer: {
                svm: other.ontap.svm,
                cluster: other.ontap.cluster,
                interclusterAddresses: other.ontap.interclusterAddresses,
            },
            ...tridentOf(own, config),
            ...(own.moreBackends === undefined ? {} : { moreBackends: own.moreBackends }),
            ...(own.moreStorageClasses === undefined
                ? {}
                : { moreStorageClasses: own.moreStorageClasses.map((one) => classOf(one) as NamedStorageClassArgs) }),
            storageClass: classOf(own.storageClass),
            snapshotClass: classOf(own.snapshotClass),
        },
        vaults: vaultsOf(sites, config),
        applications: applications.map((parsed, index) => applicationOf(parsed, index, site, peer)),
        volumes: volumes.map((group, index) => ownOf(group, `volumes[${index}]`)),
    };
}

/** The one that every release has known is said nowhere: states stay as they are. */
function namespaceOf({ name }: pulumi.Config): Pick<SitePairArgs, "configNamespace"> {
    const isDefault = name === "trident-dr" && pulumi.getProject() === name;
    return isDefault ? {} : { configNamespace: name };
}

/** In configuration, the acknowledgements for one item are beside its other values. */
function ownOf<Parsed extends AcknowledgementArgs>(
    { takeover, recoverTo, discard, lag, fullCopy, warnings, ...rest }: Parsed,
    path: string,
) {
    return { ...rest, acknowledgements: { takeover, recoverTo, discard, lag, fullCopy, warnings }, path };
}

function applicationOf(
    parsed: ParsedSettings["applications"][number],
    index: number,
    site: string,
    peer: string,
): ApplicationSettings {
    const { every: interval, recurrenceRule, mirrorRecurrenceRule, hooks, namespaces, ...rest } = parsed;
    return {
        ...ownOf(rest, `applications[${index}]`),
        ...namespacesAt(namespaces, site, peer),
        ...(hooks === undefined ? {} : { hooks: hooks.map(hookOf) }),
        schedule:
            recurrenceRule === undefined
                ? every(interval.amount, interval.unit)
                : { recurrenceRule, mirrorRecurrenceRule },
    };
}

/** Which keys it has depends on whether it has a recipe: validated before. */
function hookOf({ file, ...hook }: NonNullable<ParsedSettings["applications"][number]["hooks"]>[number]): HookArgs {
    const source = file === undefined ? hook.source : readFileSync(file, "utf8");
    const given = Object.entries({ ...hook, source }).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given) as unknown as HookArgs;
}

/** A class that exists has its name alone. */
function classOf<Declared extends { existing?: string | undefined }>(
    parsed: Declared | undefined,
): Omit<Declared, "existing"> | ExistingArgs | undefined {
    return parsed?.existing === undefined ? parsed : { existing: parsed.existing };
}

/** Trident's backend, with its own account where it has one, else the provider's; unless somebody else keeps it. */
function tridentOf(
    { ontap, tridentBackend }: ParsedSettings["sites"][string],
    config: pulumi.Config,
): Pick<Settings["ontap"], "credentials" | "tridentBackend"> {
    if (isExisting(tridentBackend)) {
        return { tridentBackend };
    }
    return {
        ...(tridentBackend === undefined ? {} : { tridentBackend }),
        ...(tridentBackend?.credentialsSecret === undefined
            ? { credentials: tridentCredentials(ontap.tridentUsername, config) }
            : {}),
    };
}

function tridentCredentials(username: string | undefined, config: pulumi.Config): Settings["ontap"]["credentials"] {
    return username === undefined
        ? { username: config.requireSecret("ontapUsername"), password: config.requireSecret("ontapPassword") }
        : { username, password: config.requireSecret("tridentPassword") };
}

function vaultsOf(sites: ParsedSettings["sites"], config: pulumi.Config): Record<string, SiteVaultArgs> {
    const secrets = config.getSecretObject<Record<string, Record<string, string>>>("vaultCredentials");
    const shape = config.getObject<Record<string, Record<string, string>>>("vaultCredentials");
    return Object.fromEntries(
        Object.entries(sites).map(([name, { vault }]) => [
            name,
            isExisting(vault) ? vault : { ...vault, credentials: credentialsOf(name, shape?.[name], secrets) },
        ]),
    );
}

/** The same keys, with values that remain secret. */
function credentialsOf(
    site: string,
    shape: Record<string, string> | undefined,
    secrets: pulumi.Output<Record<string, Record<string, string>>> | undefined,
): VaultCredentials | undefined {
    return shape && secrets
        ? Object.fromEntries(Object.keys(shape).map((name) => [name, secrets.apply((all) => all[site]![name]!)]))
        : undefined;
}
