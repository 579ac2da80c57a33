import { type ClusterOptions } from "./cluster";
import { type Plain, type PlainObject } from "./values";

/** The provider's configuration. */
export interface Settings extends ClusterOptions {
    /** Namespace for objects that name none; default: that of the kubeconfig's context, else "default". */
    namespace?: string;
    deleteUnreachable: boolean;
    skipUpdateUnreachable: boolean;
    enablePatchForce: boolean;
    upsertExistingObjects: boolean;
    enableSecretMutable: boolean;
    enableConfigMapMutable: boolean;
}

const configPrefix = "kubernetes:config:";

/** Reads the engine's variables; the environment counts for switches that they do not name. */
export function settingsFrom(variables: Record<string, string>, environment: NodeJS.ProcessEnv): Settings {
    const given = (key: string): string | undefined => variables[configPrefix + key] || undefined;
    const enabled = (key: string, variable: string, otherwise = false): boolean => {
        const value = given(key) ?? environment[variable];
        return value === undefined ? otherwise : value === "true";
    };
    if (!enabled("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true)) {
        throw new Error(
            "the stand-in for the Kubernetes plugin only knows server-side apply: leave enableServerSideApply on",
        );
    }
    if (given("renderYamlToDirectory") !== undefined) {
        throw new Error("the stand-in for the Kubernetes plugin cannot render YAML: leave renderYamlToDirectory out");
    }
    return {
        kubeconfig: given("kubeconfig"),
        context: given("context"),
        cluster: given("cluster"),
        namespace: given("namespace"),
        requestTimeout: requestTimeout(given("kubeClientSettings"), environment["PULUMI_K8S_CLIENT_TIMEOUT"]),
        deleteUnreachable: enabled("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
        skipUpdateUnreachable: enabled("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
        enablePatchForce: enabled("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
        upsertExistingObjects: enabled("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
        enableSecretMutable: enabled("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
        enableConfigMapMutable: enabled("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    };
}

/** Milliseconds, from the client settings (JSON, seconds) or the environment (seconds); undefined for the default. */
function requestTimeout(clientSettings: string | undefined, variable: string | undefined): number | undefined {
    const settings = clientSettings === undefined ? {} : (JSON.parse(clientSettings) as { timeout?: number });
    const seconds = settings.timeout ?? Number(variable ?? 0);
    return seconds > 0 ? seconds * 1000 : undefined;
}

/** Whether two provider configurations speak of the same cluster. If one of them cannot be read, it counts as yes. */
export async function sameCluster(before: PlainObject, after: PlainObject): Promise<boolean> {
    const [old, next] = [await activeCluster(before), await activeCluster(after)];
    return old === undefined || next === undefined || old === next;
}

async function activeCluster(inputs: PlainObject): Promise<string | undefined> {
    if (inputs["kubeconfig"] === undefined) {
        return undefined;
    }
    const { loadKubeconfig } = await import("./kubeconfig.js");
    try {
        const options = {
            kubeconfig: asText(inputs["kubeconfig"]),
            context: asText(inputs["context"]),
            cluster: asText(inputs["cluster"]),
        };
        return JSON.stringify(loadKubeconfig(options).getCurrentCluster());
    } catch {
        return undefined;
    }
}

function asText(value: Plain | undefined): string | undefined {
    return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}
