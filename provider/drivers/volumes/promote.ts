import { type OntapClient, OntapError, type Relationship, type Snapshot } from "../../clients/ontap";
import { describeTransfer } from "../../roles/copy";
import type { HandOverToken } from "../../roles/record";
import { refreshCommand, upCommand } from "../../roles/messages/commands";
import { type Message, MessageError, text } from "../../roles/messages/message";
import { type Action, inParallel, inPhases, type Progress } from "../action";
import { transferOf } from "../array";
import { relationshipCall, transferCall, volumeCall } from "./calls";
import { patienceOf, type VolumesContext } from "./context";
import { isTransferring } from "./establish";
import type { VolumesState, VolumeState } from "./observe";
import { closeToNfs, createFencePolicies, isFenced } from "./fence";
import { fencePolicyOf } from "./fencePolicy";
import { mountedAt, online, open, unmount } from "./service";
import type { VolumesSettings } from "./settings";
import { until } from "./waiting";

/** ONTAP could not ask the peer's cluster. */
const peerIsDark = "262224";
/** Another transfer is in progress. */
const transferInProgress = ["13303808", "13303812", "13303844"];

/** Milliseconds that an unplanned break may take before a more forceful one is tried. */
const breakPatience = 30_000;

/**
 * Makes this site's mirrors writable, all of them or none. No mirror is broken before every volume has the snapshot that
 * the token names, and no volume is opened to clients before every mirror is broken. When one cannot be broken, those that
 * this run has broken are resumed as far as the other site answers; nobody has written to them by then. The next run
 * continues from whatever a failed one left, and serving is recorded only when all volumes are writable.
 */
export class Promotion {
    private readonly client: OntapClient;
    private readonly settings: VolumesSettings;

    constructor(private readonly context: VolumesContext) {
        this.client = context.client;
        this.settings = context.settings;
    }

    actions(token: HandOverToken | undefined, state: VolumesState): Action[] {
        const toBreak = state.volumes.filter((item) => !isBroken(item));
        return inPhases([
            createFencePolicies(
                this.context,
                state,
                toBreak.filter((item) => this.isToBeClosed(item)),
            ),
            ...inParallel(token === undefined ? [] : toBreak.map((item) => this.fetch(item, token))),
            ...inParallel(toBreak.map((item) => this.quiesce(item, token))),
            toBreak.map((item) => this.breakOff(item, token)),
            ...inParallel(state.volumes.map((item) => this.serve(item))),
        ]);
    }

    /** A volume whose mirror is not broken yet will be closed by then, and may not exist at all at preview. */
    private serve(item: VolumeState): Action[] {
        const junction = this.settings.junctionPaths[item.name] ?? "";
        if (item.volume === undefined) {
            return junction === "" ? [] : [this.mountLater(item.name, junction)];
        }
        const { volume } = item;
        if (isBroken(item)) {
            return open(item, this.settings, this.client);
        }
        const policy = this.isToBeClosed(item) ? { export_policy: { name: fencePolicyOf(volume, this.settings) } } : {};
        const path = this.settings.fence === "exportPolicy" ? {} : { path: "" };
        const closed = { ...volume, nas: { ...volume.nas, ...policy, ...path } };
        return open({ ...item, volume: closed }, this.settings, this.client);
    }

    /** Whether clients would reach the volume as soon as its own mirror is broken, whatever becomes of the others. */
    private isToBeClosed(item: VolumeState): boolean {
        const { volume } = item;
        const isMounted = volume !== undefined && mountedAt(volume) !== "";
        return this.settings.fence !== "none" && (isMounted || !isFenced(item, this.settings));
    }

    private mountLater(name: string, path: string): Action {
        return {
            call: volumeCall("PATCH", name, `mounted at ${path}`),
            effect: "write",
            run: async () => {
                const volume = await this.client.volumes.byName(this.settings.svm, name);
                if (volume !== undefined && mountedAt(volume) === "") {
                    await this.client.volumes.mount(volume.uuid, path, name);
                }
            },
        };
    }

