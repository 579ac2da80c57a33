/** What cannot be taken back, or starts something that cannot: it must be carried out once for one change of roles. */
const destructive: readonly RegExp[] = [
    /^delete /,
    /^DELETE /,
    /^create ShutdownSnapshot /,
    /^create SnapshotInplaceRestore /,
    /^patch AppMirrorRelationship /,
    /^PUT \S+ \S+\/epoch-\d+\.json$/,
];

/** The destructive ones among the calls that a round's servers carried out more than once, each with how often. */
export function duplicates(calls: readonly string[]): { call: string; times: number }[] {
    const counted = new Map<string, number>();
    for (const call of calls.filter((one) => destructive.some((pattern) => pattern.test(one)))) {
        counted.set(call, (counted.get(call) ?? 0) + 1);
    }
    return [...counted].map(([call, times]) => ({ call, times })).filter(({ times }) => times > 1);
}
