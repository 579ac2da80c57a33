import { isDeepStrictEqual } from "node:util";
import { holdsUnknown } from "../support/unknown";
import type { CreateResult, DiffResult, UpdateResult } from "./results";

/** What the MirroredObject resource does: it remembers what the role left, and nothing else. */
export class MirroredObjectHandler {
    diff(_id: string, olds: unknown, news: unknown): Promise<DiffResult> {
        return Promise.resolve({ changes: holdsUnknown(news) || !isDeepStrictEqual(shown(olds), shown(news)) });
    }

    create(inputs: unknown): Promise<CreateResult<unknown>> {
        const { kind, namespace, name } = shown(inputs);
        return Promise.resolve({ id: `${String(kind)}/${String(namespace)}/${String(name)}`, outs: inputs });
    }

    update(_id: string, _olds: unknown, news: unknown): Promise<UpdateResult<unknown>> {
        return Promise.resolve({ outs: news });
    }
}

function shown(properties: unknown) {
    const { kind, namespace, name, state, spec } = properties as Record<string, unknown>;
    return { kind, namespace, name, state, spec };
}
