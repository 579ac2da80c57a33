/**
 * What ONTAP's error numbers mean to us (ONTAP REST reference, sections 1.6 and 5): for the data, for whoever has to
 * mend it, and for repeating the call.
 */
export interface CodeEntry {
    /** What it means for the data and for the objects of the call. */
    meaning: string;
    /** What to do about it. */
    remedy: string;
    /**
     * Whether the same call may be repeated after a while, because the array says that it did not begin it.
     * `short` pauses for seconds, `long` for up to a minute.
     */
    repeat?: "short" | "long";
}

const unchanged = "nothing was changed";
const busy: CodeEntry = {
    meaning: "the array was busy and did not begin it",
    remedy: "run it again in a minute",
    repeat: "short",
};
const nodeOffline: CodeEntry = {
    meaning: "a part of the array is offline and it did not begin it",
    remedy: "look at the array's nodes (cluster show), then run it again",
    repeat: "long",
};
const relationshipKept = "the relationship and both volumes are as they were";
const badPeerAddress: CodeEntry = {
    meaning: unchanged,
    remedy: "correct the peer's intercluster addresses in the program's settings",
};
const peerNotReached: CodeEntry = {
    meaning: "no peering was made",
    remedy: "check that the peer's intercluster addresses are right and that TCP ports 11104 and 11105 are open both ways",
};
const sameClusterName: CodeEntry = {
    meaning: unchanged,
    remedy: "each of two peered clusters needs a name of its own: rename one (cluster identity modify -name)",
};
const aliasTaken: CodeEntry = {
    meaning: "no SVM peering was made",
    remedy:
        "another SVM is known by this name here, and Trident addresses the peer's SVM by its own name: " +
        "rename one of the SVMs (vserver rename), or remove the peering that holds the name",
};
const unexpectedState: CodeEntry = {
    meaning: relationshipKept,
    remedy: "the relationship is not in the state that was expected: run it again, which looks first",
};

