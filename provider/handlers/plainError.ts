/**
 * An error that Pulumi prints without a stack trace: none would help the person who must act. Its server prints the
 * message itself, and the stack after it, so that a stack with the message in it would show that twice.
 */
export function plainError(message: string): Error {
    const error = new Error(message);
    error.stack = "";
    return error;
}

/** The shape that makes the engine keep `properties`, and call `update` again on the next `up`. */
export function partialError(id: string, properties: Record<string, unknown>, message: string): Error {
    return Object.assign(plainError(message), { id, properties, reasons: [message] });
}
