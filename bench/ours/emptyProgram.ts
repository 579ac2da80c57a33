import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Lab } from "../../lab/lab";
import { Stack } from "../../lab/pulumi";

const checkout = path.join(__dirname, "..", "..");

/**
 * What Pulumi itself takes: the example with its settings, compiled as it is, and a program that declares nothing. A
 * stack of its own, with a state of its own.
 */
export async function emptyProgram(lab: Lab): Promise<Stack> {
    const project = path.join(lab.folder, "empty");
    const [program, state] = [path.join(project, "examples", "two-sites"), path.join(project, "state")];
    await mkdir(state, { recursive: true });
    await cp(path.join(checkout, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
    await cp(path.join(checkout, "tsconfig.json"), path.join(project, "tsconfig.json"));
    await cp(path.join(checkout, "examples", "two-sites"), program, {
        recursive: true,
        filter: (file) => path.basename(file) !== "node_modules",
    });
    await writeFile(path.join(program, "index.ts"), 'import "@pulumi/pulumi";\n');
    await symlink(path.join(checkout, "node_modules"), path.join(project, "node_modules"));
    const stack = new Stack(lab, "west", project, { PULUMI_BACKEND_URL: pathToFileURL(state).href });
    await stack.must(["stack", "init", stack.site]);
    return stack;
}
