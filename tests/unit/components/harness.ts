import type * as pulumi from "@pulumi/pulumi";
import {
    type DeclaredResource,
    runProgram,
    type Surroundings as SiteSurroundings,
} from "../../../testing/declaredStack";

export type Surroundings = Omit<SiteSurroundings, "stack">;

/** Runs a program in the stack `east` on mocks; returns what it declared and what it returned. */
export async function declare<T>(
    program: (options: pulumi.ComponentResourceOptions) => T | Promise<T>,
    surroundings: Surroundings = {},
) {
    const { resources, answer, stacksRead } = await runProgram(() => program({}), { stack: "east", ...surroundings });
    const find = (name: string): DeclaredResource => {
        const found = resources.filter((each) => each.name === name);
        if (found.length !== 1) {
            const names = resources.map((each) => each.name).join(", ");
            throw new Error(`Expected one ${name}, found ${found.length} among ${names}`);
        }
        return found[0]!;
    };
    return { declared: resources, answer, find, peerStacks: stacksRead };
}

export function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}
