/** `npm run demo`: two sites replicate, one dies, the other takes over, the dead one comes back, rejoins and serves again. */
import { bringUp } from "./lab";
import { separateProject } from "./pulumi";
import { circle } from "./scenarios/circle";
import type { ScenarioReport } from "./scenarios/report";

async function main(): Promise<void> {
    const began = Date.now();
    console.log("Two sites, east and west, on this machine: Kubernetes, S3, ONTAP, Trident, Trident Protect each.");
    const lab = await bringUp({ onProgress: console.log });
    try {
        console.log(whatStandsWhere(lab.plugin.kind));
        const { report, faults, refusal } = await circle(lab, await separateProject(lab), console.log);
        console.log(account(report, refusal));
        faults.forEach((fault) => console.log(`NOT AS IT SHOULD BE: ${fault}`));
        process.exitCode = report.ok ? 0 : 1;
    } finally {
        await lab.down();
    }
    console.log(`The lab is down again, after ${Math.round((Date.now() - began) / 1000)} s in all.`);
    console.log("To keep one and drive it by hand: npm run lab, source .lab/env, pulumi up --stack east");
}

function whatStandsWhere(plugin: "real" | "standin"): string {
    return [
        "",
        "  real:      pulumi and its Node.js language host; at each site etcd, kube-apiserver, kube-controller-manager,",
        "             kube-scheduler, and an S3 server (versitygw); KWOK runs the pods",
        `  ${plugin === "real" ? "real:     " : "stand-in: "} the Pulumi plugin for Kubernetes`,
        "  stand-in:  ONTAP, Trident, Trident Protect, and the application that writes",
        "",
    ].join("\n");
}

function account(report: ScenarioReport, refusal: string): string {
    const sentence = /shop at west is standby[^\n]*/.exec(refusal)?.[0] ?? "";
    return [
        "",
        "Without an acknowledgement west refused, and said:",
        `  ${sentence}`,
        "",
        "What the previews announced on the way round, and what was then done:",
        ...report.previewCalls.map((call) => `  ${report.executedCalls.includes(call) ? "done " : "     "} ${call}`),
        "",
        `Loss announced:  at most the writes of ${report.announcedLossSeconds} s, all of them east's, by the takeover and the rejoin`,
        `Loss in fact:    ${report.lostWrites} of ${report.acknowledgedWrites} acknowledged writes, ${report.actualLossSeconds} s`,
        `Not announced:   ${report.lostPlannedWrites} lost writes`,
        `Two writers:     ${report.twoWriterSeconds} s; and ${report.twoWriterSecondsUnderOverride ?? 0} s under the override, until east stood aside`,
        `Preview and run: ${report.unannounced.length} writes unannounced, ${report.notMade.length} announced and not made`,
        `First change:    ${report.secondsToFirstChange ?? 0} s after pulumi up was started at west`,
        `A second up:     ${report.writesOfSecondUp} writes; a preview after it: ${report.residualChanges} changes`,
        "",
    ].join("\n");
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
