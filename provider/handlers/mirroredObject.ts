import { isDeepStrictEqual } from "node:util";
import { holdsUnknown } from "../support/unknown";

/** What the MirroredObject resource does: it remembers what the role left, and nothing else. */
export const mirroredObject = {
    diff(_id: string, olds: unknown, news: unknown): Promise<{ changes: boolean }> {
        return Promise.resolve({ changes: holdsUnknown(news) || !isDeepStrictEqual(shown(olds), shown(news)) });
    },

    create(inputs: unknown): Promise<{ id: string; outs: unknown }> {
        const { kind, namespace, name } = shown(inputs);
        return Promise.resolve({ id: `${String(kind)}/${String(namespace)}/${String(name)}`, outs: inputs });
    },

    update(_id: string, _olds: unknown, news: unknown): Promise<{ outs: unknown }> {
        return Promise.resolve({ outs: news });
    },
};

function shown(properties: unknown) {
    const { kind, namespace, name, state, spec } = properties as Record<string, unknown>;
    return { kind, namespace, name, state, spec };
}
