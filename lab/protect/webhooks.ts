import { readFileSync } from "node:fs";
import fastify from "fastify";
import type { Cluster, KubeObject } from "../controllers";
import { messageOf } from "../controllers";
import type { SiteDescriptor } from "../site";
import { protectGroup, protectNamespace } from "./kinds";
import { type Rule, namedVaults, rules, vaultUsers } from "./rules";

/** The parts of an AdmissionReview that are used. */
interface AdmissionReview {
    apiVersion: string;
    kind: string;
    request: {
        uid: string;
        operation: string;
        userInfo: { username: string; uid?: string; groups?: string[] };
        object: KubeObject | null;
    };
}

const accessName = "vappvault-access";

const kind = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" };
const configurationName = "trident-protect-validating-webhook-configuration";

/**
 * Serves the admission webhooks and makes the API server call them. They fail closed: while this process is down, no
 * object of an application can be created, and no AppMirrorRelationship changed.
 */
export async function serveWebhooks(
    cluster: Cluster,
    webhook: SiteDescriptor["kubernetes"]["webhook"],
): Promise<{ stop(): Promise<void> }> {
    const server = fastify({
        bodyLimit: 8 * 1024 * 1024,
        forceCloseConnections: true,
        https: { cert: readFileSync(webhook.certFile), key: readFileSync(webhook.keyFile) },
    });
    for (const rule of rules) {
        answerAt(server, rule.name, async ({ object }) => (object === null ? [] : rule.check(object)));
    }
    answerAt(server, accessName, ({ object, userInfo }) =>
        object === null ? Promise.resolve([]) : forbiddenVaults(cluster, object, userInfo),
    );
    await server.listen({ host: webhook.host, port: webhook.port });
    await configure(cluster, webhook);
    return { stop: () => server.close() };
}

type Server = { post(path: string, handler: (request: { body: unknown }) => Promise<unknown>): unknown };

function answerAt(
    server: Server,
    name: string,
    check: (request: AdmissionReview["request"]) => Promise<string[]>,
): void {
    server.post(`/${name}`, async ({ body }) => {
        const { apiVersion, kind, request } = body as AdmissionReview;
        let problems: string[];
        try {
            problems = await check(request);
        } catch (error) {
            problems = [messageOf(error)];
        }
        const refusal = problems.length === 0 ? {} : { status: { code: 403, message: problems.join("; ") } };
        return { apiVersion, kind, response: { uid: request.uid, allowed: problems.length === 0, ...refusal } };
    });
}

/** AppVaults that the object names and its writer may not read. */
async function forbiddenVaults(
    cluster: Cluster,
    object: KubeObject,
    user: AdmissionReview["request"]["userInfo"],
): Promise<string[]> {
    const answers = await Promise.all(
        namedVaults(object).map(async (name) => {
            const review = await cluster.create<KubeObject>({
                apiVersion: "authorization.k8s.io/v1",
                kind: "SubjectAccessReview",
                metadata: { name: "" },
                spec: {
                    user: user.username,
                    uid: user.uid,
                    groups: user.groups,
                    resourceAttributes: {
                        group: protectGroup,
                        resource: "appvaults",
                        verb: "get",
                        namespace: protectNamespace,
                        name,
                    },
                },
            });
            return review.status?.allowed === true
                ? []
                : [`user ${user.username} may not get AppVault ${name} in namespace ${protectNamespace}`];
        }),
    );
    return answers.flat();
}

async function configure(cluster: Cluster, webhook: SiteDescriptor["kubernetes"]["webhook"]): Promise<void> {
    const caBundle = readFileSync(webhook.caFile).toString("base64");
    const access = { name: accessName, operations: ["CREATE", "UPDATE"], resources: vaultUsers } as const;
    const webhooks = [access, ...rules].map(({ name, operations, resources }: Omit<Rule, "check">) => ({
        name: `${name}.${protectGroup}`,
        admissionReviewVersions: ["v1"],
        clientConfig: { url: `https://${webhook.host}:${webhook.port}/${name}`, caBundle },
        failurePolicy: "Fail",
        matchPolicy: "Equivalent",
        sideEffects: "None",
        timeoutSeconds: 10,
        rules: [{ apiGroups: [protectGroup], apiVersions: ["v1"], operations, resources, scope: "*" }],
    }));
    const configuration = { ...kind, metadata: { name: configurationName }, webhooks };
    await cluster.serverSideApply(configuration as KubeObject, { fieldManager: "trident-protect" });
}
