/** The user's own Pulumi project, as far as a command reads it. A test puts another one in its place. */
export interface Project {
    readonly name: string;
    /** Of its Pulumi.yaml. */
    readonly folder: string;
    /** Names of its stacks. */
    stacks(): Promise<string[]>;
    /** Whether somebody's run is under way there. A state backend that is only a folder or a bucket does not tell. */
    isRunning(stack: string): Promise<boolean>;
    /** What a stack is configured with, by `<namespace>:<key>`. It decrypts nothing. */
    configuration(stack: string): Promise<Record<string, ConfigurationValue>>;
    /** What a stack is configured with, its secrets included. */
    decrypted(stack: string): Promise<Record<string, string>>;
    /** The outputs of its last `pulumi up`, its secrets left out. Empty for a stack that was never deployed. */
    outputs(stack: string): Promise<Record<string, unknown>>;
    /** Sets values of a stack's configuration, all of them or none; a key may be a path. */
    configure(stack: string, values: readonly KeyValue[]): Promise<void>;
    /** Previews a stack as if its configuration had these values as well; nothing is changed. */
    preview(stack: string, values: readonly KeyValue[]): Promise<RunOfCli>;
    /**
     * `pulumi up` without a preview.
     *
     * @param onOutputs told the outputs of each resource once it is done, and at the end those of the stack, while the run
     *     still goes on
     */
    up(
        stack: string,
        onLine: (line: string) => void,
        onOutputs?: (outputs: Readonly<Record<string, unknown>>) => void,
    ): Promise<RunOfCli>;
}

/** A value with its whole key, such as `dr:applications[0].active`. */
export interface KeyValue {
    readonly key: string;
    readonly value: string | number | boolean;
}

/** What became of a preview or an update. */
export interface RunOfCli {
    readonly ok: boolean;
    /** What resources said, each line once, in order. */
    readonly lines: readonly string[];
    /** Whether a resource was, or would be, changed. */
    readonly changes: boolean;
    /** Why it failed, or "". */
    readonly why: string;
}

/** One value of a stack's configuration. */
export interface ConfigurationValue {
    /** As a program is given it: a structure is JSON. Absent where the value, or something in it, is secret. */
    value?: string | undefined;
    secret: boolean;
}
