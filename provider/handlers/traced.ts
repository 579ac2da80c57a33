import { type Attributes, span } from "../support/trace";

/** A resource's handler, each of whose calls is a span of the trace, if there is one. */
export function traced<Handler extends object>(resource: string, handler: Handler): Handler {
    return new Proxy(handler, {
        get(target, name): unknown {
            const method: unknown = Reflect.get(target, name, target);
            if (typeof method !== "function") {
                return method;
            }
            return (...given: unknown[]): Promise<unknown> => {
                const about = { resource, method: String(name), ...namesIn(given.at(-1)) };
                return span(`${resource}.${String(name)}`, "handler", about, () =>
                    Promise.resolve(Reflect.apply(method, target, given)),
                );
            };
        },
    });
}

/** Which item and site the inputs of a call are about. */
function namesIn(inputs: unknown): Attributes {
    const { application, site } = (inputs ?? {}) as { application?: unknown; site?: unknown };
    return {
        ...(typeof application === "string" ? { item: application } : {}),
        ...(typeof site === "string" ? { site } : {}),
    };
}
