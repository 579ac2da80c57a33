import assert from "node:assert/strict";
import { DataPath } from "../../../../lab/writer/dataPath";
import { type Body, type Client, TwoClusters } from "./twoClusters";

describe("ONTAP simulator: who reaches a volume", () => {
    let both: TwoClusters;
    let east: Client;
    let client: DataPath;

    before(async () => {
        both = await TwoClusters.start();
        east = both.east;
    });
    after(() => both.close());
    beforeEach(async () => {
        await east.makeVolume("vol", { nas: { path: "/vol" } });
        client = new DataPath(both.simulators.east.dataUrl, "svm_east");
        await client.append("/vol", "log", "one\n");
    });
    afterEach(async () => east.done("delete", `/storage/volumes/${(await east.volume("vol"))["uuid"]}`));

    const change = async (body: Body) =>
        east.done("patch", `/storage/volumes/${(await east.volume("vol"))["uuid"]}`, body);
    const policy = async (name: string, rules: Body[] = []) =>
        assert.equal(
            (await east.post("/protocols/nfs/export-policies", { name, svm: { name: "svm_east" }, rules })).status,
            201,
        );
    const refusal = async () =>
        client.append("/vol", "log", "more\n").then(
            () => undefined,
            (error: { status: number }) => error.status,
        );

    it("whoever has it mounted, also once it is unmounted; nobody mounts it any more", async () => {
        await change({ nas: { path: "" } });
        await client.append("/vol", "log", "two\n");
        assert.equal(await east.content("vol", "log"), "one\ntwo\n");
        assert.equal(await east.append("/vol", "log", "three\n"), 404);
    });

    it("nobody behind an export policy without rules, and the same clients again behind one that admits them", async () => {
        await policy("nobody");
        await change({ nas: { export_policy: { name: "nobody" } } });
        assert.equal(await refusal(), 403);
        assert.equal(await east.append("/vol", "log", "two\n"), 403);
        await change({ nas: { export_policy: { name: "default" } } });
        assert.equal(await refusal(), undefined);
    });

    it("readers alone behind a policy whose rule never lets anybody write", async () => {
        await policy("readers", [{ clients: [{ match: "0.0.0.0/0" }], ro_rule: ["sys"], rw_rule: ["never"] }]);
        await change({ nas: { export_policy: { name: "readers" } } });
        assert.equal(await client.read("/vol", "log"), "one\n");
        assert.equal(await refusal(), 403);
    });

    it("nobody while it is offline, and by the old handle once it is online, mounted or not", async () => {
        await change({ state: "offline", nas: { path: "" } });
        assert.equal(await refusal(), 410);
        await change({ state: "online" });
        assert.equal(await refusal(), undefined);
    });

    it("refuses an export policy that does not exist, and to delete one that is in use", async () => {
        const { uuid } = await east.volume("vol");
        const job = await east.job("patch", `/storage/volumes/${uuid}`, { nas: { export_policy: { name: "none" } } });
        assert.equal(job["state"], "failure");
        const { data } = await east.get("/protocols/nfs/export-policies?name=default&svm.name=svm_east");
        const { id } = (data["records"] as Body[])[0]!;
        assert.equal((await east.delete(`/protocols/nfs/export-policies/${id}`)).data["error"].code, "1703947");
    });

    it("shows maps of LUNs and namespaces by the paths of their volumes, and forgets them with the volume", async () => {
        const svm = { name: "svm_east" };
        const made = async (path: string, body: Body) => assert.equal((await east.post(path, body)).status, 201, path);
        await made("/storage/luns", { svm, name: "/vol/vol/lun1", os_type: "linux" });
        await made("/protocols/san/igroups", { svm, name: "hosts", os_type: "linux" });
        await made("/protocols/san/lun-maps", { svm, lun: { name: "/vol/vol/lun1" }, igroup: { name: "hosts" } });
        const mapped = async () =>
            (
                (await east.get("/protocols/san/lun-maps?svm.name=svm_east&fields=lun.name")).data["records"] as Body[]
            ).map((one) => one["lun"].name as string);
        assert.deepEqual(await mapped(), ["/vol/vol/lun1"]);
        const [lun] = (await east.get("/storage/luns?fields=status.mapped")).data["records"] as Body[];
        assert.equal(lun!["status"].mapped, true);
        assert.equal((await east.delete(`/storage/luns/${lun!["uuid"]}`)).status, 409);
        const [map] = (await east.get("/protocols/san/lun-maps?fields=lun.uuid,igroup.uuid")).data["records"] as Body[];
        assert.equal(
            (await east.delete(`/protocols/san/lun-maps/${map!["lun"].uuid}/${map!["igroup"].uuid}`)).status,
            200,
        );
        assert.deepEqual(await mapped(), []);
    });
});
