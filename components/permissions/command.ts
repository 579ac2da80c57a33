#!/usr/bin/env node
import { rbac } from "./rbac";

try {
    process.stdout.write(rbac(process.argv.slice(2)));
} catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
}
