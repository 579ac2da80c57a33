/** What came of something that may fail for a reason its caller has to deal with. */
export type Result<Value, Failure = string> = { ok: true; value: Value } | { ok: false; failure: Failure };

export function ok<Value>(value: Value): { ok: true; value: Value } {
    return { ok: true, value };
}

export function failed<Failure>(failure: Failure): { ok: false; failure: Failure } {
    return { ok: false, failure };
}
