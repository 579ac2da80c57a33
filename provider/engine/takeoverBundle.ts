import type { Cluster } from "../clients/kubernetes/cluster";
import { kinds } from "../clients/kubernetes/kinds";
import { describeObject } from "../clients/kubernetes/objects";
import type { Action } from "../drivers/action";
import { messageOf, render } from "../roles/messages/message";
import type { Role } from "../roles/record";
import { bundleName } from "../roles/recordName";
import { printable } from "../support/printable";
import type { Seal } from "../support/seal";
import { type Bundle, bundleOf, faultOfBundle, isSameBundle, parseBundle } from "./bundle";
import type { MirrorRoleInputs } from "./inputs";

/** What is in the bundle's place; without a text nothing. */
export interface StoredBundle {
    text?: string;
}

/** The same, or why it could not be read. */
export type FoundBundle = StoredBundle | { unknown: string };

type BundleCluster = Pick<Cluster, "get" | "apply" | "delete">;

/** Keeps in a ConfigMap beside the record what a takeover without Pulumi goes by. */
export class TakeoverBundle {
    private readonly place: { name: string; namespace: string };

    constructor(
        private readonly cluster: BundleCluster,
        private readonly inputs: MirrorRoleInputs,
        namespace: string,
        private readonly seal: Seal,
    ) {
        this.place = { name: bundleName(inputs.application), namespace };
    }

    /** Never throws: nothing depends on it, and a site must not be kept from anything by it. */
    async look(): Promise<FoundBundle> {
        try {
            return await readBundle(this.cluster, this.place);
        } catch (error) {
            return { unknown: render(messageOf(error)) };
        }
    }

    /** Writes it unless what is there says the same, under the pair's present key. */
    keep(stored: StoredBundle, role: Role): Action[] {
        const { bundle, fault } = this.believed(stored);
        const content = bundleOf(this.inputs, role, bundle, this.seal);
        if (bundle !== undefined && isSameBundle(bundle, content) && this.isAuthenticated(bundle)) {
            return [];
        }
        const replaced = fault === undefined ? "" : `. It replaces one that is not believed: it ${fault}`;
        return [
            {
                call: `apply ${describeObject(kinds.configMap, this.place)}: what a takeover without Pulumi goes by${replaced}`,
                effect: "write",
                run: async () => {
                    const written = this.seal.on<Bundle>("bundle", { ...content, written: new Date().toISOString() });
                    await this.cluster.apply({
                        apiVersion: kinds.configMap.apiVersion,
                        kind: kinds.configMap.kind,
                        metadata: { ...this.place },
                        data: { site: this.inputs.site, bundle: `${JSON.stringify(written, undefined, 2)}\n` },
                    });
                },
            },
        ];
    }

    remove(): Action[] {
        return [
            {
                call: `delete ${describeObject(kinds.configMap, this.place)}: what a takeover without Pulumi went by`,
                effect: "write",
                run: () => this.cluster.delete(kinds.configMap, this.place),
            },
        ];
    }

    private believed({ text }: StoredBundle): { bundle?: Bundle; fault?: string } {
        if (text === undefined) {
            return {};
        }
        const parsed = parseBundle(text);
        if (!parsed.ok) {
            return { fault: `cannot be read (${printable(parsed.failure)})` };
        }
        const fault = faultOfBundle(parsed.value, this.seal);
        return fault === undefined ? { bundle: parsed.value } : { fault };
    }

    private isAuthenticated(bundle: Bundle): boolean {
        return !this.seal.hasKey || this.seal.verdict("bundle", bundle) === "current";
    }
}

export async function readBundle(
    cluster: Pick<Cluster, "get">,
    place: { name: string; namespace: string },
): Promise<StoredBundle> {
    const text = (await cluster.get(kinds.configMap, place))?.data?.["bundle"];
    return text === undefined ? {} : { text };
}
