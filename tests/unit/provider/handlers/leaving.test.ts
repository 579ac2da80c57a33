import assert from "node:assert/strict";
import type { SiteView } from "../../../../provider/drivers/driver";
import { noClaims } from "../../../../provider/engine/claims";
import { Outcomes } from "../../../../provider/engine/outcomes";
import { RecordStore } from "../../../../provider/engine/recordStore";
import type { Site } from "../../../../provider/engine/site";
import { MirrorRoleHandler } from "../../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import type { RoleRecord } from "../../../../provider/roles/record";
import { goodInputs } from "../engine/goodInputs";
import { quietView } from "../engine/quietView";
import { active, outOfMirror, replicated, standby, unmanaged } from "../roles/situations";

/** What the driver is asked to do at west when its resource is removed there, with east as its outputs show it. */
async function removedAt(own: RoleRecord, east: RoleRecord): Promise<string[]> {
    const done: string[] = [];
    const view: SiteView = {
        ...quietView,
        observed: replicated,
        facts: () => ({}),
        actions: ({ do: what }) => [{ call: what, effect: "write", run: () => Promise.resolve(void done.push(what)) }],
        after: () => view,
        freshFor: () => Promise.resolve(view),
    };
    const cluster = { get: () => Promise.resolve(undefined), apply: (object: unknown) => Promise.resolve(object) };
    const site = {
        driver: { observe: () => Promise.resolve(view) },
        claims: noClaims,
        prerequisites: { unmet: () => Promise.resolve([]) },
        store: new RecordStore(cluster as never, { name: "record", namespace: "dr" }, own),
        progress: () => undefined,
        signal: new AbortController().signal,
    } as unknown as Site;
    const process = new ProviderProcess({ log: () => undefined });
    const handler = new MirrorRoleHandler(process, new Outcomes(), () => site);
    await handler.delete("shop@west", {
        ...goodInputs(),
        site: "west",
        peerSite: "east",
        peerRecord: { known: true, record: { ...east, serial: 1 } },
        record: { ...own, serial: 1 },
    });
    return done;
}

/** Whatever an interrupted run has left of it. */
const letGo = ["allow-pods", "disown-objects"];

describe("a site whose resource is removed", () => {
    it("leaves the mirror alone that it let go of", async () => {
        assert.deepEqual(await removedAt(unmanaged("west", 2, "standby"), active("east", 2)), letGo);
        assert.deepEqual(await removedAt(unmanaged("west", 2, "standby"), unmanaged("east", 2, "active")), letGo);
    });

    it("removes a mirror of its own", async () => {
        assert.ok((await removedAt(standby("west", 2), active("east", 2))).includes("remove-mirror"));
        assert.ok((await removedAt(outOfMirror("west", 2, "standby"), active("east", 2))).includes("remove-mirror"));
    });
});
