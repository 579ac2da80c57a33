/**
 * Declares something without stack traces. Pulumi takes one for each property of each resource, to tell where a promise
 * that nothing resolves came from, and its CLI has every one looked up in source maps: with many applications that takes
 * ten times as long as all the rest. What is passed must not throw anything whose stack somebody needs.
 */
export function withoutStacks<T>(declare: () => T): T {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
        return declare();
    } finally {
        Error.stackTraceLimit = limit;
    }
}
