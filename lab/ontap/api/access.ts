import { exportPolicyNamed, refer } from "../cluster";
import { missingEntry, missingValue, OntapFailure } from "../errors";
import { integer, oneOf, reference, shown, text } from "../http/fields";
import { Resource } from "../http/resource";
import { CifsShare, ExportPolicy, ExportRule, Qtree, Svm } from "../state";
import { Context, Reference, resolve, startJob } from "./context";

const flavours = ["any", "none", "never", "krb5", "krb5i", "krb5p", "ntlm", "sys"];

/** The SVM that a body names. */
export function svmOf({ cluster }: Context, reference: Reference | undefined): Svm {
    const svm = resolve(cluster.state.svms, reference);
    if (svm === undefined) {
        throw reference === undefined
            ? missingValue("svm.name")
            : new OntapFailure(400, "2621462", "The specified SVM does not exist.", "svm.name");
    }
    return svm;
}

interface PolicyBody {
    name?: string;
    svm?: Reference;
    rules?: Partial<ExportRule>[] | null;
}

/** Export policies with their rules, which are there as a whole only: the rules' own endpoint is not offered. */
export function exportPolicies(context: Context): Resource {
    const { cluster } = context;
    const view = ({ id, name, svm, rules }: ExportPolicy) => ({ id, name, svm: refer(cluster.svm(svm)), rules });
    const find = (found: Record<string, unknown>) =>
        cluster.state.exportPolicies.find(({ id }) => id === found["id"]) as ExportPolicy;
    return {
        path: "/protocols/nfs/export-policies",
        keys: ["id"],
        lists: ["rules", "rules.clients", "rules.protocols", "rules.ro_rule", "rules.rw_rule", "rules.superuser"],
        fields: {
            id: integer({ ...shown, always: true }),
            name: text({ always: true, required: true, longest: 256 }),
            ...reference("svm", { createOnly: true }),
            "rules.index": integer(),
            "rules.clients.match": text(),
            "rules.protocols": oneOf(["any", "nfs", "nfs3", "nfs4", "cifs", "flexcache"]),
            "rules.ro_rule": oneOf(flavours),
            "rules.rw_rule": oneOf(flavours),
            "rules.superuser": oneOf(flavours),
        },
        list: () => cluster.state.exportPolicies.map(view),
        create: ({ body }) => {
            const { name = "", svm: named, rules } = body as PolicyBody;
            const svm = svmOf(context, named);
            checkName(name);
            if (exportPolicyNamed(cluster.state, svm.uuid, name) !== undefined) {
                throw new OntapFailure(409, "1", "duplicate entry", "name");
            }
            const id = 1 + Math.max(0, ...cluster.state.exportPolicies.map((one) => one.id));
            const policy = { id, name, svm: svm.uuid, rules: rulesOf(rules) };
            cluster.state.exportPolicies.push(policy);
            return { key: [String(id)], record: () => view(policy) };
        },
        modify: ({ body }, found) => {
            const policy = find(found);
            const { name, rules } = body as PolicyBody;
            if (name !== undefined) {
                checkName(name);
                cluster.state.volumes
                    .filter((volume) => volume.svm === policy.svm && volume.exportPolicy === policy.name)
                    .forEach((volume) => (volume.exportPolicy = name));
                policy.name = name;
            }
            if (rules !== undefined) {
                policy.rules = rulesOf(rules);
            }
            return {};
        },
        remove: (_call, found) => {
            const policy = find(found);
            if (policy.name === "default") {
                throw new OntapFailure(
                    409,
                    "1703947",
                    "Cannot delete default ruleset. This ruleset will be deleted when the owning Vserver is deleted",
                );
            }
            if (cluster.state.volumes.some((one) => one.svm === policy.svm && one.exportPolicy === policy.name)) {
                throw new OntapFailure(
                    409,
                    "1703945",
                    "Ruleset is in use by a volume. It cannot be deleted until all volumes that refer to it are first deleted",
                );
            }
            const { exportPolicies: all } = cluster.state;
            all.splice(all.indexOf(policy), 1);
            return {};
        },
    };
}

function checkName(name: string): void {
    if (/\s/.test(name)) {
        throw new OntapFailure(
            400,
            "1703952",
            "Invalid ruleset name provided. No spaces are allowed in a ruleset name",
            "name",
        );
    }
}

