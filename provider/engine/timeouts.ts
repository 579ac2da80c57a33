import { millisecondsOf } from "../support/duration";
import type { MirrorRoleInputs } from "./inputs";

/** Milliseconds that each part of a role may take; the defaults are those of the inputs. */
export function timeoutsOf({ timeouts, wait }: Pick<MirrorRoleInputs, "timeouts" | "wait">) {
    return {
        ...(wait === true ? {} : { copy: millisecondsOf(timeouts?.copy ?? "2m") }),
        establish: millisecondsOf(timeouts?.establish ?? "30m"),
        promote: millisecondsOf(timeouts?.promote ?? "30m"),
        snapshot: millisecondsOf(timeouts?.snapshot ?? "60m"),
    };
}
