import type { DeclaredSettings } from "../../../../../provider/drivers/applications/manifests";

/** The application shop, seen from east. */
export function shopAt(change: Partial<DeclaredSettings> = {}): DeclaredSettings {
    return {
        application: "shop",
        site: "east",
        peer: "west",
        namespaces: ["shop", "shop-data"],
        vaults: { east: "vault-east", west: "vault-west" },
        protectNamespace: "trident-protect",
        storageClass: "trident-dr",
        snapshotRetention: 2,
        recurrence: {
            snapshot: "RRULE:FREQ=MINUTELY;INTERVAL=5",
            mirror: "RRULE:FREQ=MINUTELY;INTERVAL=5;BYSECOND=30",
        },
        daily: { hour: "2", minute: "30", keep: 7 },
        resourceFilter: undefined,
        ...change,
    };
}
