import { type Configuration, HttpMethod } from "@kubernetes/client-node";

/**
 * A request for what is no object, which the library has no call for; its answer as JSON.
 *
 * @param signal ends the request. Default: once it takes longer than its method may
 */
export async function requestDocument(
    client: Configuration,
    method: "GET" | "POST",
    path: string,
    { body: sent, signal }: { body?: unknown; signal?: AbortSignal } = {},
): Promise<unknown> {
    const request = client.baseServer.makeRequestContext(path, HttpMethod[method]);
    request.setHeaderParam("Accept", "application/json");
    if (sent !== undefined) {
        request.setHeaderParam("Content-Type", "application/json");
        request.setBody(JSON.stringify(sent));
    }
    if (signal !== undefined) {
        request.setSignal(signal);
    }
    await client.authMethods.default?.applySecurityAuthentication(request);
    const { httpStatusCode: code, headers, body } = await client.httpApi.send(request).toPromise();
    const text = await body.text();
    if (code < 200 || code >= 300) {
        throw Object.assign(new Error(`HTTP ${code}`), { code, headers, body: text });
    }
    return JSON.parse(text) as unknown;
}
