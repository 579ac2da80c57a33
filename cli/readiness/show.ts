import { withoutNotices } from "../../provider/process/providerProcess";
import { messageOf, render } from "../../provider/roles/messages/message";
import { refuseUnverified } from "../../provider/support/tlsVariable";
import { resolvePair } from "../project/pair";
import { readinessExitCodes, type ReadinessRequest } from "../readiness";
import type { Places } from "../status/places";
import { placesFor } from "../status/placesFor";
import { readEach } from "../status/readPair";
import { type Surroundings, systemSurroundings } from "../status/siteReader";
import type { Terminal } from "../terminal";
import { readinessOf } from "./checks";
import { readinessDocument, type ReadinessDocument, worstCheck } from "./document";
import { readReadiness } from "./readReadiness";
import { tableOf } from "./table";

/** How the command reaches what it reads; a test puts others in their place. */
export type ReadinessSurroundings = Surroundings & { resolve: typeof resolvePair };

/** Looks once. @returns the exit code */
export async function showReadiness(
    request: ReadinessRequest,
    terminal: Terminal,
    surroundings: ReadinessSurroundings = { ...systemSurroundings, resolve: resolvePair },
): Promise<number> {
    try {
        refuseUnverified(surroundings.environment);
        withoutNotices();
        const document = await look(await placesFor("readiness", request, surroundings), request, surroundings);
        terminal.print(request.json ? JSON.stringify(document, undefined, 2) : tableOf(document));
        return readinessExitCodes[document.level];
    } catch (error) {
        terminal.complain(render(messageOf(error)));
        return readinessExitCodes.unknown;
    }
}

/** What would keep takeovers from working, as a document that is as it is documented. */
export async function look(
    places: Places,
    { names, timeout }: Pick<ReadinessRequest, "names" | "timeout">,
    surroundings: Surroundings,
): Promise<ReadinessDocument> {
    const options = { budget: timeout, ...(names.length === 0 ? {} : { names }) };
    const { sites, items } = await readEach(places, options, surroundings, readReadiness);
    const now = surroundings.now();
    const judged = items.map((item) => readinessOf(item, now));
    return readinessDocument.parse({
        schema: 1,
        readAt: now.toISOString(),
        level: worstCheck(judged.map(({ level }) => level)),
        sites,
        items: judged,
    });
}
