import { crdTableText } from "./crdTable";
import { stackFileSchema } from "./jsonSchema";
import { referenceText } from "./markdown";

/** What is generated from the schema and from the definitions, by its path in the repository. */
export function referenceFiles(): Record<string, string> {
    return {
        "trident-dr.schema.json": `${JSON.stringify(stackFileSchema(), undefined, 4)}\n`,
        "docs/configuration.md": referenceText(),
        "docs/crd-fields.md": crdTableText(),
    };
}
