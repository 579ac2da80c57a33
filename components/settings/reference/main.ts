import { writeFileSync } from "node:fs";
import path from "node:path";
import { referenceFiles } from "./files";

const root = path.join(__dirname, "..", "..", "..");

for (const [file, content] of Object.entries(referenceFiles())) {
    writeFileSync(path.join(root, file), content);
}
