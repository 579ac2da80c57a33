import type { Cluster, Kind, KubeObject, Ref } from "../../../../lab/controllers";

/** Watches one object until it is as wanted; undefined stands for an object that is not there. */
export async function until<T extends KubeObject>(
    cluster: Cluster,
    kind: Kind,
    ref: Ref,
    wanted: (object: T | undefined) => boolean,
    timeoutMs = 20_000,
): Promise<T | undefined> {
    let last: T | undefined;
    let stop: () => void = () => undefined;
    try {
        return await new Promise<T | undefined>((resolve, reject) => {
            const timer = setTimeout(() => {
                reject(new Error(`${kind.kind} ${ref.name} is not as wanted: ${JSON.stringify(last, undefined, 2)}`));
            }, timeoutMs);
            const look = (object: T | undefined): void => {
                last = object;
                if (wanted(object)) {
                    clearTimeout(timer);
                    resolve(object);
                }
            };
            const watching = cluster.watch<T>(
                kind,
                { add: look, update: look, delete: () => look(undefined) },
                { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}` },
            );
            stop = () => {
                clearTimeout(timer);
                watching.stop();
            };
            void watching.synced.then(() => last === undefined && look(undefined));
        });
    } finally {
        stop();
    }
}

/** Asks again and again, for what no watch tells. */
export async function eventually<T>(look: () => Promise<T | undefined>, timeoutMs = 20_000): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
        const found = await look();
        if (found !== undefined) {
            return found;
        }
        if (Date.now() > deadline) {
            throw new Error(`Not so after ${timeoutMs} ms: ${look.toString()}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
