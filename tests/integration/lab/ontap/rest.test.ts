import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Body, Client, TwoClusters, until } from "./twoClusters";

describe("ONTAP simulator: how its REST interface speaks", () => {
    let both: TwoClusters;
    let east: Client;

    before(async () => {
        both = await TwoClusters.start();
        east = both.east;
        for (const [name, size] of [
            ["alpha", "20MB"],
            ["beta", "40MB"],
            ["gamma", "60MB"],
        ]) {
            await east.makeVolume(name ?? "", { size, comment: `volume ${name}` });
        }
    });
    after(() => both.close());
    afterEach(() => both.simulators.east.faults.clear());

    const records = async (url: string) => (await east.get(url)).data["records"] as Body[];
    const names = async (url: string) => (await records(url)).map(({ name }) => name as string);
    const failure = ({ status, data }: { status: number; data: Body }) => [status, data["error"]?.code];

    it("refuses wrong credentials with 6691623 and asks for Basic", async () => {
        const answer = await new Client(both.simulators.east, "product", "wrong").get("/cluster");
        assert.deepEqual(failure(answer), [401, "6691623"]);
        assert.match(String(answer.headers["www-authenticate"]), /^Basic/);
    });

    it("tells its name and version", async () => {
        const { data } = await east.get("/cluster?fields=version");
        assert.deepEqual([data["name"], data["version"].generation, data["version"].major], ["cluster_east", 9, 16]);
    });

    it("shows only names in a collection, the cheap fields of an instance, and what fields asks for", async () => {
        const [first] = await records("/storage/volumes?name=alpha");
        assert.deepEqual(Object.keys(first ?? {}).sort(), ["name", "svm", "uuid"]);
        const whole = (await east.get(`/storage/volumes/${first?.["uuid"]}`)).data;
        assert.equal(whole["size"], 20 * 2 ** 20);
        const [chosen] = await records("/storage/volumes?name=alpha&fields=space.size,type");
        assert.deepEqual(chosen?.["space"], { size: 20 * 2 ** 20 });
        assert.equal(chosen?.["type"], "rw");
    });

    it("answers 431 to a request line and headers above 8 KiB", async () => {
        const many = (count: number) =>
            Array.from({ length: count }, (_, index) => `trident_pvc_${"0".repeat(36)}_${index}`);
        assert.equal((await east.get(`/storage/volumes?name=${many(100).join("|")}`)).status, 200);
        assert.equal((await east.get(`/storage/volumes?name=${many(200).join("|")}`)).status, 431);
    });

    it("keeps expensive fields for **", async () => {
        assert.equal((await records("/storage/aggregates?fields=*"))[0]?.["space"], undefined);
        assert.ok((await records("/storage/aggregates?fields=**"))[0]?.["space"].block_storage.size > 0);
    });

    it("filters with or, not, wildcards, comparisons, ranges and null", async () => {
        assert.deepEqual(await names("/storage/volumes?name=alpha|gamma"), ["alpha", "gamma"]);
        assert.deepEqual(await names("/storage/volumes?name=*a&is_svm_root=False&name=!alpha"), ["beta", "gamma"]);
        assert.deepEqual(await names("/storage/volumes?size=>20MB&is_svm_root=false"), ["beta", "gamma"]);
        assert.deepEqual(await names("/storage/volumes?size=20MB..40MB"), ["alpha", "beta"]);
        assert.deepEqual(await names("/storage/volumes?nas.path=!null"), ["svm_east_root"]);
        assert.deepEqual(await names("/storage/volumes?nas.path=null&size=<=40MB"), ["alpha", "beta"]);
    });

    it("orders and pages, with next links that lead through everything once", async () => {
        let url: string | undefined =
            "/storage/volumes?order_by=size%20desc&max_records=2&is_svm_root=false&fields=size";
        const seen: string[] = [];
        while (url !== undefined) {
            const { data } = await east.get(url);
            assert.ok((data["records"] as Body[]).length <= 2);
            seen.push(...(data["records"] as Body[]).map(({ name }) => name as string));
            url = (data["_links"]?.next?.href as string | undefined)?.replace(/^\/api/, "");
        }
        assert.deepEqual(seen, ["gamma", "beta", "alpha"]);
    });

    it("sends links only to who accepts hal+json, but the next link to everyone", async () => {
        const hal = (await east.get("/storage/volumes?max_records=1", { accept: "application/hal+json" })).data;
        const plain = (await east.get("/storage/volumes?max_records=1", { accept: "application/json" })).data;
        assert.match(String((hal["records"] as Body[])[0]?.["_links"].self.href), /^\/api\/storage\/volumes\//);
        assert.equal((plain["records"] as Body[])[0]?.["_links"], undefined);
        assert.deepEqual(Object.keys(plain["_links"] as object), ["next"]);
    });

    it("counts without records when return_records is false", async () => {
        const { data } = await east.get("/storage/volumes?return_records=false&is_svm_root=false");
        assert.deepEqual([data["records"], data["num_records"]], [undefined, 3]);
    });

    it("names what is wrong with a request, by ONTAP's codes", async () => {
        assert.deepEqual(failure(await east.get("/storage/volumes?colour=red")), [400, "262179"]);
        assert.deepEqual(failure(await east.get("/storage/volumes?fields=colour")), [400, "262197"]);
        assert.deepEqual(failure(await east.get("/storage/volumes?return_timeout=600")), [400, "262197"]);
        assert.deepEqual(failure(await east.post("/storage/volumes", { colour: "red" })), [400, "262179"]);
        assert.deepEqual(failure(await east.post("/storage/volumes", { type: "xx" })), [400, "262197"]);
        assert.deepEqual(failure(await east.post("/storage/volumes", { size: "1GB" })), [400, "2"]);
        assert.deepEqual(failure(await east.post("/storage/volumes", { uuid: "x", name: "y" })), [400, "262196"]);
        assert.deepEqual(failure(await east.get("/storage/volumes/none")), [404, "4"]);
        assert.deepEqual(failure(await east.get("/storage/nothing")), [404, "3"]);
        assert.deepEqual(failure(await east.delete("/cluster/nodes/some")), [405, "3"]);
    });

    it("refuses a volume without an aggregate, a second one of the same name, and one too small", async () => {
        const body = { name: "alpha", svm: { name: "svm_east" }, aggregates: [{ name: "aggr_east" }] };
        assert.deepEqual(failure(await east.post("/storage/volumes", body)), [409, "917526"]);
        assert.deepEqual(failure(await east.post("/storage/volumes", { ...body, name: "d", aggregates: [] })), [
            400,
            "918242",
        ]);
        assert.deepEqual(failure(await east.post("/storage/volumes", { ...body, name: "d", size: "1MB" })), [
            400,
            "917534",
        ]);
    });

    it("answers a write with 202 and a job, or waits for it as long as return_timeout says", async () => {
        const { uuid } = await east.volume("alpha");
        const later = await east.patch(`/storage/volumes/${uuid}`, { comment: "later" });
        assert.equal(later.status, 202);
        assert.match(String(later.data["job"]._links.self.href), /^\/api\/cluster\/jobs\//);
        const now = await east.patch(`/storage/volumes/${uuid}?return_timeout=15`, { comment: "now" });
        assert.deepEqual([now.status, typeof now.data["job"].uuid], [200, "string"]);
        assert.equal((await east.volume("alpha"))["comment"], "now");
    });

    it("gives the location and, when asked, the record of what a POST creates", async () => {
        const body = { name: "made", svm: { name: "svm_east" }, aggregates: [{ name: "aggr_east" }], size: "20MB" };
        const answer = await east.post("/storage/volumes?return_records=true&return_timeout=15", body);
        assert.equal(answer.status, 201);
        const { uuid } = await east.volume("made");
        assert.equal(answer.headers["location"], `/api/storage/volumes/${uuid}`);
        assert.equal((answer.data["records"] as Body[])[0]?.["uuid"], uuid);
        await east.done("delete", `/storage/volumes/${uuid}`);
        assert.deepEqual(await names("/storage/volumes?name=made"), []);
    });

    it("reports a job that failed inside return_timeout as an error", async () => {
        both.simulators.east.faults.add({ kind: "jobFailure", code: "262160", message: "busy", times: 1 });
        const { uuid } = await east.volume("alpha");
        assert.deepEqual(failure(await east.patch(`/storage/volumes/${uuid}?return_timeout=15`, {})), [400, "262160"]);
    });

    it("injects what a fault asks for, as often as it asks", async () => {
        await east.faults({ kind: "error", method: "GET", path: "/svm/*", status: 503, code: "13", times: 2 });
        const statuses = [];
        for (let count = 0; count < 3; count++) {
            statuses.push((await east.get("/svm/svms")).status);
        }
        assert.deepEqual(statuses, [503, 503, 200]);
        await east.faults({ kind: "narrowRole", user: "product", path: "/svm/peers*" });
        const product = new Client(both.simulators.east, "product");
        assert.deepEqual(failure(await product.get("/svm/peers")), [403, "6"]);
        assert.equal((await east.get("/svm/peers")).status, 200);
        assert.equal((await product.http.get("/lab/faults")).status, 403);
        await east.faults({ kind: "emptyGet", path: "/storage/volumes", times: 1 });
        assert.deepEqual(await names("/storage/volumes"), []);
        assert.ok((await names("/storage/volumes")).length > 0);
    });

    it("never answers a request that a fault drops", async () => {
        await east.faults({ kind: "drop", path: "/cluster" });
        await assert.rejects(east.http.get("/api/cluster", { timeout: 200 }), /timeout/);
    });

    it("logs each request with its user", async () => {
        await new Client(both.simulators.east, "trident").get("/svm/svms?fields=state");
        const line = await until("the line", async () => {
            const lines = (await readFile(both.file("east.log"), "utf8")).trim().split("\n");
            return lines.map((text) => JSON.parse(text) as Body).find(({ user }) => user === "trident");
        });
        assert.deepEqual(
            [line["method"], line["path"], line["query"], line["status"]],
            ["GET", "/api/svm/svms", "fields=state", 200],
        );
    });

    it("has the built-in policies and schedules, and refuses to lose them", async () => {
        const [policy] = await records("/snapmirror/policies?name=MirrorAllSnapshots&fields=*");
        assert.deepEqual([policy?.["type"], policy?.["copy_all_source_snapshots"]], ["async", true]);
        const [schedule] = await records("/cluster/schedules?name=5min&fields=cron,type");
        assert.equal((schedule?.["cron"].minutes as number[]).length, 12);
        assert.deepEqual(failure(await east.delete(`/cluster/schedules/${schedule?.["uuid"]}`)), [409, "459762"]);
        assert.equal((await east.post("/cluster/schedules", { name: "odd", cron: { minutes: [3] } })).status, 201);
        assert.deepEqual(failure(await east.post("/cluster/schedules", { name: "bad", cron: { minutes: [61] } })), [
            400,
            "262197",
        ]);
    });

    it("shows its intercluster interface", async () => {
        const [lif] = await records("/network/ip/interfaces?services=intercluster_core&fields=ip,state,enabled");
        assert.equal(lif?.["ip"].address, both.simulators.east.interclusterAddress);
    });
});
