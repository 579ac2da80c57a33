import { createHash, createHmac } from "node:crypto";

/** A request as its signature covers it (AWS Signature Version 4). */
export interface Signed {
    method: string;
    /** Path and query as they are sent. */
    url: string;
    /** Lower-case names; those that are signed, and no others. */
    headers: Readonly<Record<string, string>>;
    /** As in `x-amz-content-sha256`. */
    payload: string;
    /** As in `x-amz-date`. */
    time: string;
    region: string;
}

/** What an `Authorization` header says of itself. */
export interface Authorization {
    accessKey: string;
    region: string;
    signedHeaders: string[];
    signature: string;
}

export function parseAuthorization(header: string | undefined): Authorization | undefined {
    const match =
        /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
            header ?? "",
        );
    return match === null
        ? undefined
        : {
              accessKey: match[1]!,
              region: match[2]!,
              signedHeaders: match[3]!.split(";"),
              signature: match[4]!,
          };
}

export function authorizationOf(request: Signed, accessKey: string, secretKey: string): string {
    const names = Object.keys(request.headers).sort().join(";");
    const signature = signatureOf(request, secretKey);
    return `AWS4-HMAC-SHA256 Credential=${accessKey}/${scopeOf(request)}, SignedHeaders=${names}, Signature=${signature}`;
}

export function signatureOf(request: Signed, secretKey: string): string {
    const { method, url, headers, payload, time, region } = request;
    const [path = "", query = ""] = url.split("?");
    const parameters = query.split("&").filter((one) => one !== "");
    const names = Object.keys(headers).sort();
    const canonical = [
        method,
        path,
        parameters
            .map((one) => (one.includes("=") ? one : `${one}=`))
            .sort()
            .join("&"),
        ...names.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, " ")}`),
        "",
        names.join(";"),
        payload,
    ].join("\n");
    const digest = createHash("sha256").update(canonical).digest("hex");
    const key = [time.slice(0, 8), region, "s3", "aws4_request"].reduce<string | Buffer>(
        (secret, part) => createHmac("sha256", secret).update(part).digest(),
        `AWS4${secretKey}`,
    );
    const text = ["AWS4-HMAC-SHA256", time, scopeOf(request), digest].join("\n");
    return createHmac("sha256", key).update(text).digest("hex");
}

function scopeOf({ time, region }: Signed): string {
    return `${time.slice(0, 8)}/${region}/s3/aws4_request`;
}
