import { execute } from "../engine/execute";
import type { Inspection } from "../engine/inspect";
import { forgetRemedy } from "../roles/messages/commands";
import { join, MessageError, messageOf, text } from "../roles/messages/message";

/**
 * Takes a site out of the mirror whose resource is removed.
 *
 * @throws MessageError with the planner's refusal, or with how to continue what failed
 */
export async function leave(
    { decision, configuration, site, start }: Inspection,
    process: { uninterrupted<T>(run: () => Promise<T>): Promise<T> },
): Promise<void> {
    if (decision.kind === "refusal") {
        const remedies = decision.remedies.map((remedy) => text`  - ${remedy}`);
        throw new MessageError(join([decision.reason, ...remedies], "\n"));
    }
    try {
        await process.uninterrupted(() => execute(site, decision, start, () => undefined));
    } catch (error) {
        throw new MessageError(
            text`${messageOf(error)}. It has not left the mirror yet; run the same command again to continue, or ${forgetRemedy(configuration)}`,
        );
    }
}
