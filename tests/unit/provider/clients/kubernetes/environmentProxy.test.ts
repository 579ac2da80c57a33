import assert from "node:assert/strict";
import { environmentProxy } from "../../../../../provider/clients/kubernetes/environmentProxy";

const proxy = "http://proxy.example:3128";

describe("the proxy of the environment", () => {
    it("is that of the server's scheme, in either case of the letters", () => {
        const environment = { HTTPS_PROXY: proxy, http_proxy: "http://other.example:80" };
        assert.equal(environmentProxy("https://api.example:6443", environment), proxy);
        assert.equal(environmentProxy("http://api.example", environment), "http://other.example:80");
        assert.equal(environmentProxy("https://api.example:6443", { https_proxy: proxy }), proxy);
        assert.equal(environmentProxy("https://api.example:6443", { HTTP_PROXY: proxy }), undefined);
        assert.equal(environmentProxy("https://api.example:6443", {}), undefined);
        assert.equal(environmentProxy("no server", { HTTPS_PROXY: proxy }), undefined);
    });

    it("speaks http where no scheme is given", () => {
        assert.equal(environmentProxy("https://api.example", { HTTPS_PROXY: "proxy.example:3128" }), proxy);
    });

    it("never leads to this machine itself", () => {
        for (const host of ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"]) {
            assert.equal(environmentProxy(`https://${host}:6443`, { HTTPS_PROXY: proxy }), undefined, host);
        }
    });

    const excluded: [string, string, boolean][] = [
        ["*", "api.example", true],
        ["api.example", "api.example", true],
        ["example", "api.example", true],
        ["xample", "api.example", false],
        [".example", "api.example", true],
        ["*.example", "api.example", true],
        [".api.example", "api.example", false],
        ["API.example", "api.example", true],
        ["other.example, api.example", "api.example", true],
        ["api.example:6443", "api.example", true],
        ["api.example:443", "api.example", false],
        ["10.1.2.3", "10.1.2.3", true],
        ["10.1.2.3:6443", "10.1.2.3", true],
        ["10.1.2.3:443", "10.1.2.3", false],
        ["10.0.0.0/8", "10.1.2.3", true],
        ["192.168.0.0/16", "10.1.2.3", false],
        ["10.0.0.0/99", "10.1.2.3", false],
        ["10.0.0.0/8", "api.example", false],
        ["fd20::/16", "[fd20::5]", true],
        ["fd20:0::5", "[fd20::5]", true],
        ["[fd20::5]:6443", "[fd20::5]", true],
        ["fd21::/16", "[fd20::5]", false],
        ["", "api.example", false],
        [" , ", "api.example", false],
    ];
    for (const [noProxy, host, is] of excluded) {
        it(`${is ? "is not used for" : "is used for"} ${host} with NO_PROXY ${JSON.stringify(noProxy)}`, () => {
            const found = environmentProxy(`https://${host}:6443`, { HTTPS_PROXY: proxy, NO_PROXY: noProxy });
            assert.equal(found, is ? undefined : proxy);
        });
    }
});
