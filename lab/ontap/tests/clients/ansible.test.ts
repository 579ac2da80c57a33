import { Sites } from "./fixture";

describe("ONTAP simulator: Ansible's collection netapp.ontap", () => {
    let sites: Sites;

    before(async function () {
        // The first time on a machine, Ansible is downloaded.
        this.timeout(900_000);
        sites = await Sites.start();
    });
    after(() => sites.close());

    it("peers, mirrors, breaks, turns round and takes everything away, and changes nothing twice", async function () {
        // Half a minute of it is sleep: the module for SnapMirror waits ten seconds after each pause.
        this.timeout(900_000);
        Sites.passed(await sites.python.playbook("circle.yml", sites.forAnsible(), sites.folder));
    });

    it("was answered as the official schemas say, field for field", async function () {
        this.timeout(300_000);
        await sites.judge();
    });
});
