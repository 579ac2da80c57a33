#!/usr/bin/env node
import { main } from "./main";
import { systemTerminal } from "./terminal";

void main(process.argv.slice(2), systemTerminal).then((code) => {
    process.exitCode = code;
});
