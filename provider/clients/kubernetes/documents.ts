import { type Configuration, HttpMethod } from "@kubernetes/client-node";

/** A request for what is no object, which the library has no call for; its answer as JSON. */
export async function requestDocument(client: Configuration, method: "GET", path: string): Promise<unknown> {
    const request = client.baseServer.makeRequestContext(path, HttpMethod[method]);
    request.setHeaderParam("Accept", "application/json");
    await client.authMethods.default?.applySecurityAuthentication(request);
    const { httpStatusCode: code, headers, body } = await client.httpApi.send(request).toPromise();
    const text = await body.text();
    if (code < 200 || code >= 300) {
        throw Object.assign(new Error(`HTTP ${code}`), { code, headers, body: text });
    }
    return JSON.parse(text) as unknown;
}
