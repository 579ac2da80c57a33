/** With the value 0, Node.js trusts any server wherever a program does not say otherwise. */
export const tlsVariable = "NODE_TLS_REJECT_UNAUTHORIZED";

/** Whether the environment turns the verification of certificates off. */
export function turnsVerificationOff(environment: NodeJS.ProcessEnv): boolean {
    return environment[tlsVariable] === "0";
}

/** What to do about it. */
export const tlsRemedy =
    `run "unset ${tlsVariable}" and then the same command again; the CA of a server of yours belongs in ` +
    "sites.<site>.ontap.certificate, sites.<site>.vault.rootCA or the kubeconfig";

/**
 * Throws if the environment turns verification off. Our own connections verify all the same; but whoever set it expects
 * that they do not, and the libraries and plugins around us go by it.
 */
export function refuseUnverified(environment: NodeJS.ProcessEnv): void {
    if (turnsVerificationOff(environment)) {
        const message =
            `${tlsVariable} is 0 in the environment of this run, so that passwords would go to any server that ` +
            `answers; nothing was read or changed; ${tlsRemedy}`;
        throw Object.assign(new Error(message), { stack: message });
    }
}
