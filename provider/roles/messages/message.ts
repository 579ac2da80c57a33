import { withoutControls } from "../../support/printable";

/**
 * Plain text for a person, with commands as values in it. A message names a site; the name of that site's stack is
 * filled in once, where the message leaves the provider ({@link render}).
 */
export type Message = string | readonly (string | Command)[];

/** A command for the stack of a site. */
export type Command = PulumiCommand | RightsCommand;

interface PulumiCommand {
    /** What follows `pulumi`, without the stack: `up`, or `config set active west`. */
    readonly pulumi: string;
    /** Name of the site whose stack it is for. */
    readonly site: string;
    /** What its output is piped into. Default: nothing. */
    readonly pipe?: string;
}

/** `trident-dr-rbac` with the file of a stack. */
interface RightsCommand {
    /** What follows the file. */
    readonly rights: string;
    /** Name of the site whose stack it is for. */
    readonly site: string;
}

/** Name of the stack of each site whose stack is not named like it. */
export type StackNames = Readonly<Record<string, string>>;

/** A message of a template, whose values are texts, numbers, commands and other messages. */
export function text(strings: TemplateStringsArray, ...values: readonly (Message | number | Command)[]): Message {
    return strings.flatMap((string, index) => {
        const value = values[index];
        return value === undefined ? [string] : [string, ...partsOf(value)];
    });
}

/** Messages one after the other, with a separator between them. */
export function join(messages: readonly (Message | Command)[], separator: string): Message {
    return messages.flatMap((message, index) => (index === 0 ? partsOf(message) : [separator, ...partsOf(message)]));
}

/**
 * A message as a person reads it. Parts of it may be somebody else's: nothing in it acts on a terminal.
 *
 * @param stacks Default: every stack is named like its site.
 */
export function render(message: Message | Command, stacks: StackNames = {}): string {
    return partsOf(message)
        .map((part) => (typeof part === "string" ? part : renderCommand(part, stacks)))
        .map(withoutControls)
        .join("");
}

/** An error that tells a person what to do. Its `message` has stacks named like their sites. */
export class MessageError extends Error {
    constructor(readonly content: Message) {
        super(render(content));
        this.name = "MessageError";
    }
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): Message {
    if (thrown instanceof MessageError) {
        return thrown.content;
    }
    return thrown instanceof Error ? thrown.message : String(thrown);
}

function partsOf(value: Message | number | Command): readonly (string | Command)[] {
    if (typeof value === "string" || typeof value === "number") {
        return [String(value)];
    }
    return "site" in value ? [value] : value;
}

function renderCommand(command: Command, stacks: StackNames): string {
    const { site } = command;
    const stack = Object.hasOwn(stacks, site) ? stacks[site]! : site;
    if ("rights" in command) {
        // The name of a file has neither organization nor project.
        return `npx trident-dr-rbac --config Pulumi.${stack.split("/").at(-1)}.yaml ${command.rights}`;
    }
    const { pulumi, pipe } = command;
    return `pulumi ${pulumi} --stack ${stack}${pipe === undefined ? "" : ` | ${pipe}`}`;
}
