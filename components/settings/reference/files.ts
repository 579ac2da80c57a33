import { stackFileSchema } from "./jsonSchema";
import { referenceText } from "./markdown";

/** What is generated from the schema, by its path in the repository. */
export function referenceFiles(): Record<string, string> {
    return {
        "trident-dr.schema.json": `${JSON.stringify(stackFileSchema(), undefined, 4)}\n`,
        "docs/configuration.md": referenceText(),
    };
}