    // The last snapshot ---------------------------------------------------------------------------------------------

    /** Fetches the snapshot that the token names, identified by its content, not by its name alone. */
    private fetch({ name, path, snapshots }: VolumeState, token: HandOverToken): Action[] {
        const version = this.versionOf(name, token);
        if (snapshots.some((one) => one.version_uuid === version)) {
            return [];
        }
        return [
            {
                call: transferCall(path, token.finalSnapshot),
                effect: "write",
                // The mirror's own schedule may bring it first.
                when: "if it has not arrived by then",
                run: async (progress) => {
                    await until(
                        `${token.finalSnapshot} on ${path}`,
                        () => this.tryToFetch(name, path, token, version, progress),
                        this.patience(this.settings.timeouts.promote, progress),
                    );
                },
            },
        ];
    }

    private async tryToFetch(
        name: string,
        path: string,
        token: HandOverToken,
        version: string,
        progress: Progress,
    ): Promise<{ found: true } | { instead: string }> {
        const { volume, into, snapshots } = await this.read(name, path);
        const same = snapshots.find((one) => one.version_uuid === version);
        const named = snapshots.find((one) => one.name === token.finalSnapshot);
        if (named !== undefined && named !== same) {
            throw new MessageError(
                text`${this.settings.site}: snapshot ${token.finalSnapshot} on ${path} is not the one of the hand-over token (version ${named.version_uuid ?? "unknown"}, expected ${version}). Nothing was promoted. Run ${upCommand(this.settings.peer)}, which publishes a token of what it has`,
            );
        }
        const running = transferOf(into);
        if (running !== undefined) {
            return { instead: describeTransfer(running) };
        }
        if (same !== undefined) {
            return { found: true };
        }
        const shown = snapshots.find((one) => one.name === into.exported_snapshot);
        if (isLaterThan(shown, token.time)) {
            progress(
                `${path} shows ${shown!.name}, taken at ${shown!.create_time} after ${token.finalSnapshot}: everything in that is in it`,
            );
            return { found: true };
        }
        if (into.state === "paused") {
            await this.client.relationships.setState(into.uuid, "snapmirrored", {}, path);
        }
        await this.transfer(into, token.finalSnapshot, volume.name);
        return { instead: "asked for" };
    }

    /** A scheduled transfer may have begun in between: it is waited for, and this one requested again. */
    private async transfer(into: Relationship, sourceSnapshot: string, about: string): Promise<void> {
        try {
            await this.client.relationships.transfer(into.uuid, { sourceSnapshot }, about);
        } catch (failure) {
            const again = await this.client.relationships.byDestination(into.destination.path);
            if (!hasCode(failure, transferInProgress) || again === undefined || !isTransferring(again)) {
                throw failure;
            }
        }
    }

    private versionOf(name: string, token: HandOverToken): string {
        const version = token.versions?.[name];
        if (version === undefined) {
            throw new MessageError(
                text`${this.settings.site}: the hand-over token of ${token.from} names no snapshot of volume ${name}. Nothing was changed. Declare the same volumes at both sites, then ${upCommand(token.from)}, then ${upCommand(this.settings.site)}`,
            );
        }
        return version;
    }

    // Quiesce and break ---------------------------------------------------------------------------------------------

    private quiesce(item: VolumeState, token: HandOverToken | undefined): Action[] {
        const { path, name, into, volume } = item;
        const isMounted = volume !== undefined && mountedAt(volume) !== "";
        return [
            ...(this.isToBeClosed(item) ? closeToNfs(this.context, name, volume!) : []),
            ...(volume?.state === "offline" && this.settings.fence === "offline"
                ? [online(name, volume, this.client)]
                : []),
            ...(isMounted && this.settings.fence !== "exportPolicy" ? [unmount(name, volume, this.client)] : []),
            ...(token === undefined ? [this.abort(path)] : []),
            ...(into?.state === "paused" ? [] : [this.pauseMirror(path, token === undefined)]),
        ];
    }

