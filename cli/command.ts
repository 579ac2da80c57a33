#!/usr/bin/env node
import { main } from "./main";
import { systemTerminal } from "./terminal";

/** Milliseconds that connections which servers keep open may hold up the end. */
const farewell = 500;

void main(process.argv.slice(2), systemTerminal).then((code) => {
    process.exitCode = code;
    // Not at once: what was printed has to get out.
    setTimeout(() => process.exit(), farewell).unref();
});
