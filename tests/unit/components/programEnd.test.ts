import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ProgramEnd } from "../../../components/programEnd";

const never = 2 ** 31 - 1;

describe("the end of a program", () => {
    /** A stack whose program ends when the test says so. */
    let outputs: { settle: () => void; fail: (error: Error) => void };
    const original = pulumi.runtime.getStackResource;

    beforeEach(() => {
        const settled = new Promise<void>((resolve, reject) => (outputs = { settle: resolve, fail: reject }));
        const stack = { __registered: false, getData: () => settled };
        Object.defineProperty(pulumi.runtime, "getStackResource", { value: () => stack, configurable: true });
    });
    afterEach(() => Object.defineProperty(pulumi.runtime, "getStackResource", { value: original }));

    it("is reached when Pulumi settles the outputs of the stack", async () => {
        const end = new ProgramEnd("pair", { declaration: never, failure: never });
        outputs.settle();
        await end.reached;
    });

    it("is reached when the program says that it declares nothing more", async () => {
        const end = new ProgramEnd("pair", { declaration: never, failure: never });
        end.reach();
        await end.reached;
    });

    it("is reached when the process comes to rest", async () => {
        const end = new ProgramEnd("pair", { declaration: never, failure: never });
        process.emit("beforeExit", 0);
        await end.reached;
    });

    it("does not come for a program that declares nothing any more and does not end: it is told what to call", async () => {
        const { reached } = held(new ProgramEnd("pair", { declaration: 1, failure: never }));
        await assert.rejects(
            reached,
            /has declared nothing for 60 minutes and has not called outputs\(\) of the pair pair/,
        );
    });

    it("does not come for a program that failed, once the CLI has had time to end it", async () => {
        const { reached } = held(new ProgramEnd("pair", { declaration: never, failure: 1 }));
        outputs.fail(new Error("the program's own error"));
        await assert.rejects(reached, /^Error: the program failed$/);
    });
});

/** The end's timers keep no process alive, so the test has to. */
function held({ reached }: ProgramEnd): { reached: Promise<void> } {
    const alive = setInterval(() => undefined, 1000);
    return { reached: reached.finally(() => clearInterval(alive)) };
}