    private pauseMirror(path: string, unplanned: boolean): Action {
        return {
            call: relationshipCall("PATCH", path, "paused"),
            effect: "write",
            run: () => this.pause(path, unplanned),
        };
    }

    /** The source site may be gone: the transfer would never end. */
    private abort(path: string): Action {
        return {
            call: `PATCH /snapmirror/relationships/{${path}}/transfers/{running}: aborted`,
            effect: "write",
            when: "if one is running",
            run: async () => {
                await this.abortRunning(await this.relationship(path));
            },
        };
    }

    private async abortRunning({ uuid, transfer, destination }: Relationship): Promise<void> {
        const running = transfer?.uuid ?? (await this.runningTransfer(uuid));
        if (running !== undefined) {
            await this.client.relationships.abort(uuid, running, destination.path);
        }
    }

    private async runningTransfer(uuid: string): Promise<string | undefined> {
        const all = await this.client.relationships.transfers(uuid);
        return all.find(({ state }) => state === "transferring" || state === "queued")?.uuid;
    }

    private async pause(path: string, unplanned: boolean): Promise<void> {
        const into = await this.relationship(path);
        const jobTimeout = unplanned ? breakPatience : this.settings.timeouts.promote;
        try {
            await this.client.relationships.setState(into.uuid, "paused", { jobTimeout }, path);
        } catch (failure) {
            if (!unplanned) {
                throw failure;
            }
            // A transfer that began in between delays the pause; the break reports whether anything prevents it.
            await this.abortRunning(await this.relationship(path));
        }
    }

    /**
     * A break that hangs can be made by the array's administrator, and the next run continues from it. By then every volume
     * has what is promoted.
     */
    private byHand(path: string): Message {
        const commands = ["quiesce", "abort", "break"].map((verb) => `snapmirror ${verb} -destination-path ${path}`);
        return `To do it by hand, at the array of ${this.settings.site}: ${commands.join("; ")}.`;
    }

    private async orByHand(path: string, breaking: Promise<void>): Promise<void> {
        try {
            await breaking;
        } catch (failure) {
            if (!(failure instanceof OntapError) || failure.kind !== "timeout") {
                throw failure;
            }
            throw new MessageError(
                text`${failure.message}. ${this.byHand(path)} Then, or to keep waiting: ${upCommand(this.settings.site)}`,
            );
        }
    }

    private breakOff({ name, path }: VolumeState, token: HandOverToken | undefined): Action {
        return {
            call: relationshipCall("PATCH", path, "broken_off"),
            effect: "write",
            run: async (progress) => {
                await (token === undefined
                    ? this.breakWithoutPeer(path, progress)
                    : this.breakPlanned(name, path, token));
                await this.awaitWritable(name, path, progress);
            },
            // Nobody has written to it yet. Without the other site there is no source to resume from.
            ...(token === undefined ? {} : { rollback: () => this.resumeMirror(path) }),
        };
    }

    /** A transfer that failed can leave the token's snapshot on a volume that still shows an older one. */
    private async breakPlanned(name: string, path: string, token: HandOverToken): Promise<void> {
        const { into, snapshots } = await this.read(name, path);
        const shown = snapshots.find((one) => one.name === into.exported_snapshot);
        const isShown = shown?.version_uuid === this.versionOf(name, token) || isLaterThan(shown, token.time);
        const breaking = this.client.relationships.setState(
            into.uuid,
            "broken_off",
            {
                jobTimeout: this.settings.timeouts.promote,
                ...(isShown ? {} : { restoreToSnapshot: token.finalSnapshot }),
            },
            path,
        );
        // A break by hand leaves what is shown.
        await (isShown ? this.orByHand(path, breaking) : breaking);
    }

