import { secretKey, standardKey } from "../schema";
import { type JsonSchema, settingsForm } from "./jsonSchema";

/** The reference of the configuration: a table for each object in it, generated from its schema. */
export function referenceText(): string {
    const sections = sectionsOf("", settingsForm());
    return `${[
        "# Configuration",
        "Every key of a stack's configuration, in the namespace of the project (or of the one that `loadSettings` is given: [two pairs](runbooks/many-applications.md#two-pairs)): `pulumi config set active west` where `pulumi` is run in the project's folder. Generated from the schema that validates it, by `npm run reference`; the same is in `trident-dr.schema.json`, with which editors complete and check `Pulumi.<stack>.yaml`:",
        "```yaml\n# yaml-language-server: $schema=node_modules/pulumi-trident-dr/trident-dr.schema.json\n```",
        "All of it is validated before anything is touched, and everything that is wrong is reported at once: key, what was expected, what was found.",
        ...sections.flatMap(({ path, rows }) => [`## ${path === "" ? "The stack" : `\`${path}\``}`, tableOf(rows)]),
    ].join("\n\n")}\n`;
}

interface Section {
    path: string;
    rows: Row[];
}

interface Row {
    key: string;
    form: string;
    what: string;
    standard: string;
}

/** An object's own keys, then the objects in it. */
function sectionsOf(path: string, schema: JsonSchema): Section[] {
    const { properties, required } = merged(schema);
    const rows = Object.entries(properties).map(([key, form]) => ({
        key,
        form: formOf(form),
        what: `${form[secretKey] === true ? "secret: " : ""}${form.description ?? ""}`,
        standard: standardOf(form, required.includes(key)),
    }));
    return [
        { path, rows },
        ...Object.entries(properties).flatMap(([key, form]) => {
            const { at, inner } = innerOf(form);
            return inner === undefined ? [] : sectionsOf(`${path === "" ? "" : `${path}.`}${key}${at}`, inner);
        }),
    ];
}

/** The keys of all forms that an object may have: which of them it has depends on one of them. */
function merged({ properties = {}, required = [], oneOf = [] }: JsonSchema) {
    const inAll = oneOf.length === 0 ? [] : oneOf.map((form) => form.required ?? []);
    return {
        properties: oneOf.reduce<Record<string, JsonSchema>>(
            (all, form) => ({ ...form.properties, ...all }),
            oneOf.length === 0 ? { ...properties } : {},
        ),
        required: [...required, ...(inAll[0] ?? []).filter((key) => inAll.every((keys) => keys.includes(key)))],
    };
}

function innerOf(form: JsonSchema): { at: string; inner?: JsonSchema } {
    const { items, additionalProperties } = form;
    if (form.properties !== undefined || form.oneOf !== undefined) {
        return { at: "", inner: form };
    }
    if (items?.properties !== undefined) {
        return { at: "[]", inner: items };
    }
    return typeof additionalProperties === "object" && additionalProperties.properties !== undefined
        ? { at: ".<name>", inner: additionalProperties }
        : { at: "" };
}

function formOf({ type, items, enum: values, const: value, anyOf, oneOf, examples }: JsonSchema): string {
    if (Array.isArray(values)) {
        return values.map((one) => `\`${String(one)}\``).join(", ");
    }
    if (value !== undefined) {
        return "text";
    }
    if (Array.isArray(anyOf)) {
        return (anyOf as JsonSchema[]).map(formOf).join(" or ");
    }
    if (type === "array") {
        return `list of ${items?.type === "object" ? "objects" : `${formOf(items ?? {})}s`}`;
    }
    if (Array.isArray(examples)) {
        return `text, such as \`${String(examples[0])}\``;
    }
    return oneOf === undefined ? (words[type ?? ""] ?? "any") : "object";
}

const words: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    boolean: "`true` or `false`",
    object: "object",
};

function standardOf(form: JsonSchema, isRequired: boolean): string {
    const standard = form[standardKey];
    return typeof standard === "string" ? standard : isRequired ? "required" : "none";
}

function tableOf(rows: readonly Row[]): string {
    const cells = [
        ["key", "form", "what", "default"],
        ...rows.map(({ key, form, what, standard }) => [`\`${key}\``, form, what, standard]),
    ];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
    const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
    const [head, ...body] = cells.map(line);
    return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}
