import type { Cluster } from "../clients/kubernetes/cluster";
import { kinds } from "../clients/kubernetes/kinds";
import type { AccountLookup, OntapCredentials } from "../clients/ontap/endpoint";

/** A Secret at the site with the account by which this package signs in at the site's ONTAP. */
export interface AccountSecret {
    namespace: string;
    name: string;
}

type SecretCluster = Pick<Cluster, "get" | "site">;

const read = new WeakMap<SecretCluster, Map<string, Promise<OntapCredentials>>>();

/** How the account is found at a site that has a Secret with it. */
export function accountLookup(secret: AccountSecret | undefined, cluster: SecretCluster): AccountLookup | undefined {
    return secret && accountIn(secret, cluster);
}

/**
 * Looks the account up when it is needed, once for each cluster that is given: in the keys of a Secret of the type
 * `kubernetes.io/basic-auth`, or in those of `kubernetes.io/tls`.
 */
function accountIn(secret: AccountSecret, cluster: SecretCluster): AccountLookup {
    return () => {
        const known = read.get(cluster) ?? new Map<string, Promise<OntapCredentials>>();
        read.set(cluster, known);
        const key = `${secret.namespace}/${secret.name}`;
        const found = known.get(key) ?? lookUp(secret, cluster);
        known.set(key, found);
        // The next call looks again: somebody may have made it meanwhile.
        found.catch(() => known.delete(key));
        return found;
    };
}

async function lookUp(secret: AccountSecret, cluster: SecretCluster): Promise<OntapCredentials> {
    const found = await cluster.get(kinds.secret, secret);
    const told = `${cluster.site}: Secret ${secret.namespace}/${secret.name}`;
    if (found === undefined) {
        throw new Error(`${told}, with the account of this program at ONTAP, does not exist`);
    }
    const value = (key: string) => Buffer.from(found.data?.[key] ?? "", "base64").toString("utf8");
    const [username, password] = [value("username"), value("password")];
    const [clientCertificate, clientKey] = [value("tls.crt"), value("tls.key")];
    if (clientCertificate !== "" && clientKey !== "") {
        return { clientCertificate, clientKey };
    }
    if (username !== "" && password !== "") {
        return { username, password };
    }
    const keys = Object.keys(found.data ?? {});
    throw new Error(
        `${told}: expected the keys username and password, or tls.crt and tls.key, none of them empty; found ` +
            (keys.length === 0 ? "no keys" : `the keys ${keys.join(", ")}`),
    );
}
