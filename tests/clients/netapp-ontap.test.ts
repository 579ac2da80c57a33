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
        this.timeout(180_000);
        Sites.passed(await sites.python.script("circle.py", [await sites.file()]));
    });

    it("was answered as its schemas say, field for field", async function () {
        this.timeout(60_000);
        await sites.judge();
    });
});
