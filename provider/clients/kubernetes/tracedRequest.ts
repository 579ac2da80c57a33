import type { RequestContext, ResponseContext } from "@kubernetes/client-node";
import { span } from "../../support/trace";

/** One request of the library as a span of the trace, in the API's own verbs. */
export function tracedRequest(
    site: string,
    request: RequestContext,
    send: () => Promise<ResponseContext>,
): Promise<ResponseContext> {
    const { host, pathname: path } = new URL(request.getUrl());
    const verb = verbOf(String(request.getHttpMethod()), path, contentTypeOf(request));
    const about = { site, target: "kubernetes", server: host, verb, path } as const;
    return span(`${verb} ${path}`, "request", about, async (note) => {
        const response = await send();
        note({ status: response.httpStatusCode });
        return response;
    });
}

/**
 * As roles and audit logs have it. `discover` is what the library asks before the first request for a kind: which
 * resources there are.
 */
export function verbOf(method: string, path: string, contentType: string): string {
    switch (method) {
        case "POST":
            return "create";
        case "PATCH":
            return contentType.includes("apply-patch") ? "apply" : "patch";
        case "GET":
            return verbOfRead(path);
        default:
            return method.toLowerCase();
    }
}

/** Groups may stand behind a prefix, where several clusters share one address. */
const resourcePath =
    /\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+(?=\/[^/]))?(?<resource>\/[^/]+(?<name>\/.+)?)?\/?$/;

function verbOfRead(path: string): string {
    const { resource, name } = resourcePath.exec(path)?.groups ?? {};
    if (resource === undefined) {
        return /\/apis?(?:\/|$)/.test(path) ? "discover" : "get";
    }
    return name === undefined ? "list" : "get";
}

function contentTypeOf(request: RequestContext): string {
    const headers = Object.entries(request.getHeaders());
    return headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
}
