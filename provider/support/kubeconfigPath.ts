/** Bytes of a path, and of each name in it, on every system that this runs on. */
const longestPath = 4_096;
const longestName = 255;

/**
 * What stands where the path of a kubeconfig belongs, if it can be none, in words that show nothing of it: Pulumi's
 * Kubernetes provider also accepts a kubeconfig's contents there, and those are credentials. Undefined for a path.
 */
export function kubeconfigPathProblem(value: string): string | undefined {
    // Any text decodes to something; only what says so is a kubeconfig.
    if (looksLikeContents(value) || namesItsKeys(Buffer.from(value, "base64").toString("utf8"))) {
        return "what seems to be the contents of one (not shown). Make them the secret `kubeconfig` of the stack, or write them to a file that only its owner can read, and give its path";
    }
    // A list of paths, in KUBECONFIG, is as long as it is.
    const paths = value.split(":");
    const isPath = paths.every((path) => path.length <= longestPath && path.split("/").every(isName));
    return isPath ? undefined : "a text that cannot be one (not shown)";
}

/** What is found in place of a kubeconfig's contents, in words that show nothing of it. Undefined for contents. */
export function kubeconfigContentsProblem(value: string): string | undefined {
    return namesItsKeys(value) ? undefined : "a text without clusters, users and contexts (not shown)";
}

function looksLikeContents(text: string): boolean {
    return /[\r\n]/.test(text.trim()) || /^\s*[{[]/.test(text) || namesItsKeys(text);
}

function namesItsKeys(text: string): boolean {
    return /\b(apiVersion|clusters|users|contexts)["']?\s*:/.test(text);
}

function isName(name: string): boolean {
    return Buffer.byteLength(name) <= longestName && !/[\u0000-\u001f\u007f]/.test(name);
}
