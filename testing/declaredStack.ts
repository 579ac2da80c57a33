import * as pulumi from "@pulumi/pulumi";

/** A resource as a program declared it. */
export interface DeclaredResource {
    /** The type token, such as `trident-dr:index:SitePair`. */
    type: string;
    name: string;
    /** The inputs, secrets in plain text. */
    inputs: Record<string, unknown>;
    /** Names of the inputs, at the first level, that hold a secret. */
    secrets: string[];
    /** Name of the parent; undefined directly below the stack. */
    parent: string | undefined;
    /** Name of the provider, where the program chose one. */
    provider: string | undefined;
    protect: boolean;
    retainOnDelete: boolean;
    /** Names of the resources it depends on explicitly. */
    dependsOn: string[];
}

/** What surrounds a program at one site. Nothing in it is required. */
export interface Surroundings {
    /** Name of the stack. */
    stack: string;
    /** @default trident-dr */
    project?: string;
    /** What the peer's stack outputs, or why it cannot be read. @default {}: it was never deployed */
    peerOutputs?: Record<string, unknown> | Error;
    /** Whether this is `pulumi preview`. @default false */
    preview?: boolean;
    /** The stack's configuration: keys with their namespace, structures as JSON. @default {} */
    config?: Record<string, string>;
    /** Keys in `config` that hold secrets. @default none */
    secretKeys?: string[];
    /** What a resource outputs, in addition to its inputs. @default nothing */
    outputs?: (
        type: string,
        name: string,
        inputs: Record<string, unknown>,
    ) => Record<string, unknown> | Promise<Record<string, unknown>>;
}

/** A stack whose program has run to its end. */
export interface DeclaredStack<Answer> {
    resources: DeclaredResource[];
    /** What the program returned. */
    answer: Answer;
    /** Full names of the stacks it read. */
    stacksRead: string[];
}

/** Runs a program in a stack on Pulumi's mocks: nothing leaves this process. One at a time. */
export async function runProgram<Answer>(
    program: () => Answer | Promise<Answer>,
    { stack, project = "trident-dr", preview = false, config = {}, secretKeys = [], ...mocked }: Surroundings,
): Promise<DeclaredStack<Answer>> {
    const inputs = new Map<string, Record<string, unknown>>();
    const stacksRead: string[] = [];
    await pulumi.runtime.setMocks(mocksOf(mocked, inputs, stacksRead), project, stack, preview, "organization");
    pulumi.runtime.setAllConfig(config, secretKeys);
    const declared: Omit<DeclaredResource, "inputs" | "secrets">[] = [];
    const answers: Answer[] = [];
    await pulumi.runtime.runInPulumiStack(async () => {
        pulumi.runtime.registerStackTransformation((args) => {
            declared.push(withoutInputs(args));
            return undefined;
        });
        answers.push(await program());
    });
    await pulumi.runtime.disconnect();
    const resources = declared.map((each) => withInputs(each, inputs.get(keyOf(each)) ?? {}));
    return { resources, answer: answers[0]!, stacksRead };
}

function mocksOf(
    { peerOutputs = {}, outputs }: Pick<Surroundings, "peerOutputs" | "outputs">,
    inputs: Map<string, Record<string, unknown>>,
    stacksRead: string[],
): pulumi.runtime.Mocks {
    return {
        newResource: async ({
            type,
            name,
            inputs: given,
        }: {
            type: string;
            name: string;
            inputs: Record<string, unknown>;
        }) => {
            inputs.set(keyOf({ type, name }), given);
            return { id: `${name}-id`, state: { ...given, ...(await outputs?.(type, name, given)) } };
        },
        call: ({ token, inputs: { name } }: { token: string; inputs: { name?: unknown } }) => {
            if (token !== "pulumi:pulumi:readStackOutputs") {
                throw new Error(`Unexpected call of ${token}`);
            }
            stacksRead.push(String(name));
            if (peerOutputs instanceof Error) {
                // gRPC hands on an engine's error in this form.
                throw Object.assign(peerOutputs, { details: peerOutputs.message });
            }
            return { name, outputs: peerOutputs, secretOutputNames: [] };
        },
    };
}

function keyOf({ type, name }: { type: string; name: string }): string {
    return `${type} ${name}`;
}

function withoutInputs({
    type,
    name,
    opts,
}: pulumi.ResourceTransformationArgs): Omit<DeclaredResource, "inputs" | "secrets"> {
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
        dependsOn: dependencies.flatMap((each) => nameOf(each) ?? []),
    };
}

/** Adds the inputs as the engine got them, without the text of a dynamic provider. */
function withInputs(
    resource: Omit<DeclaredResource, "inputs" | "secrets">,
    { __provider: _, ...inputs }: Record<string, unknown>,
): DeclaredResource {
    return {
        ...resource,
        inputs: Object.fromEntries(
            Object.entries(inputs).map(([key, value]) => [key, pulumi.runtime.unwrapRpcSecret(value)]),
        ),
        secrets: Object.keys(inputs).filter((key) => pulumi.runtime.isRpcSecret(inputs[key])),
    };
}

/** Pulumi keeps the name that a program gave a resource under this key, and offers no other way to it. */
function nameOf(resource: unknown): string | undefined {
    return resource === pulumi.runtime.getStackResource()
        ? undefined
        : (resource as { __name?: string } | undefined)?.__name;
}
