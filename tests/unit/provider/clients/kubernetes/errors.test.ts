import assert from "node:assert/strict";
import {
    isNotFound,
    toKubernetesError,
    type KubernetesFailure,
} from "../../../../../provider/clients/kubernetes/errors";
import { Secrets } from "../../../../../provider/support/secrets";

/** What the client library throws for an answer: it carries the headers of request and answer. */
function answer(code: number, body: unknown): Error {
    return Object.assign(new Error(`HTTP-Code: ${code}\nMessage: something\nBody: ${JSON.stringify(body)}`), {
        code,
        body,
        headers: { authorization: "Bearer canary-token" },
    });
}

const call = "get Application shop/shop";
const failure = (thrown: unknown) => toKubernetesError("east", call, thrown);

describe("what a failed call to a site's Kubernetes API is told as", () => {
    const cases: [string, unknown, KubernetesFailure, RegExp][] = [
        [
            "401",
            answer(401, {}),
            "unauthorized",
            /^the Kubernetes API of east refuses the credentials of its kubeconfig/,
        ],
        [
            "403",
            answer(403, { message: 'applications is forbidden: User "x" cannot list' }),
            "forbidden",
            /^east: the kubeconfig's user lacks a right; have an administrator apply what trident-dr-rbac prints for this stack \(docs\/permissions\.md\): applications is forbidden: User "x" cannot list$/,
        ],
        [
            "404",
            answer(404, { message: 'applications "shop" not found', details: { name: "shop", kind: "applications" } }),
            "not-found",
            /"shop" not found$/,
        ],
        ["409", answer(409, { message: "the object has been modified" }), "conflict", /the object has been modified$/],
        [
            "422",
            answer(422, { message: "spec.x: Invalid value" }),
            "rejected",
            /^east: get Application shop\/shop was refused: spec\.x: Invalid value$/,
        ],
        ...[
            "ValidatingAdmissionPolicy 'no-pods' with binding 'no-pods' denied request: no",
            'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
            "minimum memory usage per Pod is 1Gi, but request is 1Mi",
            "exceeded quota: frozen, requested: pods=1, used: pods=0, limited: pods=0",
        ].map((text): [string, unknown, KubernetesFailure, RegExp] => [
            `403 of admission, ${text.slice(0, 25)}`,
            answer(403, { message: `pods "shop-0" is forbidden: ${text}` }),
            "rejected",
            /^east: get Application shop\/shop was refused by the admission of its cluster: pods "shop-0" is forbidden: /,
        ]),
        ["500 with a text", answer(500, '{"message":"webhook says no"}'), "rejected", /webhook says no$/],
        [
            "a group that the server does not have",
            answer(404, "404 page not found\n"),
            "kind-missing",
            /^east: its cluster does not know the kind asked for .*; install Trident and Trident Protect/,
        ],
        [
            "a kind that its group does not have",
            answer(404, { message: "the server could not find the requested resource", details: {} }),
            "kind-missing",
            /^east: its cluster does not know the kind/,
        ],
        [
            "a refused connection",
            new Error("request to https://127.0.0.1:1/api failed, reason: connect ECONNREFUSED 127.0.0.1:1"),
            "unreachable",
            /^the Kubernetes API of east does not answer \(get Application shop\/shop: .*ECONNREFUSED/,
        ],
    ];
    for (const [name, thrown, kind, sentence] of cases) {
        it(`${name}: ${kind}`, () => {
            const error = failure(thrown);
            assert.equal(error.kind, kind);
            assert.match(error.message, sentence);
            assert.deepEqual([error.site, error.call], ["east", call]);
        });
    }

    for (const name of ["AbortError", "TimeoutError"]) {
        it(`${name}: no answer in time`, () => {
            const error = failure(Object.assign(new Error("The operation was aborted"), { name }));
            assert.equal(error.kind, "unreachable");
            assert.match(error.message, /no answer in time/);
        });
    }

    it("keeps one line, and nothing of the library's error but its sentence", () => {
        for (const [, thrown] of cases) {
            const error = failure(thrown);
            assert.ok(!error.message.includes("\n"), error.message);
            assert.ok(!JSON.stringify({ ...error, message: error.message }).includes("canary-token"));
            assert.equal(error.cause, undefined);
        }
    });

    it("quotes nothing that could not be parsed: a page that repeats the request, or what a plugin printed", () => {
        for (const text of ["canary-token", "<html>Authorization: Bearer canary-token</html>"]) {
            try {
                JSON.parse(text);
            } catch (error) {
                assert.match((error as Error).message, /canary|<html>/);
                assert.equal(
                    failure(error).message,
                    `the Kubernetes API of east does not answer (${call}: the answer, or what the kubeconfig's credential plugin printed, is not JSON)`,
                );
            }
        }
        assert.ok(!failure(answer(502, "<html>canary-token</html>")).message.includes("canary"));
    });

    it("takes secrets out of whatever it quotes, before it cuts", () => {
        const secrets = new Secrets(["canary\ntoken"]);
        for (const thrown of [
            answer(422, { message: "canary\ntoken" }),
            answer(500, '{"message":"canary\\ntoken"}'),
            new Error("request with canary\ntoken failed"),
            "canary\ntoken",
        ]) {
            const { message } = toKubernetesError("east", call, thrown, (text) => secrets.redact(text));
            assert.ok(!/canary|token/.test(message), message);
        }
    });

    describe("and whether the same call may succeed later", () => {
        const ofCode = (code: string) => Object.assign(new Error(code), { code });
        const busy = Object.assign(answer(429, { message: "too many" }), { headers: { "retry-after": "3" } });
        const passing: [string, unknown, object][] = [
            ["429", busy, { answered: true, notDone: true, retryAfter: 3_000 }],
            ["503", answer(503, { message: "etcdserver: leader changed" }), { answered: true, notDone: false }],
            [
                "etcd's 500",
                answer(500, { message: "etcdserver: request timed out" }),
                { answered: true, notDone: false },
            ],
            [
                "a webhook that did not answer",
                answer(500, { message: 'failed calling webhook "a": connection reset by peer' }),
                { answered: true, notDone: true },
            ],
            ["a refused connection", ofCode("ECONNREFUSED"), { answered: false, notDone: true }],
            ["a reset connection", ofCode("ECONNRESET"), { answered: false, notDone: false }],
        ];
        for (const [name, thrown, expected] of passing) {
            it(`${name}: it may`, () => assert.deepEqual(failure(thrown).passing, expected));
        }
        const lasting: [string, unknown][] = [
            ["a certificate that nobody vouches for", ofCode("DEPTH_ZERO_SELF_SIGNED_CERT")],
            ["an unknown host", ofCode("ENOTFOUND")],
            ["a missing right", answer(403, { message: "forbidden" })],
            ["a webhook that refuses", answer(500, { message: 'admission webhook "a" denied the request: no' })],
        ];
        for (const [name, thrown] of lasting) {
            it(`${name}: it may not`, () => assert.equal(failure(thrown).passing, undefined));
        }
    });

    it("does not take a webhook's refusal for a missing right", () => {
        const error = failure(answer(403, { message: 'admission webhook "a" denied the request: not yours' }));
        assert.equal(error.kind, "rejected");
        assert.match(error.message, /was refused by a webhook of its cluster: admission webhook "a" denied/);
    });

    it("takes whatever is thrown", () => {
        for (const thrown of [undefined, null, "text", 7, {}]) {
            assert.equal(failure(thrown).kind, "unreachable");
        }
    });

    it("takes a missing object for missing, and nothing else", () => {
        assert.equal(isNotFound(failure(answer(404, { message: "not found", details: { name: "shop" } }))), true);
        assert.equal(isNotFound(failure(cases[6]![1])), false);
        assert.equal(isNotFound(failure(answer(403, {}))), false);
        assert.equal(isNotFound(new Error("not found")), false);
    });
});
