import type { Progress } from "../driver";

/**
 * One call that a step makes, with what it takes to make it: what a preview prints is what `up` does, since both come
 * from the same list.
 */
export interface Action {
    /** Method and path, with the volume or relationship in braces, and what for: `PATCH /storage/volumes/{a}: mounted`. */
    call: string;
    run(progress: Progress): Promise<void>;
}

export function volumeCall(method: "GET" | "PATCH", volume: string, what: string): string {
    return `${method} /storage/volumes/{${volume}}: ${what}`;
}

export function snapshotCall(method: "POST" | "DELETE", volume: string, snapshot: string): string {
    const one = method === "DELETE" ? `/{${snapshot}}` : "";
    return `${method} /storage/volumes/{${volume}}/snapshots${one}: ${snapshot}`;
}

export function relationshipCall(method: "POST" | "PATCH" | "DELETE", path: string, what: string): string {
    return method === "POST"
        ? `POST /snapmirror/relationships: ${what}`
        : `${method} /snapmirror/relationships/{${path}}: ${what}`;
}

export function transferCall(path: string, what: string): string {
    return `POST /snapmirror/relationships/{${path}}/transfers: ${what}`;
}
