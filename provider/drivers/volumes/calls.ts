/** How the calls of the volumes' actions are named: method, path with the volume or relationship in braces, what for. */

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
