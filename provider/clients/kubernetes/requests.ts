import {
    HttpMethod,
    IsomorphicFetchHttpLibrary,
    type KubeConfig,
    RequestContext,
    type ResponseContext,
} from "@kubernetes/client-node";
import type { Secrets } from "../../support/secrets";
import { limited } from "./answers";
import { keepAuthorization } from "./kubeconfig";
import type { Pace } from "./pace";
import { tracedRequest } from "./tracedRequest";

/** A request to an API server. */
export interface ApiRequest {
    method: "GET" | "POST" | "PATCH" | "DELETE";
    /** Below the server's URL. */
    path: string;
    query?: Readonly<Record<string, string | undefined>>;
    body?: unknown;
    /** Default `application/json`. */
    contentType?: string;
    /** Milliseconds, with what authenticating takes. Default: as long as its method may take once it is sent. */
    budget?: number;
}

/** Sends a request; the answer as JSON. What is no success is thrown, with `code`, `headers` and `body`. */
export type Send = (request: ApiRequest) => Promise<unknown>;

/**
 * How an API server is asked. The library authenticates and sends; its calls for objects are not used, since they look
 * each kind up before they ask for an object of it, and load a class for each kind of Kubernetes'.
 */
export function sending(site: string, config: KubeConfig, secrets: Secrets, pace: Pick<Pace, "read" | "write">): Send {
    const http = new IsomorphicFetchHttpLibrary();
    return async ({ method, path, query = {}, body, contentType, budget }) => {
        const over = budget === undefined ? undefined : AbortSignal.timeout(budget);
        const request = new RequestContext(`${config.getCurrentCluster()?.server ?? ""}${path}`, HttpMethod[method]);
        for (const [name, value] of Object.entries(query)) {
            if (value !== undefined) {
                request.setQueryParam(name, value);
            }
        }
        request.setHeaderParam("Accept", "application/json");
        if (body !== undefined) {
            request.setHeaderParam("Content-Type", contentType ?? "application/json");
            request.setBody(JSON.stringify(body));
        }
        await config.applySecurityAuthentication(request);
        keepAuthorization(secrets, request.getHeaders());
        // Its time begins when it is sent: a credential plugin has a time of its own.
        request.setSignal(over ?? AbortSignal.timeout(method === "GET" ? pace.read : pace.write));
        const answer = await tracedRequest(site, request, () => http.send(request).toPromise());
        return answerIn(limited(withoutPages(answer)));
    };
}

async function answerIn({ httpStatusCode: code, headers, body }: ResponseContext): Promise<unknown> {
    const text = await body.text();
    if (code < 200 || code >= 300) {
        throw Object.assign(new Error(`HTTP ${code}`), { code, headers, body: text });
    }
    return JSON.parse(text) as unknown;
}

/** What stands in front of an API server answers for it with a page, of which nothing is shown. */
function withoutPages(response: ResponseContext): ResponseContext {
    const { httpStatusCode: code, headers } = response;
    const isPage = !/json/.test(headers["content-type"] ?? "");
    if (isPage && (code === 429 || code >= 500)) {
        const words = "the answer is not the API server's own";
        throw Object.assign(new Error(words), { code, body: { message: words }, headers });
    }
    return response;
}
