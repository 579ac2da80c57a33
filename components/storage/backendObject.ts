import type { DeclaredObject } from "../../provider/resources/declaredObjects";

/** What the API server knows a backend by, whoever made it. */
export function tridentBackendObject(name: string, namespace: string): DeclaredObject {
    return {
        apiVersion: "trident.netapp.io/v1",
        kind: "TridentBackendConfig",
        plural: "tridentbackendconfigs",
        namespace,
        name,
    };
}
