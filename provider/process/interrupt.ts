import { ProviderProcess } from "./providerProcess";

/** The process of handlers that are not given one: `index.ts` has it listen. */
export const sharedProcess = new ProviderProcess();

export const interrupted = sharedProcess.interrupted;

export function uninterrupted<T>(run: () => Promise<T>): Promise<T> {
    return sharedProcess.uninterrupted(run);
}
