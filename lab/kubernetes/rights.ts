import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { Cluster, type KubeObject } from "../controllers";
import { productUser } from "./controlPlane";

const checkout = path.join(__dirname, "..", "..");
const rbac = "rbac.authorization.k8s.io/v1";
const fieldManager = "trident-dr-lab-administrator";

/**
 * Gives the product's user at a cluster the rights that `trident-dr-rbac` prints for a stack, and no others: those of an
 * earlier configuration that are not printed any more are taken away.
 *
 * @param stackFile the stack's configuration, such as `Pulumi.east.yaml`
 * @param name of the roles: stacks of several projects that share a cluster have roles of their own
 */
export async function grantRights(
    adminKubeconfig: string,
    stackFile: string,
    name: string = productUser,
): Promise<KubeObject[]> {
    const cluster = await Cluster.connect(adminKubeconfig);
    const objects = await generatedRights(stackFile, name);
    // One after the other, as kubectl applies them: a Role needs its namespace, a binding its role.
    for (const object of objects) {
        await cluster.serverSideApply(object, { fieldManager });
    }
    await takeAway(cluster, name, objects);
    return objects;
}

async function takeAway(cluster: Cluster, name: string, kept: readonly KubeObject[]): Promise<void> {
    for (const kind of ["RoleBinding", "Role"].map((one) => ({ apiVersion: rbac, kind: one }))) {
        const namespaces = kept.filter((one) => one.kind === kind.kind).map(({ metadata }) => metadata.namespace);
        const earlier = (await cluster.list(kind)).filter(
            ({ metadata }) => metadata.name === name && !namespaces.includes(metadata.namespace),
        );
        await Promise.all(earlier.map(({ metadata }) => cluster.delete(kind, metadata)));
    }
}

/** Whether an administrator lets a stack list in all namespaces: one who has many applications does. */
export function listsAll(applications: readonly unknown[]): boolean {
    return applications.length > 3;
}

/** What the command prints, run as a user runs it: the lab knows the product by its commands alone. */
async function generatedRights(stackFile: string, name: string): Promise<KubeObject[]> {
    const command = path.join("components", "permissions", "command.ts");
    const subject = ["--user", productUser, "--name", name];
    const more = listsAll(await applicationsIn(stackFile)) ? ["--list-all"] : [];
    const args = ["--import", "tsx", command, "--config", stackFile, ...subject, ...more];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: checkout });
    return parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject);
}

async function applicationsIn(stackFile: string): Promise<readonly unknown[]> {
    const { config } = parse(await readFile(stackFile, "utf8")) as { config: Record<string, unknown> };
    const [, found] = Object.entries(config).find(([key]) => key.endsWith(":applications")) ?? [];
    return Array.isArray(found) ? found : [];
}
