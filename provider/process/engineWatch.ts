import { connect } from "node:net";

/** Milliseconds before reconnecting after a connection that ended without a refusal. */
const pause = 100;

/**
 * Calls back once when the engine that this provider was started for is gone. Nothing ends with a killed engine: the
 * launcher between it and a dynamic provider lives on, so that the parent's id says nothing. Its port, though, is closed
 * at once.
 *
 * @param address `host:port` of the engine's gRPC server: the last argument of every plugin (pulumi/sdk, plugin.go),
 *   after flags such as `--logtostderr`. If it is not host:port, nothing is watched.
 */
export function whenEngineIsGone(address: string | undefined, onGone: () => void): void {
    const { host, port } = /^(?<host>[^/\s]+):(?<port>\d+)$/.exec(address ?? "")?.groups ?? {};
    if (host === undefined || port === undefined) {
        return;
    }
    const watch = (): void => {
        let refused = false;
        const socket = connect(Number(port), host);
        socket.unref();
        socket.resume();
        socket.on("error", (error: NodeJS.ErrnoException) => {
            refused = error.code === "ECONNREFUSED";
        });
        socket.on("close", () => {
            // A gRPC server also closes a connection on which nothing is asked; then it takes another one.
            if (refused) {
                onGone();
            } else {
                setTimeout(watch, pause).unref();
            }
        });
    };
    watch();
}
