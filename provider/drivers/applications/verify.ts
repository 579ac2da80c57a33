import type { SourceRecord } from "../../roles/steps";
import type { Action } from "../action";
import type { ApplicationContext } from "./context";

export function verifyWritable({ settings, volumes }: ApplicationContext): Action[] {
    return [
        {
            call: `GET /storage/volumes, /snapmirror/relationships of ${settings.site}: every volume is rw, no mirror leads into it`,
            effect: "read",
            run: () => volumes.requireWritable(),
        },
    ];
}

export function verifyUnmirrored({ settings, volumes }: ApplicationContext): Action[] {
    return [
        {
            call: `GET /snapmirror/relationships of ${settings.site}: none into its volumes`,
            effect: "read",
            run: () => volumes.requireUnmirrored(),
        },
    ];
}

export function releaseSource({ volumes }: ApplicationContext, source: SourceRecord): Action {
    return {
        call: `DELETE /snapmirror/relationships/{${source.source}}: what the array remembers of it as the source of ${source.destination}`,
        effect: "write",
        run: () => volumes.release(source),
    };
}
