import { isDeepStrictEqual } from "node:util";
import { holdsUnknown } from "../support/unknown";
import type { CreateResult, DiffResult, UpdateResult } from "./results";

/** What the MirroredObject resource does: it remembers which object it names, and nothing else. */
export class MirroredObjectHandler {
    diff(_id: string, olds: unknown, news: unknown): Promise<DiffResult> {
        return Promise.resolve({ changes: holdsUnknown(news) || !isDeepStrictEqual(named(olds), named(news)) });
    }

    create(inputs: unknown): Promise<CreateResult<unknown>> {
        const { kind, namespace, name } = named(inputs);
        return Promise.resolve({ id: `${String(kind)}/${String(namespace)}/${String(name)}`, outs: inputs });
    }

    update(_id: string, _olds: unknown, news: unknown): Promise<UpdateResult<unknown>> {
        return Promise.resolve({ outs: news });
    }
}

/** States of earlier versions have the object's spec as well: that it is gone is no change to show. */
function named(properties: unknown) {
    const { kind, namespace, name } = properties as Record<string, unknown>;
    return { kind, namespace, name };
}
