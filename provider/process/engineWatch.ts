import { connect } from "node:net";

/** Milliseconds before a connection that ended without a refusal is made again. */
const pause = 100;

/**
 * Tells once when the engine is gone that this provider was started for. A killed engine ends nobody: the launcher
 * between it and a dynamic provider lives on, so that the parent's id says nothing. Its port, though, is closed at once.
 *
 * @param address `host:port` of the engine's gRPC server: the last argument of every plugin (pulumi/sdk, plugin.go),
 *   after flags such as `--logtostderr`. With what is no address nothing is watched.
 */
export function whenEngineIsGone(address: string | undefined, tell: () => void): void {
    const { host, port } = /^(?<host>[^/\s]+):(?<port>\d+)$/.exec(address ?? "")?.groups ?? {};
    if (host === undefined || port === undefined) {
        return;
    }
    const hold = (): void => {
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
                tell();
            } else {
                setTimeout(hold, pause).unref();
            }
        });
    };
    hold();
}
