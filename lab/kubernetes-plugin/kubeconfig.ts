import { existsSync } from "node:fs";
import type * as https from "node:https";
import { homedir } from "node:os";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";

/** Which cluster, with which credentials. */
export interface KubeconfigChoice {
    /** Path or contents of a kubeconfig; without it `KUBECONFIG` (several paths allowed) or `~/.kube/config`. */
    kubeconfig?: string;
    context?: string;
    cluster?: string;
}

/** Reads a kubeconfig and picks context and cluster. Throws an Error if one of them does not exist. */
export function loadKubeconfig(options: KubeconfigChoice): KubeConfig {
    const config = new KubeConfig();
    const given = options.kubeconfig ?? "";
    if (given === "") {
        config.loadFromDefault();
    } else {
        const file = given === "~" || given.startsWith("~/") ? path.join(homedir(), given.slice(1)) : given;
        if (existsSync(file)) {
            config.loadFromFile(file);
        } else {
            config.loadFromString(given);
        }
    }
    if (options.context !== undefined && options.context !== "") {
        config.setCurrentContext(options.context);
    }
    const context = config.getContextObject(config.getCurrentContext());
    if (context === null) {
        throw new Error(`context "${config.getCurrentContext() ?? ""}" does not exist`);
    }
    if (options.cluster !== undefined && options.cluster !== "") {
        const moved = { ...context, cluster: options.cluster };
        config.contexts = config.contexts.map((other) => (other === context ? moved : other));
    }
    if (config.getCurrentCluster() === null) {
        throw new Error(`cluster "${options.cluster || context.cluster}" does not exist`);
    }
    return config;
}

/** TLS material and headers of the current user, as Node.js takes them. */
export async function credentials(config: KubeConfig): Promise<https.RequestOptions> {
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return options;
}
