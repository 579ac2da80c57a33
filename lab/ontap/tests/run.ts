/**
 * `npm run test:clients`: software that others wrote, and the packed package, against the ONTAP simulator. The last line is `N passed, N failed`.
 */
import { mocha } from "../../../tests/mocha";

async function main(): Promise<void> {
    const { passed, failed } = await mocha(["lab/ontap/tests/**/*.test.ts"]);
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

main().catch((error: unknown) => {
    console.error(error);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
});