function rulesOf(rules: Partial<ExportRule>[] | null | undefined): ExportRule[] {
    return (rules ?? []).map((rule, index) => ({
        index: index + 1,
        clients: rule.clients ?? [{ match: "0.0.0.0/0" }],
        protocols: rule.protocols ?? ["any"],
        ro_rule: rule.ro_rule ?? ["any"],
        rw_rule: rule.rw_rule ?? ["any"],
        superuser: rule.superuser ?? ["none"],
    }));
}

/** Nobody reads or writes through these shares: they only say that somebody could. */
export function cifsShares(context: Context): Resource {
    const { cluster } = context;
    const volumeAt = (svm: string, path: string) =>
        cluster.state.volumes.find((one) => one.svm === svm && one.junctionPath === path);
    const view = ({ name, svm, path, comment }: CifsShare) => {
        const volume = volumeAt(svm, path);
        return { name, svm: refer(cluster.svm(svm)), path, comment, volume: volume && refer(volume) };
    };
    return {
        path: "/protocols/cifs/shares",
        keys: ["svm.uuid", "name"],
        fields: {
            name: text({ always: true, required: true, createOnly: true, longest: 80 }),
            ...reference("svm", { always: true, createOnly: true }),
            path: text({ required: true, longest: 256 }),
            comment: text({ longest: 256 }),
            ...reference("volume", shown),
        },
        list: () => cluster.state.shares.map(view),
        create: ({ body }) => {
            const { name, svm: named, ...more } = body as { name: string; svm?: Reference; path: string };
            const svm = svmOf(context, named);
            if (cluster.state.shares.some((one) => one.svm === svm.uuid && one.name === name)) {
                throw new OntapFailure(409, "1", "duplicate entry", "name");
            }
            const share = { ...more, name, svm: svm.uuid };
            cluster.state.shares.push(share);
            return { key: [svm.uuid, name], record: () => view(share) };
        },
        remove: (_call, found) => {
            const { svm, name } = found as { svm: Reference; name: string };
            const { shares } = cluster.state;
            shares.splice(
                shares.findIndex((one) => one.svm === svm.uuid && one.name === name),
                1,
            );
            return {};
        },
    };
}

/** Each volume has qtree 0, which is the volume itself. The data path knows no qtrees. */
export function qtrees(context: Context): Resource {
    const { cluster } = context;
    const view = ({ id, name, volume: uuid, exportPolicy }: Qtree) => {
        const volume = cluster.volume(uuid);
        const policy = exportPolicy ?? volume.exportPolicy;
        return {
            id,
            name,
            volume: refer(volume),
            svm: refer(cluster.svm(volume.svm)),
            path: volume.junctionPath === undefined ? undefined : `${volume.junctionPath}/${name}`,
            export_policy: { name: policy, id: exportPolicyNamed(cluster.state, volume.svm, policy)?.id },
        };
    };
    const zero = (volume: { uuid: string }): Qtree => ({ id: 0, name: "", volume: volume.uuid });
    return {
        path: "/storage/qtrees",
        keys: ["volume.uuid", "id"],
        fields: {
            id: integer({ ...shown, always: true }),
            name: text({ always: true, required: true, longest: 64 }),
            ...reference("svm", { always: true, createOnly: true }),
            ...reference("volume", { always: true, createOnly: true }),
            path: text(shown),
            "export_policy.name": text(),
            "export_policy.id": integer(),
        },
        list: () => [...cluster.state.volumes.map(zero), ...cluster.state.qtrees].map(view),
        create: (call) => {
            const body = call.body as { name: string; svm?: Reference; volume?: Reference; export_policy?: Reference };
            const svm = svmOf(context, body.svm);
            if (body.volume === undefined) {
                throw missingValue("volume.name");
            }
            const own = cluster.state.volumes.filter((one) => one.svm === svm.uuid);
            const volume = resolve(own, body.volume);
            if (volume === undefined) {
                throw missingEntry("volume.name");
            }
            const { qtrees: all } = cluster.state;
            const id = 1 + all.filter((one) => one.volume === volume.uuid).length;
            const qtree = { id, name: body.name, volume: volume.uuid, exportPolicy: body.export_policy?.name };
            const job = startJob(context, call, 0.5, () => void all.push(qtree));
            return { key: [volume.uuid, String(id)], record: () => view(qtree), job };
        },
        remove: (call, found) => {
            const { volume, id } = found as { volume: Reference; id: number };
            const { qtrees: all } = cluster.state;
            const index = all.findIndex((one) => one.volume === volume.uuid && one.id === id);
            if (index < 0) {
                throw new OntapFailure(409, "8", "The default qtree cannot be deleted.");
            }
            return { job: startJob(context, call, 0.5, () => void all.splice(index, 1)) };
        },
    };
}
