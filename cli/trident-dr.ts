#!/usr/bin/env node
import { Command } from "commander";
import { addTrace } from "./trace";

const program = new Command("trident-dr").description("Disaster recovery of applications on NetApp storage");
addTrace(program);

program.parseAsync().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
});
