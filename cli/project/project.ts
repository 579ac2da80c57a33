/** The user's own Pulumi project, as far as a command reads it. A test puts another one in its place. */
export interface Project {
    readonly name: string;
    /** Of its Pulumi.yaml. */
    readonly folder: string;
    /** Names of its stacks. */
    stacks(): Promise<string[]>;
    /** What a stack is configured with, by `<namespace>:<key>`. It decrypts nothing. */
    configuration(stack: string): Promise<Record<string, ConfigurationValue>>;
    /** What a stack is configured with, its secrets included. */
    decrypted(stack: string): Promise<Record<string, string>>;
    /** The outputs of its last `pulumi up`, its secrets left out. Empty for a stack that was never deployed. */
    outputs(stack: string): Promise<Record<string, unknown>>;
}

/** One value of a stack's configuration. */
export interface ConfigurationValue {
    /** As a program is given it: a structure is JSON. Absent where the value, or something in it, is secret. */
    value?: string | undefined;
    secret: boolean;
}
