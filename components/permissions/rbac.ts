import { dumpYaml, loadYaml } from "@kubernetes/client-node";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { nameAtSite } from "../../provider/roles/sharedCluster";
import { type DeclaredAccess, declaredAccessIn } from "./declaredAccess";
import { permissionManifests, type Subject } from "./manifests";

const usage = `usage: trident-dr-rbac --config Pulumi.east.yaml (--user NAME | --group NAME | --service-account NAMESPACE/NAME) [--name ROLE] [--list-all]

Prints the roles that "pulumi up" of that stack needs at the site's cluster, and binds them. Apply them as an
administrator of that cluster, again after each change of the sites, applications or volumes:

  npx trident-dr-rbac --config Pulumi.east.yaml --service-account ci/pulumi | kubectl --context east apply -f -

--list-all also lets it list in all namespaces what it otherwise lists in those of the applications, such as pods and
claims: with more than three applications, a run then reads each kind once.`;

/** What is wrong with what the user typed or wrote. */
export class UsageError extends Error {
    constructor(problem: string) {
        super(`${problem}\n\n${usage}`);
    }
}

/**
 * The roles of a stack as YAML.
 *
 * @param args what the user typed behind the command's name
 */
export function rbac(args: readonly string[]): string {
    const values = optionsIn(args);
    if (values.config === undefined) {
        throw new UsageError("--config: expected the path of a stack's configuration, found nothing");
    }
    const declared = declaredAccessIn(configurationIn(values.config));
    if (!declared.ok) {
        throw new UsageError(`${values.config} is not valid:\n${declared.failure.map((one) => `  ${one}`).join("\n")}`);
    }
    const access = { ...declared.value, listsAll: values["list-all"] };
    const { name = rolesOf(declared.value) } = values;
    const manifests = permissionManifests(access, subjectOf(values), name);
    return manifests.map((manifest) => dumpYaml(manifest, { noRefs: true })).join("---\n");
}

/** At a cluster that both sites share, each site's account has roles of its own. */
function rolesOf({ sharedCluster }: DeclaredAccess): string {
    return sharedCluster === undefined ? defaultRoles : nameAtSite(defaultRoles, sharedCluster);
}

const defaultRoles = "pulumi-trident-dr";

function optionsIn(args: readonly string[]) {
    try {
        return parseArgs({
            args: [...args],
            options: {
                config: { type: "string" },
                user: { type: "string" },
                group: { type: "string" },
                "service-account": { type: "string" },
                name: { type: "string" },
                "list-all": { type: "boolean", default: false },
            },
        }).values;
    } catch (error) {
        throw new UsageError((error as Error).message);
    }
}

/** The configuration of the program in a stack's file: the keys of the namespace that has `sites`. */
function configurationIn(file: string): Record<string, unknown> {
    const { config } = (yamlIn(file) ?? {}) as { config?: Record<string, unknown> };
    const namespace = Object.keys(config ?? {})
        .find((key) => key.endsWith(":sites"))
        ?.slice(0, -"sites".length);
    if (namespace === undefined) {
        throw new UsageError(`${file}: expected a key <project>:sites in config, found none`);
    }
    return Object.fromEntries(
        Object.entries(config ?? {})
            .filter(([key]) => key.startsWith(namespace))
            .map(([key, value]) => [key.slice(namespace.length), value]),
    );
}

function yamlIn(file: string): unknown {
    try {
        return loadYaml<unknown>(readFileSync(file, "utf8"));
    } catch (error) {
        // The parser's message repeats what it is about, in a file with secrets beside the rest.
        const { code } = error as NodeJS.ErrnoException;
        throw new UsageError(`--config: ${file} cannot be read (${code ?? "it is not YAML"})`);
    }
}

function subjectOf(values: { user?: string; group?: string; "service-account"?: string }): Subject {
    const { user, group, "service-account": account } = values;
    if ([user, group, account].filter((one) => one !== undefined && one !== "").length !== 1) {
        throw new UsageError("expected one of --user, --group and --service-account");
    }
    if (account === undefined) {
        return user === undefined ? { kind: "Group", name: group! } : { kind: "User", name: user };
    }
    const [namespace = "", name = "", ...rest] = account.split("/");
    if (namespace === "" || name === "" || rest.length > 0) {
        throw new UsageError(`--service-account: expected NAMESPACE/NAME, found ${account}`);
    }
    return { kind: "ServiceAccount", name, namespace };
}
