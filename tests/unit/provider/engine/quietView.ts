import type { SiteView } from "../../../../provider/drivers/driver";

/** Of a site's view, what a test has no use for: nothing is known of it, and its array has nothing to tell. */
export const quietView = {
    lacking: () => Promise.resolve(undefined),
    replicationLag: () => Promise.resolve(undefined),
    heldSnapshots: () => Promise.resolve([]),
    copies: () => Promise.resolve([]),
    points: () => Promise.resolve(undefined),
    handedOver: () => Promise.resolve(undefined),
    sources: () => Promise.resolve([]),
    unreplicated: () => Promise.reject(new Error("nothing is given up here")),
    changedBytes: () => Promise.reject(new Error("nothing is given up here")),
    arrayReport: () => Promise.resolve({ shown: {}, sources: [], warnings: () => [] }),
    shown: () => Promise.resolve({ shown: {} }),
} satisfies Partial<SiteView>;
