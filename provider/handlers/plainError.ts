/** An error that the engine prints without a stack trace: none would help the person who must act. */
export function plainError(message: string): Error {
    const error = new Error(message);
    error.stack = message;
    return error;
}

/** The shape that makes the engine keep `properties`, and call `update` again on the next `up`. */
export function partialError(id: string, properties: Record<string, unknown>, message: string): Error {
    return Object.assign(plainError(message), { id, properties, reasons: [message] });
}
