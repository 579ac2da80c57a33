import type { KubernetesObject } from "../../clients/kubernetes/cluster";
import {
    applicationManifest,
    type DeclaredSettings,
    hookManifests,
    namespaceOf,
    mirrorManifest,
    scheduleManifests,
    scheduleParts,
} from "./manifests";

/** What a role keeps in its site's cluster for an application, or does without while the site has another role. */
export interface NamedObject {
    kind: "Application" | "Schedule" | "AppMirrorRelationship" | "ExecHook";
    namespace: string;
    name: string;
    /** What tells it from others of its kind, such as `daily`; empty for the only one. */
    part: string;
}

/** The objects that role swaps touch: what `pulumi up` shows in its tree. */
export function namedObjects(settings: DeclaredSettings): NamedObject[] {
    const named = (kind: NamedObject["kind"], { metadata }: KubernetesObject, part = ""): NamedObject => ({
        kind,
        namespace: namespaceOf(settings),
        name: metadata.name,
        part,
    });
    return [
        named("Application", applicationManifest(settings)),
        ...scheduleManifests(settings).map((manifest, index) =>
            named("Schedule", manifest, scheduleParts(settings)[index]!),
        ),
        ...hookManifests(settings).map((manifest) => named("ExecHook", manifest, manifest.metadata.name)),
        named("AppMirrorRelationship", mirrorManifest(settings, "")),
    ];
}
