import type { BlockMap, ExportPolicy, OntapClient, Qtree, Share } from "../../clients/ontap";
import { render, type Message, messageOf, text } from "../../roles/messages/message";
import { exportPolicyOf, fencePolicyOf } from "./fencePolicy";
import { mountedAt } from "./service";
import type { VolumesSettings } from "./settings";
import type { VolumeState } from "./observe";

/** Who could write to volumes that are fenced, as far as the array shows it. */
export interface AccessState {
    /** The export policies without which volumes cannot be fenced, as far as they exist. */
    policies: readonly ExportPolicy[];
    /** A clause for each way to a volume that its fence leaves open. */
    open: readonly Message[];
}

/** Shares that every SMB server has, for its administrators alone. */
const administrative = ["admin$", "c$", "ipc$"];

/**
 * Reads who reaches the volumes that can be written to here. Nothing is read where nothing can, so that a takeover does
 * not depend on it; what cannot be read counts as a way that is open.
 */
export async function readAccess(
    client: OntapClient,
    settings: VolumesSettings,
    volumes: readonly VolumeState[],
): Promise<AccessState> {
    if (settings.fence === "none") {
        return { policies: [], open: [] };
    }
    const fencing = volumes.filter(({ volume }) => volume?.type === "rw" || (volume && mountedAt(volume) !== ""));
    const writable = fencing.filter(({ volume }) => volume?.type === "rw");
    const names = [...new Set(fencing.map(({ volume }) => fencePolicyOf(volume!, settings)))];
    const { access } = client;
    const { svm } = settings;
    const policies = await reading("export policies", () => access.exportPolicies(svm, names));
    if (writable.length === 0) {
        return { policies: policies.found, open: [] };
    }
    const [qtrees, shares, luns, namespaces] = await Promise.all([
        reading("qtrees", () =>
            access.qtrees(
                svm,
                writable.map(({ name }) => name),
            ),
        ),
        settings.fence === "offline" ? { found: [], failed: [] } : reading("SMB shares", () => access.shares(svm)),
        reading("maps of LUNs", () => access.lunMaps(svm)),
        reading("maps of NVMe namespaces", () => access.namespaceMaps(svm)),
    ]);
    return {
        policies: policies.found,
        open: [
            ...policies.found.filter(({ rules }) => rules.length > 0).map((policy) => admits(policy, svm)),
            ...writable.flatMap((item) => [
                ...throughQtrees(item, qtrees.found),
                ...throughShares(item, shares.found),
                ...throughMaps(item, "LUN", luns.found),
                ...throughMaps(item, "NVMe namespace", namespaces.found),
            ]),
            ...[policies, qtrees, shares, luns, namespaces].flatMap(({ failed }) => failed),
        ],
    };
}

/** A clause that says that an export policy does not fence. */
export function admits({ name, rules }: ExportPolicy, svm: string): Message {
    return `export policy ${name} of SVM ${svm} has ${rules.length === 1 ? "a rule" : `${rules.length} rules`}, and may admit clients; it is to have none`;
}

/** A qtree may have an export policy of its own, to which that of the volume means nothing. */
export function throughQtrees({ name, volume }: VolumeState, qtrees: readonly Qtree[]): Message[] {
    const expected = volume && exportPolicyOf(volume);
    return qtrees
        .filter((one) => one.volume.name === name && one.export_policy?.name !== expected)
        .map(
            (one) =>
                `qtree ${one.name} of volume ${name} has an export policy of its own (${one.export_policy?.name ?? "unknown"})`,
        );
}

function throughShares({ name, volume }: VolumeState, shares: readonly Share[]): Message[] {
    const at = volume === undefined ? "" : mountedAt(volume);
    return shares
        .filter((share) => at !== "" && !administrative.includes(share.name.toLowerCase()) && leadsTo(share.path, at))
        .map(
            (share) =>
                `SMB share ${share.name} (${share.path}) leads to volume ${name}, and export policies do not stop its clients (fence: offline does)`,
        );
}

/** Whether one of two paths is the other, or above it. */
function leadsTo(share: string, junction: string): boolean {
    const [one, other] = [share, junction].map((path) => `${path.replace(/\/+$/, "")}/`) as [string, string];
    return one.startsWith(other) || other.startsWith(one);
}

function throughMaps({ name }: VolumeState, what: string, maps: readonly BlockMap[]): Message[] {
    return maps
        .filter(({ path }) => path.startsWith(`/vol/${name}/`))
        .map(({ path, to }) => `${what} ${path} is mapped to ${to}`);
}

async function reading<T>(what: string, read: () => Promise<T[]>): Promise<{ found: T[]; failed: Message[] }> {
    try {
        return { found: await read(), failed: [] };
    } catch (failure) {
        return { found: [], failed: [text`${what} cannot be read: ${render(messageOf(failure))}`] };
    }
}
