/**
 * What ONTAP's error numbers mean (docs/facts/ontap.md): for the data, for whoever has to fix the cause, and for
 * repeating the call.
 */
interface CodeEntry {
    /** What it means for the data and for the objects of the call. */
    meaning: string;
    /** What to do about it. */
    remedy: string;
    /**
     * Whether the same call may be repeated after a while, because the array says that it did not start it.
     * `short` pauses for seconds, `long` for up to a minute.
     */
    repeat?: "short" | "long";
}

const unchanged = "nothing was changed";
const busy: CodeEntry = {
    meaning: "the array was busy and did not start it",
    remedy: "run it again in a minute",
    repeat: "short",
};
const nodeOffline: CodeEntry = {
    meaning: "part of the array is offline, and the call was not started",
    remedy: "check the array's nodes (cluster show), then run it again",
    repeat: "long",
};
const relationshipKept = "the relationship and both volumes are unchanged";
const badPeerAddress: CodeEntry = {
    meaning: unchanged,
    remedy: "correct the peer's intercluster addresses in the program's settings",
};
const peerNotReached: CodeEntry = {
    meaning: "no peering was created",
    remedy: "check that the peer's intercluster addresses are right and that TCP ports 11104 and 11105 are open both ways",
};
const sameClusterName: CodeEntry = {
    meaning: unchanged,
    remedy: "two peered clusters must have different names: rename one (cluster identity modify -name)",
};
const aliasTaken: CodeEntry = {
    meaning: "no SVM peering was created",
    remedy:
        "another SVM is known by this name here, and Trident addresses the peer's SVM by its own name: " +
        "rename one of the SVMs (vserver rename), or remove the peering that uses the name",
};
const unexpectedState: CodeEntry = {
    meaning: relationshipKept,
    remedy: "the relationship is not in the expected state: run it again, and it starts from the current one",
};

