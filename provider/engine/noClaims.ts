import type { Step } from "../roles/steps";

type ClaimStep = Extract<Step, { do: "claim" }>;

/**
 * In the place of claims where there is no vault: the records alone decide who began an epoch, and of two runs at both
 * sites at the same instant neither is told of the other.
 */
export class NoClaims {
    readonly unguarded =
        "no vault is given: epochs are not claimed, and runs at both sites at the same instant are not guarded against each other";

    constructor(private readonly application: string) {}

    callsOf(step: ClaimStep): string[] {
        return [`without a vault: epoch ${step.epoch} of ${this.application} is begun by the record alone`];
    }

    left(): Promise<number[]> {
        return Promise.resolve([]);
    }

    callsOfForgetting(): string[] {
        return [];
    }

    forget(): Promise<void> {
        return Promise.resolve();
    }

    claim(): Promise<{ guarded: boolean }> {
        return Promise.resolve({ guarded: false });
    }
}
