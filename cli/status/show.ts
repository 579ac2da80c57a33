import { renameSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { withoutNotices } from "../../provider/process/providerProcess";
import { messageOf, render } from "../../provider/roles/messages/message";
import { withoutControls } from "../../provider/support/printable";
import { refuseUnverified } from "../../provider/support/tlsVariable";
import { resolvePair } from "../project/pair";
import { statusExitCodes, type StatusRequest } from "../status";
import type { Terminal } from "../terminal";
import { type StatusDocument, statusDocument, worst } from "./document";
import { evaluate } from "./evaluate";
import { isUnknown } from "./known";
import { pageOf } from "./page";
import type { Places } from "./places";
import { placesFor } from "./placesFor";
import { metricsOf } from "./prometheus";
import { readPair } from "./readPair";
import { type Surroundings, systemSurroundings } from "./siteReader";
import { tableOf } from "./table";

/** How the command reaches what it reads; a test puts others in their place. */
export interface StatusSurroundings extends Surroundings {
    resolve: typeof resolvePair;
    /** Aborted when the person has seen enough. */
    interrupted(): AbortSignal;
}

const ofThisProcess: StatusSurroundings = { ...systemSurroundings, resolve: resolvePair, interrupted: interruption };

/** Looks once, or again and again. @returns the exit code */
export async function showStatus(
    request: StatusRequest,
    terminal: Terminal,
    surroundings: StatusSurroundings = ofThisProcess,
): Promise<number> {
    try {
        refuseUnverified(surroundings.environment);
        withoutNotices();
        let places = await placesFor("status", request, surroundings);
        let stale: string | undefined;
        const signal = request.watch ? surroundings.interrupted() : AbortSignal.abort();
        for (;;) {
            const document = await look(places, request, surroundings);
            show(document, request, terminal);
            if (stale !== undefined) {
                terminal.complain(stale);
            }
            if (signal.aborted) {
                return statusExitCodes[document.level];
            }
            await pause(request.every, undefined, { signal }).catch(() => undefined);
            if (signal.aborted) {
                return statusExitCodes[document.level];
            }
            try {
                places = await placesFor("status", request, surroundings);
                stale = undefined;
            } catch (error) {
                stale = `the configuration could not be read again, and this goes by what was read before: ${render(messageOf(error))}`;
            }
        }
    } catch (error) {
        terminal.complain(render(messageOf(error)));
        return statusExitCodes.failed;
    }
}

/** What both sites are, as a document that is as it is documented. */
export async function look(
    places: Places,
    { names, timeout }: Pick<StatusRequest, "names" | "timeout">,
    surroundings: Surroundings,
): Promise<StatusDocument> {
    const options = { budget: timeout, ...(names.length === 0 ? {} : { names }) };
    const { sites, items } = await readPair(places, options, surroundings);
    const now = surroundings.now();
    const judged = items.map((item) => evaluate(item, now));
    const isReached = sites.every(({ reached }) => !isUnknown(reached));
    return statusDocument.parse({
        schema: 1,
        readAt: now.toISOString(),
        level: worst([isReached ? "ok" : "attention", ...judged.map(({ level }) => level)]),
        sites,
        items: judged,
    });
}

function show(
    document: StatusDocument,
    { json, prometheus, html, output, watch }: StatusRequest,
    terminal: Terminal,
): void {
    const text = json
        ? // One line for each look, so that a reader can tell them apart.
          JSON.stringify(document, undefined, watch ? undefined : 2)
        : prometheus
          ? metricsOf(document).trimEnd()
          : tableOf(document);
    if (html !== undefined) {
        writeWhole(html, pageOf(document));
    }
    if (output !== undefined) {
        writeWhole(output, `${text}\n`);
        return;
    }
    if (watch && !json && !prometheus) {
        terminal.clear?.();
    }
    terminal.print(text);
}

/** Whoever reads the file never sees half of it. */
function writeWhole(file: string, text: string): void {
    const unfinished = `${file}.${process.pid}`;
    try {
        writeFileSync(unfinished, withoutControls(text));
        renameSync(unfinished, file);
    } catch (error) {
        throw new Error(
            `${file} cannot be written: ${(error as Error).message}. Nothing else is wrong; name another file`,
        );
    }
}

function interruption(): AbortSignal {
    const controller = new AbortController();
    process.once("SIGINT", () => controller.abort());
    process.once("SIGTERM", () => controller.abort());
    return controller.signal;
}
