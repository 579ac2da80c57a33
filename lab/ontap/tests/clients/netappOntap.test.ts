import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../api/context";
import { endpoints } from "../../simulator";
import { Sites } from "./fixture";

describe("ONTAP simulator: NetApp's Python client", () => {
    let sites: Sites;

    before(async function () {
        // The first time on a machine, the client is downloaded.
        this.timeout(900_000);
        sites = await Sites.start();
    });
    after(() => sites.close());

    it("peers, mirrors, breaks, turns round and back, and takes everything away", async function () {
        this.timeout(600_000);
        Sites.passed(await sites.python.script("circle.py", [await sites.file()]));
    });

    it("was answered as its schemas say, field for field", async function () {
        this.timeout(300_000);
        await sites.judge();
    });

    it("finds every declared field in its schemas: its type, its values, lists, and what may be set and changed", async function () {
        this.timeout(300_000);
        // What an endpoint declares does not depend on the cluster behind it.
        const declared = endpoints
            .map((make) => make({} as Context))
            .map(({ path: url, fields, lists = [] }) => ({ path: url, fields, lists }));
        const file = path.join(sites.folder, "declared.json");
        await writeFile(file, JSON.stringify(declared));
        Sites.passed(await sites.python.script("declared.py", [file]));
    });
});
