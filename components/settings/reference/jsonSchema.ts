import { z } from "zod";
import { structuredKeys } from "../read";
import { secretKey, settingsSchema } from "../schema";

/** As much of JSON Schema (draft 7) as the configuration needs. */
export interface JsonSchema {
    readonly [keyword: string]: unknown;
    readonly type?: string;
    readonly description?: string;
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly additionalProperties?: boolean | JsonSchema;
    readonly required?: readonly string[];
    readonly items?: JsonSchema;
    readonly oneOf?: readonly JsonSchema[];
}

/** The configuration as a program sees it: keys without the project's name, secrets as plain texts. */
export function settingsForm(): JsonSchema {
    const { $schema: _, ...form } = z.toJSONSchema(settingsSchema, {
        target: "draft-7",
        io: "input",
        unrepresentable: "any",
    });
    return form as JsonSchema;
}

/**
 * The schema of a stack's file, such as `Pulumi.east.yaml`, for editors. Keys have the name of the project before them,
 * whatever it is called; what other packages keep in the same file is left alone.
 */
export function stackFileSchema(): JsonSchema {
    const { properties = {} } = settingsForm();
    const keys = Object.entries(properties).map(([key, form]) => [`^[^:]+:${key}$`, inFile(key, form)]);
    return {
        $schema: "http://json-schema.org/draft-07/schema#",
        title: "Configuration of a site for pulumi-trident-dr",
        type: "object",
        properties: { config: { type: "object", patternProperties: Object.fromEntries(keys) } },
    };
}

/** As it stands in the file: `pulumi config set` writes a number as a text, and a secret encrypted. */
function inFile(key: string, form: JsonSchema): JsonSchema {
    const { description } = form;
    if (form[secretKey] === true) {
        return { description, anyOf: [form.type === "object" ? { type: "object" } : form, encrypted] };
    }
    const isPlainText = form.type === "string" || form.type === "object" || form.type === "array";
    return structuredKeys.includes(key) && !isPlainText ? { description, anyOf: [form, { type: "string" }] } : form;
}

const encrypted: JsonSchema = {
    type: "object",
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
};
