import { isIP } from "node:net";

/** An IP address in one notation for all: `FD20:0::6` and `fd20::6` are the same. */
export function canonicalAddress(address: string): string {
    if (isIP(address) !== 6 || address.includes("%")) {
        return address;
    }
    return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** An address or host name as it stands in a URL: IPv6 in brackets. */
export function inUrl(host: string): string {
    return isIP(host) === 6 ? `[${host}]` : host;
}
