import type { Cluster } from "../clients/kubernetes/cluster";
import { kinds } from "../clients/kubernetes/kinds";
import type { AccountLookup, OntapCredentials } from "../clients/ontap/endpoint";

/** A Secret at the site with the account by which this package signs in at the site's ONTAP. */
export interface AccountSecret {
    namespace: string;
    name: string;
}

/** What is needed of the cluster that has the Secret. */
export type SecretCluster = Pick<Cluster, "get" | "getAnew" | "site">;

type Read = Cluster["get"];

const read = new WeakMap<SecretCluster, Map<string, Promise<OntapCredentials>>>();

/** How the account is found at a site that has a Secret with it. */
export function accountLookup(secret: AccountSecret | undefined, cluster: SecretCluster): AccountLookup | undefined {
    return secret && accountIn(secret, cluster);
}

/**
 * Looks the account up when it is needed, once for each cluster that is given: in the keys of a Secret of the type
 * `kubernetes.io/basic-auth`, or in those of `kubernetes.io/tls`. What the array refuses is looked up again, once for
 * all whom it refuses.
 */
function accountIn(secret: AccountSecret, cluster: SecretCluster): AccountLookup {
    const known = read.get(cluster) ?? new Map<string, Promise<OntapCredentials>>();
    read.set(cluster, known);
    const key = `${secret.namespace}/${secret.name}`;
    const look = (get: Read) => {
        const found = lookUp(secret, cluster.site, get);
        known.set(key, found);
        // The next call looks again: somebody may have made it meanwhile.
        found.catch(() => known.delete(key));
        return found;
    };
    const now: Read = (kind, name) => cluster.getAnew(kind, name);
    return async (refused) => {
        const found = known.get(key) ?? look(refused === undefined ? (kind, name) => cluster.get(kind, name) : now);
        const isRefused = (await found) === refused;
        const latest = known.get(key);
        // Somebody else who was refused may be looking already.
        return isRefused && (latest === undefined || latest === found) ? look(now) : (latest ?? found);
    };
}

async function lookUp(secret: AccountSecret, site: string, get: Read): Promise<OntapCredentials> {
    const found = await get(kinds.secret, secret);
    const told = `${site}: Secret ${secret.namespace}/${secret.name}`;
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
