import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const account = z.object({ username: z.string(), password: z.string() });

const descriptor = z.object({
    /** Name of the site: `east` or `west`. */
    name: z.string(),
    /** Folder that holds everything this site keeps: data, logs, keys. */
    folder: z.string(),
    /** Folder of the whole lab, outside both sites: the writers' ledger lives there. */
    ledgerFolder: z.string(),
    /** Intervals and latencies of the real world are divided by this; timestamps are not. */
    speed: z.number().positive(),
    /** The same for the times at which Schedules and mirrors of Trident Protect are due. */
    calendarSpeed: z.number().positive(),
    kubernetes: z.object({
        /** https URL of the API server. */
        server: z.string(),
        /** Kubeconfig of the stand-ins and of the lab (system:masters). */
        adminKubeconfig: z.string(),
        /** Kubeconfig of the product's user, whose rights are those that `trident-dr-rbac` prints for its stacks. */
        productKubeconfig: z.string(),
        /** JSON lines, one for each request of the product's user, and for each status of an AppMirrorRelationship. */
        auditLog: z.string(),
        /** Where the Trident Protect stand-in serves its admission webhooks, with a certificate of the lab's CA. */
        webhook: z.object({
            host: z.string(),
            port: z.number().int(),
            certFile: z.string(),
            keyFile: z.string(),
            caFile: z.string(),
        }),
    }),
    ontap: z.object({
        /** https URL of the management interface. */
        url: z.string(),
        /** Self-signed certificate that it presents, its key, and the same certificate as a CA file for clients. */
        certFile: z.string(),
        keyFile: z.string(),
        caFile: z.string(),
        clusterName: z.string(),
        svm: z.string(),
        aggregate: z.string(),
        /** Address of 127.0.0.0/8 whose port 11104 is the intercluster interface. */
        interclusterAddress: z.string(),
        /** http URL of the data path that stands for NFS. */
        dataUrl: z.string(),
        users: z.object({ admin: account, trident: account, product: account }),
        requestLog: z.string(),
        folder: z.string(),
    }),
    s3: z.object({
        /** `host:port`, no scheme, as an AppVault wants it; always TLS with a certificate of the lab's CA. */
        endpoint: z.string(),
        bucket: z.string(),
        accessKey: z.string(),
        secretKey: z.string(),
        caFile: z.string(),
        accessLog: z.string(),
    }),
});

/** What a process of the lab knows of the world: its own site. */
export type SiteDescriptor = z.infer<typeof descriptor>;

/**
 * The site whose SVM has that name: the process's own, or another of the lab, whose array this cluster uses as well.
 *
 * @throws Error where no site of the lab has it
 */
export function siteOfSvm(own: SiteDescriptor, svm: string): SiteDescriptor {
    if (own.ontap.svm === svm) {
        return own;
    }
    const lab = path.dirname(own.folder);
    const found = readdirSync(lab)
        .map((name) => path.join(lab, name, "site.json"))
        .filter((file) => existsSync(file))
        .map((file) => descriptor.parse(JSON.parse(readFileSync(file, "utf8"))))
        .find(({ ontap }) => ontap.svm === svm);
    if (found === undefined) {
        throw new Error(`No site of the lab in ${lab} has the SVM ${svm}`);
    }
    return found;
}

/** Reads and validates the descriptor that `--site <file>` names. */
export function readSiteDescriptor(argv: readonly string[] = process.argv.slice(2)): SiteDescriptor {
    const file = argv[argv.indexOf("--site") + 1];
    if (!argv.includes("--site") || file === undefined) {
        throw new Error("Expected --site <descriptor.json>, found no such argument");
    }
    return descriptor.parse(JSON.parse(readFileSync(file, "utf8")));
}
