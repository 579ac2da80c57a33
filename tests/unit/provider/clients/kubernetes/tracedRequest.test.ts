import assert from "node:assert/strict";
import { verbOf } from "../../../../../provider/clients/kubernetes/tracedRequest";

describe("the verb of a traced request", () => {
    const group = "/apis/protect.trident.netapp.io/v1";
    for (const [method, path, verb] of [
        ["GET", "/version", "get"],
        ["GET", "/openapi/v3/apis/protect.trident.netapp.io/v1", "get"],
        ["GET", "/api/v1/namespaces", "list"],
        ["GET", "/api/v1/namespaces/shop", "get"],
        ["GET", "/api/v1/namespaces/shop/pods", "list"],
        ["GET", `${group}/namespaces/shop/appmirrorrelationships/shop`, "get"],
        ["GET", `/k8s/clusters/c-1${group}/appvaults`, "list"],
        ["POST", `${group}/namespaces/shop/snapshots`, "create"],
        ["PATCH", `${group}/namespaces/shop/snapshots/one`, "patch"],
        ["DELETE", `${group}/namespaces/shop/snapshots/one`, "delete"],
    ] as const) {
        it(`of ${method} ${path} is ${verb}`, () => {
            assert.equal(verbOf(method, path, ""), verb);
        });
    }

    it("of a server-side apply is its own", () => {
        assert.equal(verbOf("PATCH", "/api/v1/namespaces/shop", "application/apply-patch+yaml"), "apply");
    });
});
