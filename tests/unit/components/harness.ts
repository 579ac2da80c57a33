import * as pulumi from "@pulumi/pulumi";

/** A resource as a program declared it. */
export interface Declared {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
    /** Names of the inputs, first level, that hold a secret. */
    secrets: string[];
    /** Name of the parent; undefined right under the stack. */
    parent: string | undefined;
    /** Name of the explicit Kubernetes provider. */
    provider: string | undefined;
    protect: boolean;
    retainOnDelete: boolean;
    dependsOn: string[];
}

export interface Surroundings {
    /** What the peer's stack outputs; an error where it cannot be read. */
    peerOutputs?: Record<string, unknown> | Error;
    preview?: boolean;
    config?: Record<string, string>;
    secretKeys?: string[];
    /** Outputs of a resource, beside its inputs. */
    outputs?: (type: string, name: string) => Record<string, unknown>;
}

/** Runs a program against mocks, and tells what it declared and what it answered. */
export async function declare<T>(
    program: (options: pulumi.ComponentResourceOptions) => T,
    surroundings: Surroundings = {},
): Promise<{ declared: Declared[]; answer: T; find: (name: string) => Declared; peerStacks: string[] }> {
    const inputs = new Map<string, Record<string, unknown>>();
    const declared: Omit<Declared, "inputs" | "secrets">[] = [];
    const peerStacks: string[] = [];
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs: given }) => {
                inputs.set(`${type} ${name}`, given as Record<string, unknown>);
                return { id: `${name}-id`, state: { ...given, ...surroundings.outputs?.(type, name) } };
            },
            call: ({ token, inputs: { name } }) => {
                if (token !== "pulumi:pulumi:readStackOutputs") {
                    throw new Error(`Unexpected call of ${token}`);
                }
                peerStacks.push(name as string);
                if (surroundings.peerOutputs instanceof Error) {
                    // As gRPC hands an engine's errors over.
                    throw Object.assign(surroundings.peerOutputs, { details: surroundings.peerOutputs.message });
                }
                return { name, outputs: surroundings.peerOutputs ?? {}, secretOutputNames: [] };
            },
        },
        "trident-dr",
        "east",
        surroundings.preview ?? false,
        "organization",
    );
    pulumi.runtime.setAllConfig(surroundings.config ?? {}, surroundings.secretKeys ?? []);
    const answer = program({ parent: new Root((args) => declared.push(asDeclared(args))) });
    await pulumi.runtime.disconnect();
    const whole = declared.map((one) => open(one, inputs.get(`${one.type} ${one.name}`) ?? {}));
    const find = (name: string) => {
        const found = whole.filter((one) => one.name === name);
        if (found.length !== 1) {
            throw new Error(
                `Expected one ${name}, found ${found.length} among ${whole.map((one) => one.name).join(", ")}`,
            );
        }
        return found[0]!;
    };
    return { declared: whole, answer, find, peerStacks };
}

export function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}

const rootType = "tests:index:Root";

/** Everything that a program declares hangs below it, and is seen on its way by its transformation. */
class Root extends pulumi.ComponentResource {
    constructor(see: (args: pulumi.ResourceTransformationArgs) => void) {
        super(
            rootType,
            "root",
            {},
            {
                transformations: [
                    (args) => {
                        if (args.type !== rootType) {
                            see(args);
                        }
                        return undefined;
                    },
                ],
            },
        );
    }
}

function asDeclared({ type, name, opts }: pulumi.ResourceTransformationArgs): Omit<Declared, "inputs" | "secrets"> {
    const { parent, dependsOn, protect, retainOnDelete } = opts;
    const { provider } = opts as pulumi.CustomResourceOptions;
    const dependencies = (Array.isArray(dependsOn) ? dependsOn : [dependsOn]) as unknown[];
    return {
        type,
        name,
        parent: nameOf(parent),
        provider: nameOf(provider),
        protect: protect === true,
        retainOnDelete: retainOnDelete === true,
        dependsOn: dependencies.flatMap((one) => nameOf(one) ?? []),
    };
}

/** Without the marks of secrets, and the names of the inputs that had one. */
function open(one: Omit<Declared, "inputs" | "secrets">, inputs: Record<string, unknown>): Declared {
    return {
        ...one,
        inputs: Object.fromEntries(
            Object.entries(inputs).map(([key, value]) => [key, pulumi.runtime.unwrapRpcSecret(value)]),
        ),
        secrets: Object.keys(inputs).filter((key) => pulumi.runtime.isRpcSecret(inputs[key])),
    };
}

/** Pulumi keeps the name that a program gave to a resource under this key, and offers no other way to it. */
function nameOf(resource: unknown): string | undefined {
    const name = (resource as { __name?: string } | undefined)?.__name;
    return name === "root" ? undefined : name;
}
