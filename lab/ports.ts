import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** Ports that are taken until they are handed to those who will listen on them. */
export interface HeldPorts {
    /** The next port that is not given out yet. */
    next(): number;
    /** Lets go of all of them; whoever was given one listens on it right after. */
    release(): Promise<void>;
}

/**
 * Finds free ports on a loopback address and holds them. They lie below the range from which the kernel takes the local
 * ports of outgoing connections (32768 and up), so that nothing takes one while its owner is being restarted.
 */
export async function holdPorts(count: number, address = "127.0.0.1"): Promise<HeldPorts> {
    const held: { port: number; server: Server }[] = [];
    while (held.length < count) {
        const port = randomInt(15_000, 32_000);
        const server = await listen(address, port);
        if (server !== undefined) {
            held.push({ port, server });
        }
    }
    let given = 0;
    return {
        next: () => {
            const one = held[given++];
            if (one === undefined) {
                throw new Error(`All ${count} ports are given out`);
            }
            return one.port;
        },
        release: async () => {
            await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
        },
    };
}

/** Undefined when the port is taken. */
function listen(address: string, port: number): Promise<Server | undefined> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.once("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "EADDRINUSE" || error.code === "EACCES") {
                resolve(undefined);
            } else {
                reject(error);
            }
        });
        server.listen({ host: address, port, exclusive: true }, () => resolve(server));
    });
}
