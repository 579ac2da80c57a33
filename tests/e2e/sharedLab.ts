import { bringUp, type Lab, openLab } from "../../lab/lab";

let lab: Promise<Lab> | undefined;

/**
 * The one lab of this mocha process, brought up by the first test that asks. Whoever uses it makes a project of its own
 * on it, and leaves clusters and arrays as they were found.
 *
 * `TEST_LAB=<folder>` names a lab that runs already; it is left running.
 */
export function sharedLab(): Promise<Lab> {
    lab ??= process.env.TEST_LAB ? Promise.resolve(openLab(process.env.TEST_LAB)) : bringUp();
    return lab;
}

// A hook outside of every describe: it runs once, when all is done.
after("take the shared lab down", async function () {
    this.timeout(600_000);
    if (lab !== undefined && !process.env.TEST_LAB) {
        await (await lab.catch(() => undefined))?.down();
    }
});
