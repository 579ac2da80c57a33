/** What MirrorRole accepts, with nothing but what must be there. */
export function goodInputs(): Record<string, unknown> {
    return {
        application: "shop",
        site: "east",
        peerSite: "west",
        active: "east",
        cluster: { context: "east" },
        namespaces: ["shop"],
        vaults: { east: "vault-east", west: "vault-west" },
        storageClass: "trident-dr",
        recurrence: { snapshot: "RRULE:FREQ=MINUTELY;INTERVAL=5", mirror: "RRULE:FREQ=MINUTELY;INTERVAL=5" },
        daily: { hour: "2", minute: "30", keep: 7 },
        peerRecord: { known: false, why: "nobody asked" },
        ontap: { endpoint: { url: "https://10.0.0.5" }, svm: "svm_east" },
    };
}
