import { isDeepStrictEqual } from "node:util";
import { type Kind, type KubeObject, refOf } from "../controllers";
import type { Context } from "./context";

/**
 * Merges into an object's status, and writes only what is news. `undefined` removes a field. Nothing happens when the
 * object is gone, or is another one of the same name.
 */
export async function reportStatus(context: Context, kind: Kind, object: KubeObject, status: object): Promise<void> {
    await context.cluster.modifyStatus(kind, refOf(object), (found) => {
        const next = JSON.parse(JSON.stringify({ ...found.status, ...status })) as unknown;
        if (found.metadata.uid !== object.metadata.uid || isDeepStrictEqual(next, found.status)) {
            return false;
        }
        found.status = next;
        return true;
    });
}
