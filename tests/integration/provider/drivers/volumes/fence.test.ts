import assert from "node:assert/strict";
import type { Fence } from "../../../../../provider/drivers/volumes/settings";
import type { Body } from "../../../lab/ontap/twoClusters";
import { type Site, TwoSites } from "./two-sites";

describe("mirrored volumes: the fence", function () {
    this.timeout(120_000);
    let sites: TwoSites;

    beforeEach(async () => {
        sites = await TwoSites.start();
        await sites.establish();
    });
    afterEach(() => sites.close());

    const change = async ({ array }: Site, body: Body, volume = "archive01") =>
        array.done("patch", `/storage/volumes/${(await array.volume(volume))["uuid"]}`, body);
    const made = async ({ array, name }: Site, path: string, body: Body) => {
        const { status, data } = await array.post(`${path}?return_timeout=15`, {
            svm: { name: `svm_${name}` },
            ...body,
        });
        assert.ok(status < 300, JSON.stringify(data));
    };
    const refused = async (site: Site, other: Site, why: RegExp) => {
        await assert.rejects(site.up(other), why);
        assert.deepEqual(
            site.calls.filter((call) => !call.startsWith("GET ")),
            [],
        );
        assert.equal((await site.record()).underWay, undefined);
        assert.ok(await site.takesWrites("archive01"));
    };

    for (const fence of ["exportPolicy", "unmount", "offline"] satisfies Fence[]) {
        it(`stops a client that has the volume mounted, and lets it in again where the site serves (${fence})`, async () => {
            const { east, west } = sites;
            east.options = { fence };
            west.options = { fence };
            assert.equal(await east.write("archive01", "log", "one\n"), 200);
            sites.flip("west");
            const { calls } = await east.preview(west);
            const confirmed =
                "GET /storage/volumes/{archive01}: behind export policy trident-dr-fenced-default, which admits nobody";
            assert.ok(calls.includes(confirmed), calls.join("\n"));
            assert.ok(
                calls.indexOf(confirmed) < calls.findIndex((call) => call.includes("/snapshots")),
                calls.join("\n"),
            );
            await east.up(west);
            assert.equal(await east.write("archive01", "log", "late\n"), 403);
            await west.up(east);
            assert.equal(await west.write("archive01", "log", "two\n"), 200);
            await sites.settle();
            sites.flip("east");
            await west.up(east);
            assert.equal(await west.write("archive01", "log", "late\n"), 403);
            await east.up(west);
            assert.equal((await east.array.volume("archive01"))["nas"]["export_policy"]["name"], "default");
            assert.equal(await east.write("archive01", "log", "three\n"), 200);
            assert.equal(await east.array.content("archive01", "log"), "one\ntwo\nthree\n");
            await sites.settle();
            assert.deepEqual((await east.preview(west)).calls, []);
        });
    }

    it("takes the final snapshots of 0.1.0's interrupted run anew: unmounting had not stopped its clients", async () => {
        const { east, west } = sites;
        assert.equal(await east.write("archive01", "log", "one\n"), 200);
        sites.flip("west");
        east.writesUntilKilled = 1;
        await assert.rejects(east.up(west), /killed at/);
        east.writesUntilKilled = undefined;
        for (const volume of ["archive01", "archive02"]) {
            await change(east, { nas: { path: "", export_policy: { name: "default" } } }, volume);
            await east.array.takeSnapshot(volume, "trident-dr-archive-final-1");
        }
        assert.equal(await east.write("archive01", "log", "two\n"), 200);
        await east.up(west);
        await west.up(east);
        assert.equal(await west.array.content("archive01", "log"), "one\ntwo\n");
        await sites.settle();
        assert.equal((await east.record()).role, "standby");
    });

    it("says that a site which 0.1.0 stood down is open, and takes it back with its volumes mounted", async () => {
        const { east, west } = sites;
        assert.ok(await east.takesWrites("archive01"));
        sites.flip("west");
        await east.up(west);
        assert.deepEqual(await east.warnings(), []);
        for (const volume of ["archive01", "archive02"]) {
            await change(east, { nas: { path: "", export_policy: { name: "default" } } }, volume);
        }
        assert.ok(await east.takesWrites("archive01"));
        const [warning] = await east.warnings();
        assert.match(
            warning!,
            /east does not serve archive, but clients that have volume archive01, archive02 mounted/,
        );
        sites.flip("east");
        assert.equal((await east.up(west)).role, "active");
        assert.equal(await east.array.append("/archive01", "log", "again\n"), 200);
        await sites.settle();
        assert.deepEqual((await east.preview(west)).calls, []);
    });

    it("refuses a LUN and a namespace that are mapped, by name, until they are not", async () => {
        const { east, west } = sites;
        await made(east, "/storage/luns", { name: "/vol/archive01/lun1", os_type: "linux" });
        await made(east, "/protocols/san/igroups", { name: "hosts", os_type: "linux" });
        await made(east, "/storage/namespaces", { name: "/vol/archive02/ns1", os_type: "linux" });
        await made(east, "/protocols/nvme/subsystems", { name: "nodes", os_type: "linux" });
        await made(east, "/protocols/san/lun-maps", {
            lun: { name: "/vol/archive01/lun1" },
            igroup: { name: "hosts" },
        });
        await made(east, "/protocols/nvme/subsystem-maps", {
            namespace: { name: "/vol/archive02/ns1" },
            subsystem: { name: "nodes" },
        });
        sites.flip("west");
        for (const fence of ["exportPolicy", "offline"] satisfies Fence[]) {
            east.options = { fence };
            await refused(
                east,
                west,
                /cannot-be-fenced.*LUN \/vol\/archive01\/lun1 is mapped to hosts; NVMe namespace \/vol\/archive02\/ns1 is mapped to nodes/,
            );
        }
        for (const path of ["/protocols/san/lun-maps", "/protocols/nvme/subsystem-maps"]) {
            assert.equal((await east.array.delete(`${path}?svm.name=svm_east`)).status, 200);
        }
        assert.equal((await east.up(west)).role, "stood-down");
    });

    it("refuses a share of SMB that leads to a volume, unless the fence ends its sessions or there is none", async () => {
        const { east, west } = sites;
        await made(east, "/protocols/cifs/shares", { name: "c$", path: "/" });
        await made(east, "/protocols/cifs/shares", { name: "elsewhere", path: "/archive011" });
        sites.flip("west");
        await made(east, "/protocols/cifs/shares", { name: "reports", path: "/archive01/reports" });
        const why =
            /cannot-be-fenced.*its fence would not hold: SMB share reports \(\/archive01\/reports\) leads to volume archive01, and/;
        await refused(east, west, why);
        east.options = { fence: "none" };
        assert.equal((await east.preview(west)).decision.kind, "plan");
        east.options = { fence: "offline" };
        assert.equal((await east.up(west)).role, "stood-down");
    });

    it("refuses a qtree with an export policy of its own, and a fencing policy that has rules", async () => {
        const { east, west } = sites;
        await made(east, "/protocols/nfs/export-policies", {
            name: "all",
            rules: [{ clients: [{ match: "0.0.0.0/0" }] }],
        });
        await made(east, "/protocols/nfs/export-policies", {
            name: "trident-dr-fenced-default",
            rules: [{ clients: [{ match: "10.0.0.0/8" }] }],
        });
        await made(east, "/storage/qtrees", { name: "plain", volume: { name: "archive02" } });
        await made(east, "/storage/qtrees", {
            name: "own",
            volume: { name: "archive02" },
            export_policy: { name: "all" },
        });
        sites.flip("west");
        await refused(
            east,
            west,
            /export policy trident-dr-fenced-default of SVM svm_east has a rule.*; qtree own of volume archive02 has an export policy of its own \(all\)/,
        );
    });

    it("refuses what it cannot read, where it would have to fence, and nowhere else", async () => {
        const { east, west } = sites;
        await east.array.faults({ kind: "narrowRole", user: "product", path: "/protocols/san/lun-maps*" });
        assert.equal((await east.preview(west)).decision.kind, "plan");
        sites.flip("west");
        await refused(east, west, /cannot-be-fenced.*maps of LUNs cannot be read: .*403/);
        await west.array.faults({ kind: "narrowRole", user: "product", path: "/protocols/*" });
        west.acknowledgements = { takeover: 2 };
        east.readable = false;
        assert.equal((await west.up(east)).role, "active");
    });
});
