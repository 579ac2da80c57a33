import { strict as assert } from "node:assert";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import {
    tridentCertificateProblems,
    unverified,
    verificationProblems,
} from "../../../components/validation/tridentCertificate";
import type { OntapEndpoint } from "../../../provider/clients/ontap/endpoint";
import { Authority, selfSigned, type Subject } from "../../../lab/ontap";

describe("the certificate that Trident is given", () => {
    let folder: string;

    before(async () => (folder = await mkdtemp(path.join(os.tmpdir(), "trident-certificate-"))));
    after(() => rm(folder, { recursive: true, force: true }));

    const own = async (subject: Subject) => readFile((await selfSigned(folder, "own", subject)).certFile, "utf8");
    const problems = (url: string, certificate: string | undefined) =>
        tridentCertificateProblems("certificate", { url, certificate });

    it("may be a CA's, whatever that is called", async () => {
        const { certFile } = await Authority.create(folder, "authority");
        assert.deepEqual(problems("https://10.0.1.5", await readFile(certFile, "utf8")), []);
    });

    it("may be the array's own where it names the address that is connected to", async () => {
        const names = { commonName: "cluster", addresses: ["10.0.1.5", "fd20::5"], names: ["east.example"] };
        const certificate = await own(names);
        for (const url of ["https://10.0.1.5:8443", "https://[fd20:0::5]", "https://east.example"]) {
            assert.deepEqual(problems(url, certificate), [], url);
        }
        const [problem] = problems("https://10.0.1.6", certificate);
        assert.match(problem!.expected, /^the certificate of a CA, or one with 10\.0\.1\.6 among its subjectAltNames/);
        assert.match(problem!.found, /CN=cluster for .*10\.0\.1\.5/);
    });

    it("is refused where it has a common name alone, as a factory certificate has", async () => {
        const certificate = await own({ commonName: "east.example" });
        const [problem] = problems("https://east.example", certificate);
        assert.match(problem!.found, /^a certificate of CN=east\.example for no address$/);
    });

    it("is no matter here where there is none, or one that cannot be read", () => {
        assert.deepEqual(problems("https://10.0.1.5", undefined), []);
        assert.deepEqual(problems("https://10.0.1.5", "no certificate"), []);
    });

    it("is warned about where it is missing, as is verification that is turned off", () => {
        const url = "https://10.0.1.5";
        const told = (endpoint: OntapEndpoint) => unverified("east", endpoint, endpoint);
        assert.deepEqual(told({ url, certificate: "some" }), []);
        assert.deepEqual(unverified("east", { url }, undefined), [], "somebody else's backend");
        assert.match(told({ url }).join(), /^east: no certificate is given .* is sent Trident's password/);
        assert.equal(told({ url, verification: "none" }).length, 2);
    });

    it("is not given beside verification that is turned off", () => {
        const [problem] = verificationProblems("verification", { verification: "none", certificate: "some" });
        assert.match(problem!.found, /^none, beside a certificate/);
        for (const good of [{ verification: "none" }, { verification: "verify", certificate: "some" }, {}]) {
            assert.deepEqual(verificationProblems("verification", good), []);
        }
    });
});
