import assert from "node:assert/strict";
import { kubeconfigPathProblem } from "../../../../provider/support/kubeconfigPath";

const contents = [
    "apiVersion: v1",
    "kind: Config",
    "clusters: [{name: east, cluster: {server: https://10.0.0.1:6443}}]",
    "users: [{name: dr, user: {token: canary-token}}]",
].join("\n");

describe("what stands where the path of a kubeconfig belongs", () => {
    for (const path of [
        "/etc/kubernetes/east.conf",
        "east.kubeconfig",
        "~/.kube/config",
        "C:\\Users\\ops\\.kube\\config",
        "/a:/b:/c",
        "/srv/users/clusters/contexts/apiVersion",
        ...Array.from({ length: 64 }, (_, index) => `/srv/k${index}/kubeconfig-${index * 7919}`),
    ]) {
        it(`may be ${path}`, () => assert.equal(kubeconfigPathProblem(path), undefined));
    }

    const refused: Record<string, string> = {
        contents,
        "contents in one line": contents.replaceAll("\n", " "),
        "contents as JSON": '{"apiVersion":"v1","users":[{"user":{"token":"canary-token"}}]}',
        "contents in base64": Buffer.from(contents).toString("base64"),
        "JSON that is no kubeconfig": '{"token":"canary-token"}',
        "a name that is too long": "canary-token".repeat(30),
        "a control character": "/canary-token\u001b[2J",
    };
    for (const [what, value] of Object.entries(refused)) {
        it(`is not ${what}, of which nothing is shown`, () => {
            const problem = kubeconfigPathProblem(value);
            assert.match(problem ?? "", /not shown/);
            assert.doesNotMatch(problem ?? "", /canary/);
        });
    }
});