const entries: Record<string, CodeEntry> = {
    "1": { meaning: "it already exists; nothing was changed", remedy: "run it again: what exists is checked and used" },
    "2": { meaning: unchanged, remedy: "correct the value that the message names" },
    "3": { meaning: unchanged, remedy: "this call requires ONTAP 9.12.1 or newer" },
    "4": {
        meaning: "it does not exist; nothing was changed",
        remedy: "run it again: it starts from the current state",
    },
    "6": { meaning: unchanged, remedy: "give the account's role this right (security login rest-role create)" },
    "7": busy,
    "8": { ...busy, meaning: "it is in use; nothing was changed" },
    "13": nodeOffline,
    "262160": busy,
    "262179": { meaning: unchanged, remedy: "this argument requires ONTAP 9.12.1 or newer" },
    "262197": { meaning: unchanged, remedy: "correct the value that the message names" },
    "262224": {
        meaning: "the array could not reach its peer, and left the object unchanged",
        remedy: "check the peering (cluster peer show), or wait for the other site",
    },
    "393271": nodeOffline,
    "458753": nodeOffline,
    "524424": nodeOffline,
    "524481": busy,
    "524486": busy,
    "524615": { meaning: "the volume is kept", remedy: "delete its clones first" },
    "525059": { meaning: "the snapshot already exists", remedy: "run it again: what exists is used" },
    "525062": {
        meaning: "no snapshot was created",
        remedy: "delete snapshots of the volume that are no longer needed",
    },
    "917505": { meaning: unchanged, remedy: "correct the SVM's name in the program's settings" },
    "917526": {
        meaning: "a volume of this name already exists",
        remedy: "run it again: what exists is checked and used",
    },
    "917536": {
        meaning: "the volume is not mounted: it has not been initialised yet",
        remedy: "run it again once the first transfer has ended",
    },
    "917617": { meaning: unchanged, remedy: "a mirror destination cannot be changed this way: break the mirror first" },
    "917628": { meaning: unchanged, remedy: "a mirror destination cannot be changed this way: break the mirror first" },
    "917858": {
        meaning: "the volume is kept: it is part of a SnapMirror relationship",
        remedy: "remove the relationship first, at both ends",
    },
    "1638461": { meaning: unchanged, remedy: "snapshots can only be taken on writable volumes" },
    "1638521": { meaning: unchanged, remedy: "snapshots can only be deleted on writable volumes" },
    "1638543": { meaning: "the snapshot is kept: SnapMirror owns it", remedy: "release the relationship first" },
    "1638555": { meaning: "the snapshot is kept: it is locked", remedy: "wait until its lock has expired" },
    "1638600": { meaning: "the snapshot is already gone", remedy: "no action is needed" },
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
        remedy: "set a passphrase of at least eight characters at both sites (pulumi config set --secret peeringPassphrase)",
    },
    "4653368": badPeerAddress,
    "8847365": badPeerAddress,
    "4653419": { meaning: unchanged, remedy: "the cluster requires encrypted peering: allow tls_psk at both sites" },
    "4653671": {
        meaning: unchanged,
        remedy: "give each node an intercluster interface (service policy default-intercluster)",
    },
    "4656095": {
        meaning: unchanged,
        remedy: "give each node an intercluster interface of the peer's address family",
    },
    "4656069": badPeerAddress,
    "4656077": { meaning: unchanged, remedy: "set peeringPassphrase" },
    "4656100": {
        meaning: unchanged,
        remedy: "the address belongs to this cluster: use the intercluster addresses of the other site",
    },
    "6619337": { meaning: unchanged, remedy: "the volume does not exist: correct its path" },
    "6619441": { meaning: unchanged, remedy: "a volume cannot mirror itself: correct the paths" },
    "6619546": {
        meaning: "no relationship was created",
        remedy: "the destination must be an empty volume of type dp, or one that shares a snapshot with the source",
    },
    "6619637": {
        meaning: "the destination already has a relationship; nothing was changed",
        remedy: "run it again: what exists is checked and used",
    },
    "6619699": { meaning: unchanged, remedy: "create the cron schedule on this cluster first" },
    "6619714": { meaning: unchanged, remedy: "SnapMirror accepts only cron schedules" },
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
            "set ontapUsername and ontapPassword of this stack (pulumi config set --secret), " +
            "or correct the Secret that ontap.accountSecret names, and check that the account is not locked",
    },
    "9241607": { meaning: unchanged, remedy: "complete the cluster setup first" },
    "9895956": { meaning: "the SVM is already peered", remedy: "run it again: what exists is checked and used" },
    "9896057": { meaning: "the permission already exists", remedy: "no action is needed" },
    "9896086": aliasTaken,
    "9896088": aliasTaken,
    "9896095": aliasTaken,
    "13107405": busy,
    "13303808": {
        meaning: "the mirror was not broken; the destination is still read-only",
        remedy: "wait for the running transfer to finish, or abort it, then run it again",
    },
    "13303809": { meaning: relationshipKept, remedy: "run it again: it starts from the current state" },
    "13303810": {
        meaning: "the mirror did not start; the destination is unchanged",
        remedy: "check the reason: without a snapshot that both volumes share, a new baseline into an empty volume is the only way",
    },
    "13303811": { meaning: "the mirror is still paused", remedy: "run it again: it starts from the current state" },
    "13303812": {
        meaning: "no transfer was started",
        remedy: "check whether one is already running, then run it again",
    },
    "13303813": {
        meaning: "the source's record is gone, the relationship at the destination still exists",
        remedy: "run it again to remove the rest",
    },
    "13303814": {
        meaning: relationshipKept,
        remedy: "the other site did not answer: its record must be removed there later",
    },
    "13303815": {
        meaning: relationshipKept,
        remedy: "the other site did not answer: its record must be removed there later",
    },
    "13303816": { meaning: relationshipKept, remedy: "run it again in a few minutes" },
    "13303817": unexpectedState,
    "13303818": unexpectedState,
    "13303819": { meaning: unchanged, remedy: "the policy could not be read: run it again" },
    "13303820": {
        meaning: "policy or schedule were changed, the state was not",
        remedy: "run it again: it starts from the current state",
    },
    "13303821": { meaning: unchanged, remedy: "use a policy that exists on this cluster (snapmirror policy show)" },
    "13303822": {
        meaning: "the source still keeps its record and its snapshots",
        remedy: "run it again when no transfer is running",
    },
    "13303823": {
        meaning: "a transfer is still running; the mirror was not broken",
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
    "13303848": { meaning: "the transfer continues", remedy: "synchronous relationships have no transfer to abort" },
    "13303849": {
        meaning: "the transfer continues, or had already ended",
        remedy: "run it again: it starts from the current state",
    },
    "13303852": { meaning: unchanged, remedy: "paths have the form svm:volume" },
    "13303886": {
        meaning: "no relationship was created",
        remedy: "peer the SVMs first, at both sites (vserver peer show)",
    },
    "13303939": {
        meaning: "no relationship was created",
        remedy: "peer the SVMs first, at both sites (vserver peer show)",
    },
    "13303892": {
        meaning: "no relationship was created",
        remedy: "check the peering (cluster peer show), and run it again",
    },
    "13304108": { meaning: unchanged, remedy: "create the cron schedule on this cluster first" },
    "13434889": busy,
    "13434894": { ...busy, repeat: "long" },
    "13434908": { meaning: "an SVM of this name already exists", remedy: "run it again: what exists is used" },
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
