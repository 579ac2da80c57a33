import { BlockList, isIP } from "node:net";

/**
 * The proxy by which `kubectl` and Pulumi's own Kubernetes provider would reach a server: `HTTPS_PROXY` (`HTTP_PROXY` for
 * an http server), unless `NO_PROXY` excludes it. Undefined where they would connect to it directly.
 *
 * The rules are those of Go's `golang.org/x/net/http/httpproxy`, which both of them go by. The packages for Node.js know
 * no networks (`10.0.0.0/8`) in `NO_PROXY`, and would send there what the other two do not.
 */
export function environmentProxy(server: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
    if (!URL.canParse(server)) {
        return undefined;
    }
    const target = targetOf(new URL(server));
    const proxy = variable(environment, `${target.scheme}_proxy`);
    const exclusions = (variable(environment, "no_proxy") ?? "").split(",").map((entry) => entry.trim().toLowerCase());
    return proxy === undefined || isLoopback(target.host) || exclusions.some((entry) => excludes(entry, target))
        ? undefined
        : /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy)
          ? proxy
          : `http://${proxy}`;
}

interface Target {
    scheme: string;
    host: string;
    port: number;
}

function targetOf({ protocol, hostname, port }: URL): Target {
    const scheme = protocol.slice(0, -1);
    return {
        scheme,
        host: hostname.replace(/^\[|\]$/g, "").toLowerCase(),
        port: port === "" ? (scheme === "http" ? 80 : 443) : Number(port),
    };
}

function variable(environment: NodeJS.ProcessEnv, name: string): string | undefined {
    return environment[name.toUpperCase()] || environment[name] || undefined;
}

function isLoopback(host: string): boolean {
    return host === "localhost" || isIn(host, "127.0.0.0", 8) || (isIP(host) === 6 && isIn(host, "::1", 128));
}

/** `*`, an address, a network, or a domain: `example.com` with what is below it, `.example.com` only that. */
function excludes(entry: string, { host, port }: Target): boolean {
    if (entry === "" || entry === "*") {
        return entry === "*";
    }
    const network = /^(.+)\/(\d{1,3})$/.exec(entry);
    if (network !== null) {
        return isIn(host, network[1]!, Number(network[2]));
    }
    const { name, only } = withoutPort(entry);
    if (only !== undefined && only !== port) {
        return false;
    }
    if (isIP(name) !== 0) {
        return isIP(host) !== 0 && isIn(host, name, isIP(name) === 4 ? 32 : 128);
    }
    const domain = name.replace(/^\*(?=\.)/, "");
    return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** Of `name`, `name:port`, `address`, `[address]` and `[address]:port`. */
function withoutPort(entry: string): { name: string; only?: number } {
    if (isIP(entry) !== 0) {
        return { name: entry };
    }
    const [, bracketed, plain, port] = /^(?:\[(.+)\]|(.+?))(?::(\d+))?$/.exec(entry) ?? [];
    const name = bracketed ?? plain ?? entry;
    return port === undefined ? { name } : { name, only: Number(port) };
}

function isIn(host: string, network: string, prefix: number): boolean {
    const family = isIP(network);
    if (family === 0 || isIP(host) !== family || prefix > (family === 4 ? 32 : 128)) {
        return false;
    }
    const type = family === 4 ? "ipv4" : "ipv6";
    const list = new BlockList();
    list.addSubnet(network, prefix, type);
    return list.check(host, type);
}