const entries: Record<string, CodeEntry> = {
    "1": { meaning: "it exists already; nothing was changed", remedy: "run it again, which finds and checks it" },
    "2": { meaning: unchanged, remedy: "correct the value that the message names" },
    "3": { meaning: unchanged, remedy: "this call needs a newer ONTAP (9.12.1 at least)" },
    "4": { meaning: "it does not exist; nothing was changed", remedy: "run it again, which looks first" },
    "6": { meaning: unchanged, remedy: "give the account's role this right (security login rest-role create)" },
    "7": busy,
    "8": { ...busy, meaning: "it is in use; nothing was changed" },
    "13": nodeOffline,
    "262160": busy,
    "262179": { meaning: unchanged, remedy: "this argument needs a newer ONTAP (9.12.1 at least)" },
    "262197": { meaning: unchanged, remedy: "correct the value that the message names" },
    "262224": {
        meaning: "the array could not ask its peer, and left the object as it was",
        remedy: "look at the peering (cluster peer show), or wait for the other site",
    },
    "393271": nodeOffline,
    "458753": nodeOffline,
    "524424": nodeOffline,
    "524481": busy,
    "524486": busy,
    "524615": { meaning: "the volume is kept", remedy: "delete its clones first" },
    "525059": { meaning: "the snapshot exists already", remedy: "run it again, which finds it" },
    "525062": { meaning: "no snapshot was made", remedy: "delete snapshots of the volume that nobody needs" },
    "917505": { meaning: unchanged, remedy: "correct the SVM's name in the program's settings" },
    "917526": { meaning: "a volume of this name exists already", remedy: "run it again, which finds and checks it" },
    "917536": {
        meaning: "the volume is not mounted: it was not initialised yet",
        remedy: "run it again once the first transfer has ended",
    },
    "917617": { meaning: unchanged, remedy: "a mirror's destination cannot be changed so: break the mirror first" },
    "917628": { meaning: unchanged, remedy: "a mirror's destination cannot be changed so: break the mirror first" },
    "917858": {
        meaning: "the volume is kept: it is an end of a SnapMirror relationship",
        remedy: "remove the relationship first, at both ends",
    },
    "1638461": { meaning: unchanged, remedy: "snapshots can be taken on writable volumes only" },
    "1638521": { meaning: unchanged, remedy: "snapshots can be deleted on writable volumes only" },
    "1638543": { meaning: "the snapshot is kept: SnapMirror owns it", remedy: "release the relationship first" },
    "1638555": { meaning: "the snapshot is kept: it is locked", remedy: "wait until its lock has expired" },
    "1638600": { meaning: "the snapshot is gone already", remedy: "nothing is to be done" },
    "1967171": busy,
    "1967177": busy,
    "2621462": { meaning: unchanged, remedy: "correct the SVM's name in the program's settings" },
    "2621556": nodeOffline,
    "4653058": sameClusterName,
    "4653075": sameClusterName,
    "4653076": sameClusterName,
    "4656071": sameClusterName,
    "4653079": { meaning: "the cluster peering is kept: it is in use", remedy: "remove its SVM peerings first" },
    "4653215": peerNotReached,
    "4653216": peerNotReached,
    "4653217": peerNotReached,
    "4653218": peerNotReached,
    "4653219": peerNotReached,
    "4653220": peerNotReached,
    "4653236": {
        meaning: unchanged,
        remedy: "give both sites a passphrase of eight characters at least (pulumi config set --secret trident-dr:peeringPassphrase)",
    },
    "4653368": badPeerAddress,
    "8847365": badPeerAddress,
    "4653419": { meaning: unchanged, remedy: "the cluster wants encrypted peering: allow tls_psk at both sites" },
    "4653671": {
        meaning: unchanged,
        remedy: "give each node an intercluster interface (service policy default-intercluster)",
    },
    "4656095": {
        meaning: unchanged,
        remedy: "give each node an intercluster interface of the peer's address family",
    },
    "4656069": badPeerAddress,
    "4656077": { meaning: unchanged, remedy: "set trident-dr:peeringPassphrase" },
    "4656100": {
        meaning: unchanged,
        remedy: "the address belongs to this very cluster: give the intercluster addresses of the other site",
    },
    "6619337": { meaning: unchanged, remedy: "the volume does not exist: correct its path" },
    "6619441": { meaning: unchanged, remedy: "a volume cannot mirror itself: correct the paths" },
    "6619546": {
        meaning: "no relationship was made",
        remedy: "the destination must be an empty volume of type dp, or one that shares a snapshot with the source",
    },
    "6619637": {
        meaning: "the destination has a relationship already; nothing was changed",
        remedy: "run it again, which finds and checks it",
    },
    "6619699": { meaning: unchanged, remedy: "make the cron schedule on this cluster first" },
    "6619714": { meaning: unchanged, remedy: "SnapMirror takes cron schedules only" },
    "6619715": busy,
    "6619720": busy,
    "6620046": {
        meaning: "the transfer was aborted; the destination keeps its last snapshot",
        remedy: "start it again",
    },
    "6620237": { ...busy, meaning: relationshipKept },
    "6620238": { ...busy, meaning: relationshipKept },
    "6621444": {
        meaning: "the transfer failed; the destination keeps its last snapshot",
        remedy: "see the innermost reason",
    },
    "6621445": {
        meaning: "the transfer failed; the destination keeps its last snapshot",
        remedy: "see the innermost reason",
    },
    "6691623": {
        meaning: unchanged,
        remedy:
            "set trident-dr:ontapUsername and trident-dr:ontapPassword of this stack (pulumi config set --secret), " +
            "and see that the account is not locked",
    },
    "9241607": { meaning: unchanged, remedy: "set the cluster up first" },
    "9895956": { meaning: "the SVM is peered already", remedy: "run it again, which finds and checks it" },
    "9896057": { meaning: "the permission exists already", remedy: "nothing is to be done" },
    "9896086": aliasTaken,
    "9896088": aliasTaken,
    "9896095": aliasTaken,
    "13107405": busy,
    "13303808": {
        meaning: "the mirror was not broken; the destination is still read-only",
        remedy: "wait for the transfer that is going on, or abort it, and run it again",
    },
    "13303809": { meaning: relationshipKept, remedy: "run it again, which looks first" },
    "13303810": {
        meaning: "the mirror did not start; the destination holds what it held",
        remedy: "read the reason: without a snapshot that both volumes share, only a new baseline into an empty volume helps",
    },
    "13303811": { meaning: "the mirror is still paused", remedy: "run it again, which looks first" },
    "13303812": { meaning: "no transfer was started", remedy: "see whether one is going on already, and run it again" },
    "13303813": {
        meaning: "the source's record is gone, the relationship at the destination is still there",
        remedy: "run it again, which removes the rest",
    },
    "13303814": {
        meaning: relationshipKept,
        remedy: "the other site did not answer: its record is to be removed there later",
    },
    "13303815": {
        meaning: relationshipKept,
        remedy: "the other site did not answer: its record is to be removed there later",
    },
    "13303816": { meaning: relationshipKept, remedy: "run it again in a few minutes" },
    "13303817": unexpectedState,
    "13303818": unexpectedState,
    "13303819": { meaning: unchanged, remedy: "run it again; the policy could not be read" },
    "13303820": {
        meaning: "policy or schedule were changed, the state was not",
        remedy: "run it again, which looks first",
    },
    "13303821": { meaning: unchanged, remedy: "give a policy that exists on this cluster (snapmirror policy show)" },
    "13303822": {
        meaning: "the source still keeps its record and its snapshots",
        remedy: "run it again when no transfer is going on",
    },
    "13303823": {
        meaning: "a transfer is still going on; nothing was broken",
        remedy: "abort the transfer and run it again",
    },
    "13303824": { meaning: relationshipKept, remedy: "abort the transfer and run it again" },
    "13303829": unexpectedState,
    "13303830": unexpectedState,
    "13303831": unexpectedState,
    "13303832": unexpectedState,
    "13303833": unexpectedState,
    "13303844": {
        meaning: "no transfer was started; the destination keeps its last snapshot",
        remedy: unexpectedState.remedy,
    },
    "13303848": { meaning: "the transfer goes on", remedy: "synchronous relationships have no transfer to abort" },
    "13303849": { meaning: "the transfer goes on, or had ended", remedy: "run it again, which looks first" },
    "13303852": { meaning: unchanged, remedy: "paths have the form svm:volume" },
    "13303886": { meaning: "no relationship was made", remedy: "peer the SVMs first: run pulumi up at both sites" },
    "13303939": { meaning: "no relationship was made", remedy: "peer the SVMs first: run pulumi up at both sites" },
    "13303892": {
        meaning: "no relationship was made",
        remedy: "look at the peering (cluster peer show), and run it again",
    },
    "13304108": { meaning: unchanged, remedy: "make the cron schedule on this cluster first" },
    "13434889": busy,
    "13434894": { ...busy, repeat: "long" },
    "13434908": { meaning: "an SVM of this name exists already", remedy: "run it again, which finds it" },
    "65536968": busy,
    "65537564": busy,
};

/** What we know of an error number, with the message where one number stands for several things. */
export function entryOf(code: string | undefined, message = ""): CodeEntry | undefined {
    if (code === undefined) {
        return undefined;
    }
    if (code === "4" && message.includes("temporarily locked")) {
        return { ...busy, repeat: "long" };
    }
    const entry = entries[code];
    // 458753 is a passing condition only while the security daemon starts.
    if (code === "458753" && entry !== undefined && !message.includes("secd")) {
        return { meaning: entry.meaning, remedy: entry.remedy };
    }
    return entry;
}
