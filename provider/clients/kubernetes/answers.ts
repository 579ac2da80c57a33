import { ResponseContext } from "@kubernetes/client-node";
import { nestingOf } from "../../support/nesting";

/** Bytes of one answer: a page of five hundred objects has a few million. */
const mostBytes = 64 * 1024 * 1024;

/** A published definition nests its fields; an object nests far less. */
const deepestAnswer = 200;

/** What an API server, or what stands in front of it, must not answer: it is not parsed, and asking again does not help. */
export class UnacceptableAnswer extends Error {
    constructor(message: string) {
        super(message);
        this.name = "UnacceptableAnswer";
    }
}

/** The same answer, which is read only within limits: what it says of its size is believed before anything is read. */
export function limited({ httpStatusCode, headers, body }: ResponseContext): ResponseContext {
    return new ResponseContext(httpStatusCode, headers, {
        async text() {
            requireSize(Number(headers["content-length"]));
            const read = await body.text();
            requireSize(Buffer.byteLength(read));
            const nesting = nestingOf(read);
            if (nesting > deepestAnswer) {
                throw new UnacceptableAnswer(
                    `expected an answer nested ${deepestAnswer} times at most, found ${nesting}`,
                );
            }
            return read;
        },
        async binary() {
            requireSize(Number(headers["content-length"]));
            const read = await body.binary();
            requireSize(read.length);
            return read;
        },
    });
}

/** Without a length, which is no number, the size is known once it is read. */
function requireSize(bytes: number): void {
    if (bytes > mostBytes) {
        throw new UnacceptableAnswer(`expected an answer of ${mostBytes} bytes at most, found ${bytes}`);
    }
}
