import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** Ports that are taken until they are handed to those who will listen on them. */
export interface HeldPorts {
    /** The next port that is not given out yet. */
    next(): number;
    /** Lets go of all of them, so that whoever was given one can listen on it. No other lab is given it meanwhile. */
    release(): Promise<void>;
}

/**
 * Below the range from which the kernel takes the local ports of outgoing connections (32768 and up), so that nothing
 * takes one while its owner is being restarted.
 */
const range = { from: 15_000, to: 32_000 };

/** Nobody serves here: who listens on a port of this address has claimed that port of 127.0.0.1. */
const claimAddress = "127.255.0.1";

/**
 * Finds free ports of 127.0.0.1 and holds them. Each stays claimed for as long as this process lives, also between its
 * release and the moment at which its owner listens: the kernel keeps the claim, and drops it however the process ends.
 */
export async function holdPorts(count: number, { from, to } = range): Promise<HeldPorts> {
    const held: HeldPort[] = [];
    while (held.length < count) {
        const one = await hold(randomInt(from, to));
        if (one !== undefined) {
            held.push(one);
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
            await Promise.all(held.map(({ server }) => close(server)));
        },
    };
}

interface HeldPort {
    port: number;
    server: Server;
}

/** Undefined when the port is taken, or claimed. */
async function hold(port: number): Promise<HeldPort | undefined> {
    const claim = await listen(claimAddress, port);
    if (claim === undefined) {
        return undefined;
    }
    const server = await listen("127.0.0.1", port);
    if (server === undefined) {
        await close(claim);
        return undefined;
    }
    claim.unref();
    return { port, server };
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

function close(server: Server): Promise<void> {
    return new Promise((resolve) => server.close(() => resolve()));
}
