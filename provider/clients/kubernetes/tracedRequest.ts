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

/** As roles and audit logs have it. */
export function verbOf(method: string, path: string, contentType: string): string {
    switch (method) {
        case "POST":
            return "create";
        case "PATCH":
            return contentType.includes("apply-patch") ? "apply" : "patch";
        case "GET":
            return isList(path) ? "list" : "get";
        default:
            return method.toLowerCase();
    }
}

/** Groups may stand behind a prefix, where several clusters share one address. */
const resourcePath =
    /\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+(?=\/[^/]))?(?<resource>\/[^/]+(?<name>\/.+)?)?\/?$/;

function isList(path: string): boolean {
    const { resource, name } = resourcePath.exec(path)?.groups ?? {};
    return resource !== undefined && name === undefined;
}

function contentTypeOf(request: RequestContext): string {
    const headers = Object.entries(request.getHeaders());
    return headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
}