    /** From the mildest way to the most forceful; each only if the one before failed. */
    private async breakWithoutPeer(path: string, progress: Progress): Promise<void> {
        const ways = [
            {
                name: "PATCH broken_off",
                run: ({ uuid }: Relationship) =>
                    this.client.relationships.setState(uuid, "broken_off", { jobTimeout: breakPatience }, path),
            },
            {
                name: "PATCH broken_off with force=true",
                run: ({ uuid }: Relationship) =>
                    this.client.relationships.setState(
                        uuid,
                        "broken_off",
                        { jobTimeout: breakPatience, force: true },
                        path,
                    ),
            },
            { name: "snapmirror break by its command", run: () => this.client.relationships.breakByCommand(path) },
        ];
        const tried: string[] = [];
        for (const way of ways) {
            const into = await this.relationship(path);
            if (into.state === "broken_off") {
                return;
            }
            if (isTransferring(into)) {
                await this.abortRunning(into);
            }
            try {
                await way.run(into);
                return;
            } catch (failure) {
                if (!mayNeedPeer(failure) && !hasCode(failure, transferInProgress)) {
                    throw failure;
                }
                tried.push(
                    `${way.name}: ${failure instanceof OntapError ? (failure.ontapMessage ?? failure.code ?? failure.kind) : ""}`,
                );
                progress(`${path}: ${tried.at(-1)!}`);
            }
        }
        if ((await this.relationship(path)).state !== "broken_off") {
            throw new MessageError(
                text`${this.settings.site}: ONTAP refused to break the mirror into ${path} because the peer is unreachable. Tried: ${tried.join("; ")}. Nothing is lost, and nothing serves yet. Run snapmirror break -destination-path ${path} on the array's command line, then ${upCommand(this.settings.site)}`,
            );
        }
    }

    private async awaitWritable(name: string, path: string, progress: Progress): Promise<void> {
        await until(
            `${path} to be writable`,
            async () => {
                const { volume, into } = await this.read(name, path);
                return volume.type === "rw" && into.state === "broken_off"
                    ? { found: true }
                    : { instead: `${volume.type}, ${into.state}` };
            },
            { ...this.patience(this.settings.timeouts.promote, progress), byHand: this.byHand(path) },
        );
    }

    private async resumeMirror(path: string): Promise<string> {
        try {
            const into = await this.relationship(path);
            await this.client.relationships.setState(into.uuid, "snapmirrored", {}, path);
            return `the mirror into ${path} was resumed`;
        } catch {
            return `${path} stays broken off, and closed to clients`;
        }
    }

    // Reading -------------------------------------------------------------------------------------------------------

    private async relationship(path: string): Promise<Relationship> {
        const found = await this.client.relationships.byDestination(path);
        if (found === undefined) {
            throw new MessageError(
                text`${this.settings.site}: no relationship leads into ${path}, so that it cannot be made writable. Nothing was changed. To see what the array has: ${refreshCommand(this.settings.site)}`,
            );
        }
        return found;
    }

    private async read(name: string, path: string) {
        const [volume, into] = await Promise.all([
            this.client.volumes.byName(this.settings.svm, name),
            this.relationship(path),
        ]);
        if (volume === undefined) {
            throw new MessageError(
                text`${this.settings.site}: volume ${path} is gone. Nothing was promoted. To see what the array has: ${refreshCommand(this.settings.site)}`,
            );
        }
        return { volume, into, snapshots: await this.client.snapshots.ofVolume(volume.uuid) };
    }

    private patience(deadline: number, progress: Progress) {
        return patienceOf(this.context, deadline, progress);
    }
}

/** Whether the mirror is broken, or gone with the volume left writable. */
function isBroken({ into, volume }: VolumeState): boolean {
    return into === undefined ? volume?.type === "rw" : into.state === "broken_off";
}

function isLaterThan(snapshot: Snapshot | undefined, time: string): boolean {
    return snapshot?.create_time !== undefined && Date.parse(snapshot.create_time) > Date.parse(time);
}

function hasCode(failure: unknown, codes: readonly string[]): boolean {
    return failure instanceof OntapError && failure.code !== undefined && codes.includes(failure.code);
}

/** Whether ONTAP could not reach its peer, or was still trying when time was up. */
function mayNeedPeer(failure: unknown): boolean {
    return failure instanceof OntapError && (failure.code === peerIsDark || failure.kind === "timeout");
}
