import assert from "node:assert/strict";
import type { SiteView } from "../../../../provider/drivers/driver";
import { noClaims } from "../../../../provider/engine/claims";
import { inspect } from "../../../../provider/engine/inspect";
import { parseInputs, type MirrorRoleInputs } from "../../../../provider/engine/inputs";
import { Outcomes } from "../../../../provider/engine/outcomes";
import { RecordStore } from "../../../../provider/engine/recordStore";
import type { Site } from "../../../../provider/engine/site";
import { render } from "../../../../provider/roles/messages/message";
import type { Observed, OtherClass, SiteMark } from "../../../../provider/roles/situation";
import { defined } from "../../../../provider/support/defined";
import { active, standby, stoodDown, token } from "../roles/situations";
import { goodInputs } from "./goodInputs";
import { quietView } from "./quietView";

const held = [{ volume: "shop/data", snapshots: [{ name: "s", versionUuid: "v", takenAt: token().time }] }];

interface Seen {
    changedBytes?: number;
    mark?: SiteMark;
    /** Class of the claim whose volume is mirrored. */
    otherClass?: OtherClass;
    /** Where west has the namespace. Default: the same. */
    peerNamespace?: string;
}

/** East, which stood down; west serves by its token. */
async function inspected(observed: Partial<Observed>, site: Seen = {}) {
    const asked: string[] = [];
    const view = {
        observed: { mirror: undefined, ...observed },
        actions: () => [],
        heldSnapshots: () => Promise.resolve(held),
        ...(site.otherClass === undefined
            ? {}
            : { otherClasses: () => Promise.resolve(new Map([["shop/data", site.otherClass]])) }),
        changedBytes: ({ snapshot }: { snapshot: string }) => {
            asked.push(snapshot);
            return Promise.resolve(site.changedBytes);
        },
        arrayReport: () => Promise.resolve({ shown: {}, sources: [], warnings: () => [] }),
        facts: () => ({}),
    } as unknown as SiteView;
    const given = inputs(site.peerNamespace);
    const { decision } = await inspect(siteWith(view, site.mark), given, stoodDown({ serial: 1 }), new Outcomes());
    const told = decision.kind === "plan" ? decision.verb : `${decision.code}: ${render(decision.reason)}`;
    return { told, asked };
}

/** East, which has no record at its cluster. */
function siteWith(view: SiteView, mark?: SiteMark): Site {
    return {
        driver: { observe: () => Promise.resolve(view) },
        claims: noClaims,
        prerequisites: { unmet: () => Promise.resolve([]) },
        store: storeOn(() => Promise.resolve(undefined)),
        ...(mark === undefined ? {} : { marker: { read: () => Promise.resolve(mark) } }),
        progress: () => undefined,
        signal: new AbortController().signal,
    } as unknown as Site;
}

function storeOn(get: () => Promise<undefined>): RecordStore {
    const identity = { application: "shop", site: "east", peer: "west" };
    const cluster = { get, apply: () => Promise.reject(new Error("no writes")) };
    return new RecordStore(cluster, { name: "record", namespace: "shop" }, identity);
}

function inputs(peerNamespace?: string): MirrorRoleInputs {
    const mapped = peerNamespace === undefined ? {} : { peerNamespaces: [peerNamespace] };
    const holds = peerNamespace === undefined ? held : [{ ...held[0]!, volume: `${peerNamespace}/data` }];
    const namespaces = peerNamespace === undefined ? undefined : { own: [peerNamespace], peer: ["shop"] };
    const peer = active("west", 2, { began: "token", holds, ...defined({ namespaces }) });
    const peerRecord = { known: true, record: peer };
    const parsed = parseInputs({ ...goodInputs(), ...mapped, active: "west", peerRecord });
    assert.ok(parsed.ok);
    return parsed.inputs;
}

describe("what an item's site stands on", () => {
    it("is read while the site is: a dead site's vault takes its time, and only the versions wait for the record", async () => {
        const asked: string[] = [];
        let tellRecord: (record: undefined) => void = () => undefined;
        let answer: (view: SiteView) => void = () => undefined;
        const site = siteWith({} as SiteView);
        const read = (what: string, result: unknown) => () => {
            asked.push(what);
            return Promise.resolve(result);
        };
        Object.assign(site, {
            driver: { observe: () => new Promise<SiteView>((resolve) => (answer = resolve)) },
            marker: { read: read("marker", { place: "trident-protect/trident-dr-site" }) },
            versions: { read: read("versions", []) },
            rights: { read: read("rights", undefined) },
            store: storeOn(() => new Promise((resolve) => (tellRecord = resolve))),
        });
        const inspection = inspect(site, { ...inputs(), active: "east" }, undefined, new Outcomes());
        await new Promise(setImmediate);
        assert.deepEqual(asked, ["marker", "rights"]);
        tellRecord(undefined);
        await new Promise(setImmediate);
        assert.deepEqual(asked, ["marker", "rights", "versions"]);
        const observed = { mirror: undefined };
        answer({ ...quietView, observed, actions: () => [], facts: () => ({}) } as unknown as SiteView);
        await inspection;
        assert.equal(asked.length, 3);
    });
});

