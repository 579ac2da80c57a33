import type { KubernetesObject } from "../../kubernetes/cluster";
import type { RoleRecord } from "../../roles/record";
import { applicationManifest, homeOf, mirrorManifest, scheduleManifests } from "./objects";
import type { AppMirrorSettings } from "./settings";

/** An object that a role has, or does without. */
export interface StandingObject {
    kind: "Application" | "Schedule" | "AppMirrorRelationship";
    namespace: string;
    name: string;
    state: "present" | "absent";
    spec: Record<string, unknown>;
}

type Declared = Omit<AppMirrorSettings, "cluster" | "ontap" | "timeouts">;

/** The objects of the site's cluster as a role leaves them: what `pulumi up` shows in its tree. */
export function standingObjects(settings: Declared, record: RoleRecord, peerUid: string): StandingObject[] {
    const all = settings as AppMirrorSettings;
    const serves = record.role === "active";
    const promoted = serves && record.mirrorKept === true;
    const mirrored = record.role === "standby" || promoted;
    const mirror = mirrorManifest(all, peerUid);
    return [
        show("Application", applicationManifest(all), record.role !== "none", homeOf(all)),
        ...scheduleManifests(all).map((manifest) => show("Schedule", manifest, serves && !promoted, homeOf(all))),
        show(
            "AppMirrorRelationship",
            promoted ? { ...mirror, spec: { ...(mirror.spec as object), desiredState: "Promoted" } } : mirror,
            mirrored,
            homeOf(all),
        ),
    ];
}

function show(
    kind: StandingObject["kind"],
    manifest: KubernetesObject,
    present: boolean,
    namespace: string,
): StandingObject {
    return {
        kind,
        namespace,
        name: manifest.metadata.name,
        state: present ? "present" : "absent",
        spec: present ? (manifest.spec as Record<string, unknown>) : {},
    };
}
