/**
 * Rights that may be used by no scenario, each with the reason why the generated roles have it all the same. What is
 * neither used nor listed here is too much (`npm run check:rights`).
 */
export const unusedRights: Readonly<Record<string, string>> = {
    ...forReason("`pulumi refresh`, and a change of what Pulumi declared, read it; no scenario has either", [
        "get namespaces, by name",
    ]),
    ...forReason("a first role waits for what its controller has not reported as usable yet; the lab's are quick", [
        "watch appvaults.protect.trident.netapp.io in trident-protect, by name",
        "watch tridentbackendconfigs.trident.netapp.io in trident, by name",
    ]),
    ...forReason("of many applications, those with a resourceFilter list them at once; no scenario has several", [
        "list tridentmirrorrelationships.trident.netapp.io",
    ]),
    ...forReason("a quota whose status the quota controller has not filled in yet is waited for", [
        "watch resourcequotas in an application's namespace",
    ]),
    ...forReason(
        "an item that leaves the mirror takes along what a takeover goes by; none leaves whose record is in that namespace",
        ["delete configmaps in trident-protect, by name"],
    ),
    ...forReason("the record of an application moves from where version 0.2.0 kept it; no scenario begins there", [
        "delete configmaps in an application's namespace, by name",
    ]),
    ...forReason("a pod that outlives the final snapshot is waited for, and marks that snapshot as not final", [
        "get pods in an application's namespace",
        "watch pods in an application's namespace",
        "patch shutdownsnapshots.protect.trident.netapp.io in an application's namespace",
    ]),
    ...forReason("what a change of mind restored with goes with the next switch; no scenario has both", [
        "delete snapshotinplacerestores.protect.trident.netapp.io in an application's namespace",
    ]),
    ...forReason(
        "a claim that is not bound when the application is restored is waited for, unless its class binds late",
        [
            "get persistentvolumeclaims in an application's namespace",
            "watch persistentvolumeclaims in an application's namespace",
            "get storageclasses.storage.k8s.io",
        ],
    ),
};

function forReason(reason: string, rights: readonly string[]): Record<string, string> {
    return Object.fromEntries(rights.map((right) => [right, reason]));
}