describe("what is read of a site that does not serve", () => {
    it("is what changed on its array since the final snapshot, where something may have run", async () => {
        const { told, asked } = await inspected({ barrier: { stands: false } }, { changedBytes: 4096 });
        assert.match(told, /^ran-since: .* 4096 bytes changed on its volumes since/);
        assert.deepEqual(asked, [token().finalSnapshot]);
        assert.equal((await inspected({ barrier: { stands: false } }, { changedBytes: 0 })).told, "rejoin");
    });

    it("is nothing of that where nothing can have run", async () => {
        const barrier = { stands: true, since: "2026-11-22T02:59:59Z" };
        assert.deepEqual(await inspected({ barrier }), { told: "rejoin", asked: [] });
    });

    it("is the class of its claims, which decides how they return", async () => {
        const barrier = { stands: true };
        const otherClass = { has: "gold", gets: "trident-dr" };
        assert.match((await inspected({ barrier }, { otherClass })).told, /^full-copy: .* StorageClass gold/);
        assert.equal((await inspected({ barrier })).told, "rejoin");
    });

    it("is what both arrays hold, whatever the namespaces are called at the other site", async () => {
        const barrier = { stands: true };
        assert.equal((await inspected({ barrier }, { peerNamespace: "spare" })).told, "rejoin");
    });

    it("is which site its cluster says it is", async () => {
        const mark = { place: "trident-protect/marker", cluster: "context east" };
        const barrier = { stands: true };
        assert.match((await inspected({ barrier }, { mark: { ...mark, site: "west" } })).told, /^other-sites-cluster/);
        assert.equal((await inspected({ barrier }, { mark: { ...mark, site: "east" } })).told, "rejoin");
    });
});

describe("what is read of a site that an item leaves", () => {
    async function leaving(how: "unprotect" | "unmanage") {
        const asked: string[] = [];
        const asks = (what: string) => {
            asked.push(what);
            return Promise.resolve([]);
        };
        const view = {
            ...quietView,
            observed: { mirror: undefined },
            actions: () => [],
            facts: () => ({}),
            sources: () => asks("sources"),
        } as unknown as SiteView;
        const left = () => asks("claims");
        const site = { ...siteWith(view), claims: { ...noClaims, left } };
        const parsed = parseInputs({ ...goodInputs(), [how]: true, peerRecord: { known: true, record: null } });
        assert.ok(parsed.ok);
        const { decision } = await inspect(site, parsed.inputs, active("east", 1, { serial: 1 }), new Outcomes());
        return { verb: decision.kind === "plan" && decision.verb, asked };
    }

    it("is what arrays and vaults remember, where it is to be removed", async () => {
        assert.deepEqual(await leaving("unprotect"), { verb: "abandon", asked: ["sources", "claims"] });
    });

    it("is nothing of the array where the mirror stays as it is", async () => {
        assert.deepEqual(await leaving("unmanage"), { verb: "unmanage", asked: ["claims"] });
    });
});

describe("what is read of a site that is to take over with a token", () => {
    /** West has stood down for east; whether its vault answers, and has what it hands over. */
    async function takingOver(
        peerAnswers: boolean | undefined,
        handedOver: boolean | undefined,
        state: "established" | "promoted" = "established",
    ) {
        const asked: string[] = [];
        const promotedPoint = state === "promoted" ? token().finalSnapshot : undefined;
        const mirror: Observed["mirror"] = { state, sourceApplicationUid: "uid-west", ...defined({ promotedPoint }) };
        const view = {
            observed: { mirror, ...defined({ peerAnswers }) },
            actions: () => [],
            handedOver: ({ finalSnapshot }: { finalSnapshot: string }) => {
                asked.push(finalSnapshot);
                return Promise.resolve(handedOver);
            },
            lacking: () => Promise.resolve(["shop/data"]),
            arrayReport: () => Promise.resolve({ shown: {}, sources: [], warnings: () => [] }),
            facts: () => ({}),
        } as unknown as SiteView;
        const handOver = token({ from: "west", to: "east" });
        const west = { ...stoodDown({ token: handOver }), site: "west", peer: "east", activeSite: "west" };
        const parsed = parseInputs({
            ...goodInputs(),
            active: "east",
            peerRecord: { known: true, record: { ...west, serial: 1 } },
        });
        assert.ok(parsed.ok);
        const { decision } = await inspect(
            siteWith(view),
            parsed.inputs,
            standby("east", 1, { serial: 1, activeSite: "west" }),
            new Outcomes(),
        );
        return { told: decision.kind === "plan" ? decision.verb : decision.code, asked };
    }

    it("is whether the other site's vault has what it names, as long as that vault answers", async () => {
        const { finalSnapshot } = token();
        assert.deepEqual(await takingOver(true, false), { told: "token-without-snapshot", asked: [finalSnapshot] });
        for (const told of [true, undefined]) {
            assert.equal((await takingOver(true, told)).told, "take over with a token");
        }
        assert.deepEqual(await takingOver(false, false), { told: "take over with a token", asked: [] });
        assert.deepEqual(await takingOver(undefined, false), { told: "take over with a token", asked: [] });
    });

    it("is whether its volumes have that, once they were made writable", async () => {
        assert.equal((await takingOver(true, true, "promoted")).told, "promoted-other-point");
    });
});
