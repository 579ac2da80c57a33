import { statusOf } from "../../clients/kubernetes/lastSeen";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject } from "../../clients/kubernetes/objects";
import { describeTransfer } from "../../roles/copy";
import { previewCommand, upCommand } from "../../roles/messages/commands";
import { messageOf, render, text, type Message } from "../../roles/messages/message";
import { printable } from "../../support/printable";
import type { SurveyedVolume } from "./arrayReport";
import { type ApplicationContext, describeCommand } from "./context";
import { mirrorNameOf } from "./manifests";

/**
 * Why a promotion may hang and how a person finishes it: what Trident says of each mirror, what the array has, and the
 * commands with which Trident itself promotes (docs/facts/kubernetes.md#a-promotion-that-hangs). What cannot be read is
 * no reason to say nothing of the rest.
 *
 * @param point what is to be promoted; undefined: what has arrived
 */
export async function howToPromoteByHand(context: ApplicationContext, point: string | undefined): Promise<Message> {
    const { site } = context.settings;
    const [trident, array] = await Promise.all([tridentsView(context), arraysView(context)]);
    const view = `Trident at ${site}: ${trident.words}. The array of ${site}: ${array.words}`;
    const details = describeCommand(context, kinds.appMirror, mirrorNameOf(context.settings));
    const next = text`To look at it again, at ${site}: ${details}; to go on waiting: ${upCommand(site)}`;
    if (trident.awaitsSnapshot) {
        return text`${view}. The snapshot that is to be promoted has not arrived, and breaking the mirror by hand does not bring it; the ways on: ${previewCommand(site)}. ${next}`;
    }
    if (point !== undefined && array.isTransferring) {
        return text`${view}. What is being transferred may belong to ${point}, and a mirror that is broken by hand would lack it; the ways on: ${previewCommand(site)}. ${next}`;
    }
    return array.commands.length === 0
        ? text`${view}. ${next}`
        : text`${view}. To do by hand what is left for Trident to do, at the array of ${site}: ${array.commands.join("; ")}. Trident then finds nothing left to do, and the next run continues from there. ${next}`;
}

async function tridentsView({ cluster, settings }: ApplicationContext) {
    try {
        const mirrors = await Promise.all(
            settings.namespaces.map((namespace) => cluster.list(kinds.tridentMirror, namespace)),
        );
        const described = mirrors
            .flat()
            .map(
                (mirror) =>
                    `${describeObject(kinds.tridentMirror, mirror.metadata)} ${statusOf(mirror) || "says nothing"}`,
            );
        return {
            words: described.length === 0 ? "it has no TridentMirrorRelationship" : described.join(", "),
            awaitsSnapshot: described.some((line) => /waiting for snapshot/i.test(line)),
        };
    } catch (error) {
        return { words: `not known (${why(error)})`, awaitsSnapshot: false };
    }
}

async function arraysView({ volumes }: ApplicationContext) {
    try {
        const { volumes: surveyed } = await volumes.survey();
        return {
            words: surveyed.length === 0 ? "no volume is mirrored" : surveyed.map(describe).join(", "),
            commands: surveyed.flatMap(commandsFor),
            isTransferring: surveyed.some(({ into }) => into?.transfer !== undefined),
        };
    } catch (error) {
        return { words: `not known (${why(error)})`, commands: [], isTransferring: false };
    }
}

function describe({ claim, volume, type, state, into }: SurveyedVolume): string {
    const what = `volume ${volume} of ${claim} is ${type === undefined ? "not there" : `${type}, ${state}`}`;
    if (into === undefined) {
        return `${what}, no mirror leads into it`;
    }
    const health = into.healthy ? "" : `, not healthy: ${printable(into.why)}`;
    const transfer = into.transfer === undefined ? "" : `, ${describeTransfer(into.transfer)}`;
    return `${what}, the mirror into it is ${into.state}${transfer}${health}`;
}

/** Nothing here touches the other site; a volume that is free already needs nothing. */
function commandsFor({ into }: SurveyedVolume): string[] {
    if (into === undefined) {
        return [];
    }
    const path = `-destination-path ${into.destination}`;
    const breaking = [`snapmirror quiesce ${path}`, `snapmirror abort ${path}`, `snapmirror break ${path}`];
    return [...(into.state === "broken_off" ? [] : breaking), `snapmirror delete ${path}`];
}

function why(error: unknown): string {
    return printable(render(messageOf(error)));
}
