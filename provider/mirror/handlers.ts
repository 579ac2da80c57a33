/** Placeholder until the handlers stand: keeps the specifier's shape for the thin resource. */
type Handler = (...args: unknown[]) => Promise<never>;
const refuse: Handler = () => Promise.reject(new Error("not yet"));
export const mirrorRole = {
    configure: (_request: unknown): Promise<void> => Promise.resolve(),
    check: refuse,
    diff: refuse,
    create: refuse,
    read: refuse,
    update: refuse,
    delete: refuse,
};
