import type { KubernetesObject } from "../../clients/kubernetes/cluster";
import { wasUnmanaged } from "../../roles/planner/predicates";
import type { RoleRecord } from "../../roles/record";
import {
    applicationManifest,
    type DeclaredSettings,
    hookManifests,
    namespaceOf,
    mirrorManifest,
    scheduleManifests,
    scheduleParts,
} from "./manifests";

/** What stands in a site's cluster for a mirrored application, what a role does without, or what was let go of. */
export interface StandingObject {
    state: "present" | "absent" | "unmanaged";
    spec: Record<string, unknown>;
}

export interface NamedObject {
    kind: "Application" | "Schedule" | "AppMirrorRelationship" | "ExecHook";
    namespace: string;
    name: string;
    /** What tells it from others of its kind, such as `daily`; empty for the only one. */
    part: string;
    /** As the role leaves it; a site that is establishing has a mirror, whatever its role is still. */
    under(record: RoleRecord, peerUid: string, establishing?: boolean): StandingObject;
}

/** The objects that role swaps touch, each as a role leaves it: what `pulumi up` shows in its tree. */
export function namedObjects(settings: DeclaredSettings): NamedObject[] {
    const named = (
        kind: NamedObject["kind"],
        manifest: KubernetesObject,
        under: NamedObject["under"],
        part = "",
    ): NamedObject => ({
        kind,
        namespace: namespaceOf(settings),
        name: manifest.metadata.name,
        part,
        under: (record, peerUid, establishing = false) =>
            wasUnmanaged(record) && !establishing
                ? { state: "unmanaged", spec: {} }
                : under(record, peerUid, establishing),
    });
    const application = applicationManifest(settings);
    const whileServing =
        (manifest: KubernetesObject): NamedObject["under"] =>
        (record, _uid, establishing = false) =>
            present(record.role === "active" && !establishing, manifest);
    return [
        named("Application", application, (record, _uid, establishing = false) =>
            present(record.role !== "none" || record.epoch > 0 || establishing, application),
        ),
        ...scheduleManifests(settings).map((manifest, index) =>
            named("Schedule", manifest, whileServing(manifest), scheduleParts(settings)[index]!),
        ),
        ...hookManifests(settings).map((manifest) =>
            named("ExecHook", manifest, whileServing(manifest), manifest.metadata.name),
        ),
        named("AppMirrorRelationship", mirrorManifest(settings, ""), (record, peerUid, establishing = false) => {
            const promoted = record.role === "active" && record.mirrorKept === true;
            const manifest = mirrorManifest(settings, peerUid);
            const spec = promoted ? { ...(manifest.spec as object), desiredState: "Promoted" } : manifest.spec;
            return present(promoted || establishing || record.role === "standby", { ...manifest, spec });
        }),
    ];
}

function present(is: boolean, manifest: KubernetesObject): StandingObject {
    return is ? { state: "present", spec: manifest.spec as Record<string, unknown> } : { state: "absent", spec: {} };
}
