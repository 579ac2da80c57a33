import type { OntapCredentials } from "../clients/ontap/endpoint";
import { failed, ok, type Result } from "../support/result";
import { Seal, shortestPairKey } from "../support/seal";

/** What is needed of Pulumi's `ConfigureRequest`: the stack's configuration, secrets in plain text. */
export interface ConfigurationRequest {
    config: { get(key: string): string | undefined };
}

const shortestPassphrase = 8;

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
 * The credentials of one stack, from its secret configuration `trident-dr:<name>`. An environment variable takes
 * precedence: a refresh or a destroy gets the configuration of the last `up`, whose password may be outdated.
 *
 * None of them can be printed: the values are private to the language, and no error carries one.
 */
export class Credentials {
    readonly #values: Partial<Record<CredentialName, string>> = {};
    readonly #acceptsUnauthenticated: boolean;

    constructor(request: ConfigurationRequest, environment: NodeJS.ProcessEnv = process.env) {
        for (const name of Object.keys(environmentNames) as CredentialName[]) {
            const value = environment[environmentNames[name]] || request.config.get(`trident-dr:${name}`);
            if (value) {
                this.#values[name] = value;
            }
        }
        this.#acceptsUnauthenticated = request.config.get("trident-dr:acceptUnauthenticated") === "true";
    }

    /** What is missing for calls of ONTAP, a sentence each. */
    missingForOntap(site: string): string[] {
        return this.namesForOntap()
            .filter((name) => this.#values[name] === undefined)
            .map((name) => missing(site, name));
    }

    /**
     * What proves the account at the site's ONTAP: a client certificate where one is set, else user name and password.
     * Throws one sentence that names what is missing.
     */
    ontap(site: string): OntapCredentials {
        const absent = this.missingForOntap(site);
        if (absent.length > 0) {
            throw new Error(absent.join("; "));
        }
        const value = (name: CredentialName) => this.#values[name] ?? "";
        return this.isByCertificate
            ? { clientCertificate: value("ontapClientCertificate"), clientKey: value("ontapClientKey") }
            : { username: value("ontapUsername"), password: value("ontapPassword") };
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
            return failed(`${missing(site, "peeringPassphrase")}, with the same value at both sites`);
        }
        if (passphrase.length < shortestPassphrase) {
            return failed(
                `${site}: trident-dr:peeringPassphrase: expected at least ${shortestPassphrase} characters, found ` +
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
                    `${site}: trident-dr:${name}: expected at least ${shortestPairKey} characters, found ${length}`,
                );
            }
        }
        if (pairKey === undefined) {
            if (previousPairKey !== undefined) {
                throw new Error(`${missing(site, "pairKey")}; trident-dr:previousPairKey is only the one before it`);
            }
            return new Seal();
        }
        const previous = previousPairKey === undefined ? {} : { previous: previousPairKey };
        return new Seal({ current: pairKey, ...previous }, this.#acceptsUnauthenticated);
    }
}

function missing(site: string, name: CredentialName): string {
    return (
        `${site}: trident-dr:${name} is not set: run "pulumi config set --secret trident-dr:${name}" in the stack of ` +
        `${site}, or set ${environmentNames[name]}`
    );
}
