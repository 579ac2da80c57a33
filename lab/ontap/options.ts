/** What a simulator needs to be told; everything but the folder has a default, so that a test can start one in a line. */
export interface SimulatorOptions {
    /** Folder that holds the cluster's records and its volumes' bytes; a second start on it is a restart. */
    folder: string;
    /** Default `cluster`. */
    clusterName?: string;
    /** Default `svm`. */
    svm?: string;
    /** Default `aggr1`. */
    aggregate?: string;
    /**
     * Who may come with a password; only the account `admin` may set faults. Default: `admin`/`admin`,
     * `trident`/`trident`, `product`/`product`.
     */
    users?: Record<string, { username: string; password: string }>;
    /** Who may come with a certificate in place of a password. Default: nobody. */
    clientCertificates?: ClientCertificates;
    /** Where the REST interface listens. Default 127.0.0.1 and a free port. */
    management?: { host: string; port: number };
    /** Where the data path listens. Default 127.0.0.1 and a free port. */
    data?: { host: string; port: number };
    /**
     * Address of 127.0.0.0/8 for the intercluster interface, whose port is 11104. Default: a free one at the first start,
     * and the same from then on, since peers know the cluster by it.
     */
    interclusterAddress?: string;
    /**
     * PEM texts of the management interface. Default: a self-signed certificate for 127.0.0.1 and localhost, made at the
     * first start and kept in the folder.
     */
    tls?: { cert: string; key: string };
    /** Intervals and latencies of the real world are divided by this. Default 60. */
    speed?: number;
    /** Milliseconds after which a call to a peer is given up. Default: 30 seconds divided by `speed`, and at least 4000. */
    peerTimeout?: number;
    /** File that gets one JSON line for each request. Default: none. */
    requestLog?: string;
    /** File that gets one JSON line for each answer, with its body. Default: none. */
    answerLog?: string;
}

/** Accounts with the application `http` and the authentication method `cert`. */
export interface ClientCertificates {
    /** PEM of the certificate authority that signs the accounts' certificates (`security certificate install -type client-ca`). */
    ca: string;
    /** Names of the accounts: the common names of their certificates. */
    accounts: string[];
}

/** Bytes that a transfer moves in a real-world second. */
export const defaultBandwidth = 200 * 2 ** 20;
/** Size of a block: what an incremental transfer counts in. */
export const blockSize = 4096;
/** Port of the intercluster interface. */
export const interclusterPort = 11104;
