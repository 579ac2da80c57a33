import assert from "node:assert/strict";
import { z } from "zod";
import { installApplication } from "../application";
import { ontapAdmin } from "../array/admin";
import { Cluster } from "../controllers";
import type { Lab, SiteName } from "../lab";
import { prepareStacks, type Stack } from "../pulumi";
import { readVolume } from "../writer/ledger";
import { leftOverMirrors } from "./leftOver";
import type { ScenarioReport } from "./report";
import { ScenarioRun, type Workload } from "./scenarioRun";
import { type Log, type Outcome, round, type Timed, up, writes } from "./scenarioSteps";
import { until } from "./until";
import { writesSince } from "./writes";

/** The usual report, and what was told of the copy on the way. */
export interface LongCopyReport extends ScenarioReport {
    /** Hours of the lab's time that the copy went on for while nothing waited for it. */
    copyHours: number;
    /** What `next` said meanwhile, the first one first. */
    progress: string[];
    /** What a takeover before the copy was complete was refused with. */
    refusal: string;
}

type Seen = Pick<LongCopyReport, "copyHours" | "progress" | "refusal">;

/** Hours that the copy would take at the rate that it begins with, and that it is left to itself at that rate. */
const hours = { whole: 20, left: 2 };

/**
 * The first copy takes hours: `up` at the standby site succeeds once it runs, a takeover is refused until it is complete,
 * and an `up` after that makes the site the standby site. Then the sites switch, as with any other copy.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function longCopy(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const seen: Seen = { copyHours: 0, progress: [], refusal: "" };
    const workload: Workload = {
        establish: (_lab, folder, timed) => establishSlowly(lab, folder, timed, seen),
        leftOver: leftOverMirrors,
        surviving: (_lab, { site, volume, file }) => readVolume(lab.sites[site as SiteName], volume, file),
    };
    const scenario = await ScenarioRun.begin(lab, project, log, workload);
    seen.progress.forEach((line) => log(`    ${line}`));
    log(`    ${seen.refusal}`);
    await scenario.writes("east", 50);
    await scenario.configure("active", "west");
    await scenario.change("stand down", "east");
    await scenario.change("take over", "west");
    await scenario.change("rejoin", "east");
    await scenario.settle(["west"]);
    const { report, faults } = await scenario.end("long-copy", "west", ["east", "west"]);
    const whole: LongCopyReport = { ...report, ...seen };
    return { report: whole, faults };
}

async function establishSlowly(lab: Lab, project: string, timed: Timed, seen: Seen): Promise<Record<SiteName, Stack>> {
    await installApplication(lab.sites.east);
    const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
    const { east, west } = stacks;
    await west.edit((config) => {
        (config["trident-dr:applications"] as { timeouts?: object }[])[0]!.timeouts = { copy: "10s" };
    });
    await timed("establish: pulumi up", "east", () => up(east));
    await writes(lab, "east", 50);
    const lift = await slowDown(lab);
    const began = Date.now();
    await timed("establish: pulumi up, which leaves the copy to itself", "west", () => up(west));
    seen.progress.push(await nextAt(west));
    seen.refusal = await refusedTakeover(lab, west);
    await timed(`the copy goes on for ${hours.left} hours of the lab's time`, "west", () => passed(lab, began));
    await timed("pulumi up, before it is complete", "west", () => up(west));
    const later = await nextAt(west);
    seen.progress.push(later);
    assert.match(later, /of an estimated .* copied at .*\/s; expected to be complete about /, "no progress is told");
    await timed("pulumi up, which knows of the copy", "east", () => up(east));
    assert.match(await nextAt(east), /west is establishing its copy/, "east does not say that west is establishing");
    seen.copyHours = round(((Date.now() - began) * lab.speed) / 3_600_000);
    await lift();
    await timed("the copy is completed at full speed", "west", () => established(lab));
    await timed("pulumi up, once it is complete", "west", () => up(west));
    assert.equal(await nextAt(west), "", "west still has something to do");
    await timed("settle: pulumi up", "east", () => up(east));
    return stacks;
}

/** Nothing but time makes a copy long: it is left alone until the lab's clock has gone so far. */
function passed(lab: Lab, began: number): Promise<true> {
    const milliseconds = (hours.left * 3_600_000) / lab.speed;
    return until(
        "the lab's clock",
        () => (Date.now() >= began + milliseconds ? true : undefined),
        milliseconds + 60_000,
    );
}

/** Transfers to west become so slow that all of what is at east takes many hours. */
async function slowDown(lab: Lab): Promise<() => Promise<void>> {
    const source = await ontapAdmin(lab.sites.east);
    const { data } = await source.get<unknown>("/api/storage/volumes?fields=space.used,is_svm_root");
    const used = volumes
        .parse(data)
        .records.filter(({ is_svm_root: isRoot }) => isRoot !== true)
        .reduce((sum, { space }) => sum + space.used, 0);
    const admin = await ontapAdmin(lab.sites.west);
    await admin.post("/lab/faults", [{ kind: "bandwidth", bytesPerSecond: used / (hours.whole * 3600) }]);
    return async () => {
        await admin.delete("/lab/faults");
    };
}

const volumes = z.object({
    records: z.array(z.object({ is_svm_root: z.boolean().optional(), space: z.object({ used: z.number() }) })),
});

/** West may not serve what is not there, whatever is acknowledged; and nothing is written by the attempt. */
async function refusedTakeover(lab: Lab, west: Stack): Promise<string> {
    await west.configure("active", "west");
    await west.configure("takeover", "2");
    const run = await west.up();
    const refusal = /[^\n]*copy of shop at west is not complete and cannot be served[^\n]*/.exec(run.output)?.[0];
    assert.ok(!run.ok && refusal !== undefined, `The takeover was not refused:\n${run.output}`);
    const written = writesSince(lab.sites.west, run.started).map(({ call }) => call);
    assert.deepEqual(written, [], "The takeover was refused, and wrote something");
    await west.configure("active", "east");
    await west.must(["config", "rm", "takeover", "--stack", "west"]);
    return refusal.trim();
}

async function nextAt(stack: Stack): Promise<string> {
    return outputs.parse(await stack.outputs()).tridentDr.applications.shop.next;
}

const outputs = z.object({
    tridentDr: z.object({ applications: z.object({ shop: z.object({ next: z.string() }) }) }),
});

async function established(lab: Lab): Promise<void> {
    const cluster = await Cluster.connect(lab.sites.west.kubernetes.adminKubeconfig, { userAgent: "kubectl" });
    const kind = { apiVersion: "protect.trident.netapp.io/v1", kind: "AppMirrorRelationship" };
    await until(
        "the mirror to be Established",
        async () => {
            const mirror = await cluster.get(kind, { name: "shop", namespace: "shop" });
            return (mirror?.status as { state?: string } | undefined)?.state === "Established" || undefined;
        },
        300_000,
    );
}
