import { isIP } from "node:net";
import { certificatesOf } from "../../provider/clients/ontap/endpoint";
import { kubeconfigPathProblem } from "../../provider/support/kubeconfigPath";
import { describe, didYouMean, type Problem } from "./problems";

/**
 * Checks of single values. Each takes a key and the value as it was written, of whatever type it may be, and returns the
 * problems it finds: an empty list for a valid value.
 */

/** An RFC 1123 label, as Kubernetes requires for the name of a namespace. */
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** Characters. */
export const longestObjectName = 253;
const labelLimit = 63;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The cluster's own namespaces. Trident Protect rejects applications in its own. */
const ownNamespaces = ["trident", "trident-protect", "kube-system", "kube-public", "kube-node-lease"];

/** The name of a site or a protected item: it becomes part of the names of Kubernetes objects. */
export function nameProblems(key: string, value: unknown, what: string): Problem[] {
    return isLabel(value)
        ? []
        : [
              {
                  key,
                  expected: `${what}: lower-case letters, digits and "-", at most ${labelLimit}`,
                  found: describe(value),
              },
          ];
}

/** The name of a Kubernetes object: an RFC 1123 subdomain. */
export function objectNameProblems(key: string, value: unknown, longest = longestObjectName): Problem[] {
    return typeof value === "string" && value.length <= longest && subdomain.test(value)
        ? []
        : [
              {
                  key,
                  expected: `the name of a Kubernetes object: lower-case letters, digits, "-" and ".", at most ${longest}`,
                  found: describe(value),
              },
          ];
}

export function namespaceProblems(key: string, value: unknown): Problem[] {
    // An Application requires two characters (docs/facts/trident-protect.md#application), Kubernetes one.
    if (!isLabel(value) || value.length < 2) {
        return [
            {
                key,
                expected: `the name of a namespace: 2 to ${labelLimit} lower-case letters, digits and "-", with a letter or digit at both ends`,
                found: describe(value),
            },
        ];
    }
    return ownNamespaces.includes(value)
        ? [{ key, expected: "a namespace of the application, none of the cluster's own", found: describe(value) }]
        : [];
}

/** Trident Protect's own namespace is allowed for records: no application is in it. */
export function recordNamespaceProblems(key: string, value: unknown): Problem[] {
    return value === "trident-protect" ? [] : namespaceProblems(key, value);
}

/** What stands before the colon of a key in a stack's configuration: a project's name, most often. */
export function configNamespaceProblems(key: string, value: unknown): Problem[] {
    return typeof value === "string" && /^[A-Za-z0-9_.-]{1,100}$/.test(value)
        ? []
        : [{ key, expected: "what stands before the colon of keys, such as acme-dr", found: describe(value) }];
}

/** `value` must be one of `candidates`. */
export function oneOfProblems(key: string, value: unknown, candidates: readonly string[]): Problem[] {
    return typeof value === "string" && candidates.includes(value)
        ? []
        : [
              {
                  key,
                  expected: `one of ${candidates.join(", ")}`,
                  found: describe(value) + didYouMean(value, candidates),
              },
          ];
}

/** A URL such as `https://10.0.0.5`: https, a host, perhaps a port, nothing else. */
export function httpsUrlProblems(key: string, value: unknown): Problem[] {
    const expected = "an https URL of host and, if need be, port, such as https://10.0.0.5";
    if (typeof value !== "string" || !URL.canParse(value)) {
        return [{ key, expected, found: describe(value) }];
    }
    const url = new URL(value);
    if (url.username !== "" || url.password !== "") {
        return [{ key, expected: `${expected}, without credentials`, found: "a URL with credentials (not shown)" }];
    }
    const bare = url.pathname === "/" && url.search === "" && url.hash === "" && url.hostname !== "";
    return url.protocol === "https:" && bare ? [] : [{ key, expected, found: describe(value) }];
}

/** `host` or `host:port`, without a scheme, as in the endpoint of an AppVault. */
export function hostProblems(key: string, value: unknown): Problem[] {
    const expected = "a host, or host:port, without a scheme";
    if (typeof value !== "string" || value === "") {
        return [{ key, expected, found: describe(value) }];
    }
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(value);
    if (scheme !== null) {
        const rest = value.slice(scheme[0].length).replace(/\/+$/, "");
        return [{ key, expected: `${expected}: ${JSON.stringify(rest)}`, found: describe(value) }];
    }
    return isHost(value) ? [] : [{ key, expected, found: describe(value) }];
}

/** An IPv4 or IPv6 address. */
export function addressProblems(key: string, value: unknown): Problem[] {
    return typeof value === "string" && isIP(value) !== 0
        ? []
        : [{ key, expected: "an IP address", found: describe(value) }];
}

/** The path of a kubeconfig. Its contents are not accepted: they would stand in configuration and state in plain text. */
export function kubeconfigProblems(key: string, value: unknown): Problem[] {
    const expected = "the path of a kubeconfig";
    if (typeof value !== "string" || value === "") {
        return [{ key, expected, found: describe(value) }];
    }
    const found = kubeconfigPathProblem(value);
    return found === undefined ? [] : [{ key, expected, found }];
}

/** One or more certificates in PEM form. */
export function certificateProblems(key: string, value: unknown): Problem[] {
    try {
        certificatesOf(value as string);
        return [];
    } catch {
        return [{ key, expected: "a certificate in PEM form (-----BEGIN CERTIFICATE-----)", found: describe(value) }];
    }
}

/** A whole number within limits, which are part of it. */
export function wholeNumberProblems(key: string, value: unknown, least: number, most: number): Problem[] {
    return Number.isInteger(value) && Number(value) >= least && Number(value) <= most
        ? []
        : [{ key, expected: `a whole number from ${least} to ${most}`, found: describe(value) }];
}

/** A time span such as `90s`, `30m` or `4h`. */
export function durationProblems(key: string, value: unknown): Problem[] {
    return typeof value === "string" && /^[1-9][0-9]*(s|m|h)$/.test(value)
        ? []
        : [{ key, expected: "a time span such as 30s, 10m or 2h", found: describe(value) }];
}

export function nonEmptyStringProblems(key: string, value: unknown): Problem[] {
    return typeof value === "string" && value !== ""
        ? []
        : [{ key, expected: "a non-empty string", found: describe(value) }];
}

export function booleanProblems(key: string, value: unknown): Problem[] {
    return typeof value === "boolean" ? [] : [{ key, expected: "true or false", found: describe(value) }];
}

function isLabel(value: unknown): value is string {
    return typeof value === "string" && value.length <= labelLimit && label.test(value);
}

function isHost(value: string): boolean {
    if (isIP(value) !== 0) {
        return true;
    }
    const match = /^(\[[0-9a-f:.]+\]|[a-z0-9]([-a-z0-9.]*[a-z0-9])?)(:(\d{1,5}))?$/i.exec(value);
    return match !== null && Number(match[4] ?? 1) >= 1 && Number(match[4] ?? 1) <= 65535;
}
