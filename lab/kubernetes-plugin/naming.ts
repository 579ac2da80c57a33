import { createHash, randomBytes } from "node:crypto";

/** A unique name: the prefix and eight hexadecimal digits, which depend on the seed alone where there is one. */
export function uniqueName(prefix: string, seed: Uint8Array): string {
    const digits =
        seed.length > 0
            ? createHash("sha256").update(prefix).update(seed).digest("hex")
            : randomBytes(4).toString("hex");
    return prefix + digits.slice(0, 8);
}

/** The parts of a URN that matter here: `urn:pulumi:<stack>::<project>::<parent types$><type>::<name>`. */
export function parseUrn(urn: string): { type: string; kind: string; apiVersion: string; name: string } {
    const [, , qualifiedType = "", ...name] = urn.split("::");
    const type = qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
    const [, module = "", kind = ""] = type.split(":");
    return {
        type,
        kind,
        apiVersion: module.startsWith("core/") ? module.slice("core/".length) : module,
        name: name.join("::"),
    };
}
