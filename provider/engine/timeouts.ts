import { millisecondsOf } from "../support/duration";
import type { MirrorRoleInputs } from "./inputs";

/**
 * Milliseconds that each part of a role may take; the defaults are those of the inputs. They leave Trident Protect the
 * time that it gives itself: 60 minutes for a snapshot, 25 for a hook before it and 25 for one after it, so that its own
 * failure is reported and not that we waited for too short a time (docs/facts/kubernetes.md#how-long-things-may-take).
 */
export function timeoutsOf({ timeouts, wait }: Pick<MirrorRoleInputs, "timeouts" | "wait">) {
    return {
        ...(wait === true ? {} : { copy: millisecondsOf(timeouts?.copy ?? "2m") }),
        establish: millisecondsOf(timeouts?.establish ?? "30m"),
        promote: millisecondsOf(timeouts?.promote ?? "60m"),
        snapshot: millisecondsOf(timeouts?.snapshot ?? "120m"),
    };
}
