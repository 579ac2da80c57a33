import { rmSync } from "node:fs";
import { Supervisor } from "../processes";

/*
 * Sees to it that nothing is left of a lab whose owner died, in whatever way: it holds the other end of a pipe from the
 * owner, and when that closes without the word `keep` before, it kills the lab's processes.
 *
 *     guardian.ts <folder of the supervisor's records> [<folder to remove>]
 */
const [records, folder] = process.argv.slice(2);

let said = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text: string) => (said += text));
process.stdin.on("close", () => {
    if (said.includes("keep") || records === undefined) {
        return;
    }
    void new Supervisor(records).kill().then(() => {
        if (folder !== undefined) {
            rmSync(folder, { recursive: true, force: true });
        }
    });
});
