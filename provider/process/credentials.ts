import type { ClusterReference } from "../clients/kubernetes/reference";
import type { AccountLookup, OntapCredentials } from "../clients/ontap/endpoint";
import { failed, ok, type Result } from "../support/result";
import { Seal, shortestPairKey } from "../support/seal";

/** What is needed of Pulumi's `ConfigureRequest`: the stack's configuration, secrets in plain text. */
export interface ConfigurationRequest {
    config: { get(key: string): string | undefined };
}

const shortestPassphrase = 8;
const defaultNamespace = "trident-dr";

const environmentNames = {
    ontapUsername: "TRIDENT_DR_ONTAP_USERNAME",
    ontapPassword: "TRIDENT_DR_ONTAP_PASSWORD",
    ontapClientCertificate: "TRIDENT_DR_ONTAP_CLIENT_CERTIFICATE",
    ontapClientKey: "TRIDENT_DR_ONTAP_CLIENT_KEY",
    peeringPassphrase: "TRIDENT_DR_PEERING_PASSPHRASE",
    pairKey: "TRIDENT_DR_PAIR_KEY",
    previousPairKey: "TRIDENT_DR_PREVIOUS_PAIR_KEY",
} as const;

type CredentialName = keyof typeof environmentNames;

/**
 * The credentials of one stack, from its secret configuration `<namespace>:<name>`. An environment variable takes
 * precedence: a refresh or a destroy gets the configuration of the last `up`, whose password may be outdated.
 *
 * None of them can be printed: the values are private to the language, and no error carries one.
 */
export class Credentials {
    readonly #values: Partial<Record<CredentialName, string>> = {};
    readonly #kubeconfig: string | undefined;
    readonly #acceptsUnauthenticated: boolean;
    readonly #request: ConfigurationRequest;
    readonly #environment: NodeJS.ProcessEnv;
    readonly #prefix: string;

    /**
     * @param namespace where a resource says that its configuration is. Default: `trident-dr`, else that of the project,
     *     by which Pulumi completes a key without one
     */
    constructor(
        request: ConfigurationRequest,
        environment: NodeJS.ProcessEnv = process.env,
        namespace?: string | undefined,
    ) {
        this.#request = request;
        this.#environment = environment;
        this.#prefix = `${namespace ?? defaultNamespace}:`;
        const configured = (key: string) =>
            request.config.get(this.#prefix + key) ?? (namespace === undefined ? request.config.get(key) : undefined);
        for (const name of Object.keys(environmentNames) as CredentialName[]) {
            const value = environment[environmentNames[name]] || configured(name);
            if (value) {
                this.#values[name] = value;
            }
        }
        this.#kubeconfig = configured("kubeconfig") || undefined;
        this.#acceptsUnauthenticated = configured("acceptUnauthenticated") === "true";
    }

    /** Those in another namespace of the same stack's configuration. */
    in(namespace: string | undefined): Credentials {
        return namespace === undefined ? this : new Credentials(this.#request, this.#environment, namespace);
    }

    /** The cluster that is meant, with its kubeconfig where that is in the configuration. Throws where it is not there. */
    cluster(site: string, reference: ClusterReference): ClusterReference {
        if (reference.fromConfig !== true) {
            return reference;
        }
        if (this.#kubeconfig === undefined) {
            const key = `${this.#prefix}kubeconfig`;
            throw new Error(
                `${site}: ${key} is not set: run "pulumi config set --secret ${key}" in the stack of ${site}, with the ` +
                    "contents of a kubeconfig on standard input",
            );
        }
        return { ...reference, contents: this.#kubeconfig };
    }

    /** What is missing for calls of ONTAP, a sentence each. A Secret may hold it where nothing of it is said here. */
    missingForOntap(site: string, hasSecret = false): string[] {
        if (hasSecret && this.saysNoAccount) {
            return [];
        }
        return this.namesForOntap()
            .filter((name) => this.#values[name] === undefined)
            .map((name) => this.missing(site, name));
    }

    /**
     * What proves the account at the site's ONTAP: a client certificate where one is set, else user name and password.
     * Where none of these is set, the Secret that may hold it is looked into when the array is first called.
     * Throws one sentence that names what is missing.
     */
    ontap(site: string): OntapCredentials;
    ontap(site: string, inSecret: AccountLookup | undefined): OntapCredentials | AccountLookup;
    ontap(site: string, inSecret?: AccountLookup): OntapCredentials | AccountLookup {
        if (inSecret !== undefined && this.saysNoAccount) {
            return inSecret;
        }
        const absent = this.missingForOntap(site);
        if (absent.length > 0) {
            throw new Error(absent.join("; "));
        }
        const value = (name: CredentialName) => this.#values[name] ?? "";
        return this.isByCertificate
            ? { clientCertificate: value("ontapClientCertificate"), clientKey: value("ontapClientKey") }
            : { username: value("ontapUsername"), password: value("ontapPassword") };
    }

    private get saysNoAccount(): boolean {
        const names = ["ontapUsername", "ontapPassword", "ontapClientCertificate", "ontapClientKey"] as const;
        return names.every((name) => this.#values[name] === undefined);
    }

    private get isByCertificate(): boolean {
        const { ontapClientCertificate, ontapClientKey } = this.#values;
        return ontapClientCertificate !== undefined || ontapClientKey !== undefined;
    }

    private namesForOntap(): CredentialName[] {
        return this.isByCertificate ? ["ontapClientCertificate", "ontapClientKey"] : ["ontapUsername", "ontapPassword"];
    }

    /** The passphrase that both sites share, or a sentence that says what is wrong with it. */
    peeringPassphrase(site: string): Result<string> {
        const passphrase = this.#values.peeringPassphrase;
        if (passphrase === undefined) {
            return failed(`${this.missing(site, "peeringPassphrase")}, with the same value at both sites`);
        }
        if (passphrase.length < shortestPassphrase) {
            return failed(
                `${site}: ${this.#prefix}peeringPassphrase: expected at least ${shortestPassphrase} characters, found ` +
                    `${passphrase.length}`,
            );
        }
        return ok(passphrase);
    }

    /**
     * What records and claims are authenticated with: the pair's key, and the one before it. A pair may have none.
     * Throws one sentence about a key that is too short, or a previous one without a present one.
     */
    seal(site: string): Seal {
        const { pairKey, previousPairKey } = this.#values;
        for (const name of ["pairKey", "previousPairKey"] as const) {
            const { length = shortestPairKey } = this.#values[name] ?? {};
            if (length < shortestPairKey) {
                throw new Error(
                    `${site}: ${this.#prefix}${name}: expected at least ${shortestPairKey} characters, found ${length}`,
                );
            }
        }
        if (pairKey === undefined) {
            if (previousPairKey !== undefined) {
                throw new Error(
                    `${this.missing(site, "pairKey")}; ${this.#prefix}previousPairKey is only the one before it`,
                );
            }
            return new Seal();
        }
        const previous = previousPairKey === undefined ? {} : { previous: previousPairKey };
        return new Seal({ current: pairKey, ...previous }, this.#acceptsUnauthenticated);
    }

    private missing(site: string, name: CredentialName): string {
        const key = this.#prefix + name;
        return (
            `${site}: ${key} is not set: run "pulumi config set --secret ${key}" in the stack of ${site}, or set ` +
            environmentNames[name]
        );
    }
}
