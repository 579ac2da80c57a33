import { formatDiscard } from "./acknowledgement";
import { compareEpochs, isOverride, type Beginning, type Epoch } from "./epoch";
import { epochOf, type HandOverToken, type RecoveryPoint, type RoleRecord, type Verb } from "./record";
import { lossBoundSeconds, type Situation } from "./situation";
import type { ClaimVault, MirrorWay, Step } from "./steps";
import type { OrderRefusalCode } from "./waves";

export type Decision = Plan | Refusal;

/** What to do, in order. Steps whose effect is there already are passed over when the plan is carried out. */
export interface Plan {
    kind: "plan";
    verb: Verb;
    steps: readonly Step[];
    /** What is to be said before anything is done. */
    notes: readonly string[];
    /** What allowed it, to be remembered: the token's final snapshot, or an acknowledgement. */
    by?: string;
}

export interface Refusal {
    kind: "refusal";
    code: RefusalCode | OrderRefusalCode;
    /** What is wrong, at which site, and what it means for the data. */
    reason: string;
    /** What to do about it, the usual way first. */
    remedies: readonly string[];
}

export const refusalCodes = [
    "active-names-neither-site",
    "own-record-lost",
    "peer-serves",
    "peer-took-over",
    "peer-unknown",
    "nobody-to-hand-over-to",
    "replication-behind",
    "no-token",
    "token-of-other-epoch",
    "token-of-other-application",
    "token-for-other-site",
    "token-used",
    "epoch-has-passed",
    "nothing-replicated",
    "unfinished",
    "discard-of-other-epoch",
    "full-copy",
    "role-change-under-way",
    "nobody-serves",
    "served-elsewhere",
    "would-overwrite",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/**
 * The role machine of design.md section 4: from what a site is, sees and is told to what it does now.
 * Pure and complete: every situation has a plan or a refusal that says what was expected.
 */
export function decide(situation: Situation): Decision {
    const { own, configuration } = situation;
    if (configuration.active !== configuration.site && configuration.active !== configuration.peer) {
        return refuse(
            "active-names-neither-site",
            `active is "${configuration.active}", which is neither ${configuration.site} nor ${configuration.peer}`,
            [`pulumi config set active ${configuration.site}`, `pulumi config set active ${configuration.peer}`],
        );
    }
    if (own.underWay !== undefined) {
        return finish(situation, own.underWay);
    }
    if (configuration.unprotect === true) {
        return abandon(situation);
    }
    const wanted = configuration.active === configuration.site;
    switch (own.role) {
        case "none":
            return wanted ? serveFirst(situation) : becomeStandby(situation);
        case "active":
            return wanted ? keepServing(situation) : stopServing(situation);
        case "stood-down":
            return wanted ? changeOfMind(situation) : followAfterStandingDown(situation);
        case "standby":
            return wanted ? takeOver(situation) : follow(situation);
        case "displaced":
            return wanted ? serveByDiscard(situation) : rejoin(situation);
    }
}

// none --------------------------------------------------------------------------------------------------------------

function serveFirst(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    if (!peer.known) {
        return refuse(
            "peer-unknown",
            `${configuration.site} has no record of ${configuration.application} and cannot tell whether ${configuration.peer} serves it: ${peer.why}`,
            [`make the outputs of the stack of ${configuration.peer} readable, then pulumi up again`],
        );
    }
    const peerRole = peer.record?.role ?? "none";
    if (peerRole === "active" && !servedLater(own, peer.record!)) {
        return refuse(
            "peer-serves",
            `${configuration.peer} serves ${configuration.application} in epoch ${peer.record!.epoch}; ${configuration.site} has nothing of it yet`,
            [
                ...(servesWithBase(peer.record!)
                    ? []
                    : [
                          `pulumi config set active ${configuration.peer} --stack ${configuration.peer} and pulumi up there: it takes the base snapshot that a mirror begins from`,
                      ]),
                `pulumi config set active ${configuration.peer}, and replicate to ${configuration.site} first`,
            ],
        );
    }
    const stoodDownForThis = peerRole === "stood-down" && own.epoch <= (peer.record?.epoch ?? 0);
    if (own.epoch > 0 && peerRole !== "none" && (stoodDownForThis || !servedLast(own))) {
        return refuseNobodyServes(situation, configuration.peer);
    }
    const wasLeft = own.epoch > 0 && own.epoch >= (peer.record?.epoch ?? 0);
    if (peerRole !== "none" && !wasLeft) {
        return refuseRecordLost(situation);
    }
    // A site that has no record may have served in an epoch that it would begin again.
    const mayHaveServed = own.epoch === 0 && epochThatPassed(situation) > 0;
    const theirs = peer.record;
    const epoch = Math.max(own.epoch, epochThatPassed(situation)) + 1;
    if (theirs === undefined || !servedLast(theirs) || servedLater(own, theirs)) {
        return mayHaveServed ? refuseRecordLost(situation) : firstService(situation, epoch, "init");
    }
    return discards(situation, configuration.peer, theirs.epoch) && !mayHaveServed
        ? firstService(situation, epoch, "discard")
        : refuseServedElsewhere(situation, theirs);
}

function refuseServedElsewhere({ configuration }: Situation, theirs: RoleRecord): Refusal {
    const { application, site, peer } = configuration;
    return refuse(
        "served-elsewhere",
        `${peer} served ${application} in epoch ${theirs.epoch}, and unprotected since; what ${site} holds is older. Nothing was changed`,
        [
            `pulumi config set active ${peer} --stack ${peer} and pulumi up there: it serves on, protected; then the same at ${site}, which becomes standby`,
            `pulumi config set discard ${peer}@${theirs.epoch} --stack ${site}, to serve at ${site} all the same; what ${peer} wrote since is given up, and it must not run there any more`,
        ],
    );
}

function refuseRecordLost(situation: Situation): Refusal {
    const { application, site, peer } = situation.configuration;
    return refuse(
        "own-record-lost",
        `${peer} is ${describePeer(situation)}, but ${site} has no record of ${application}: it was lost from this stack's state and from the cluster`,
        [
            `restore the state of this stack, or the ConfigMap of the record in the application's namespace, then pulumi up again`,
            ...(peerMirrorsNothing(situation)
                ? [
                      `if ${site} never had one: pulumi destroy --stack ${peer}, which is out of the mirror, and begin anew`,
                  ]
                : []),
        ],
    );
}

/** Epochs go on where an application was taken out of the mirror: snapshots and acknowledgements of old ones are left. */
function firstService(situation: Situation, epoch: number, began: Beginning): Plan {
    const { site, peer } = situation.configuration;
    // A standby site must be able to take over from one that died in the middle of this: nothing is claimed there.
    const alone = peerMirrorsNothing(situation);
    const vaults = [{ site: alone ? firstSorted(site, peer) : site, must: true }];
    return plan("serve first", [
        ...begin("serve first", { number: epoch, began, site }, vaults),
        ...(situation.observed.mirror === undefined ? [] : ([{ do: "remove-mirror" }] as const)),
        ...serving(epoch),
        recordActive(situation, epoch, began, false),
    ]);
}

function becomeStandby(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    if (!peer.known || peer.record === undefined || peer.record.role === "none") {
        return plan(
            "hold",
            [],
            [
                peer.known
                    ? `${configuration.peer} does not serve ${configuration.application} yet`
                    : `${configuration.peer} cannot be read: ${peer.why}`,
            ],
        );
    }
    if (!servesWithBase(peer.record) && own.epoch > 0) {
        return peer.record.role === "standby" || peer.record.role === "displaced"
            ? refuseNobodyServes(situation, configuration.site)
            : plan(
                  "hold",
                  [],
                  [`${configuration.peer} is ${describePeer(situation)}, with nothing to mirror from yet`],
              );
    }
    if (!servesWithBase(peer.record)) {
        return refuse(
            "own-record-lost",
            `${configuration.peer} is ${peer.record.role} in epoch ${peer.record.epoch}, but ${configuration.site} has no record of ${configuration.application}; a mirror can only be made from a site that serves`,
            [`pulumi up at ${configuration.peer} until it serves, then pulumi up here again`],
        );
    }
    return holdsMore(situation)
        ? overwrite(situation, peer.record)
        : plan("become standby", mirrorFrom(situation, peer.record, "first"));
}

/** A mirror into this site would overwrite what runs here, or what served last before it was taken out of the mirror. */
function holdsMore({ own, observed }: Situation): boolean {
    return servedLast(own) || (observed.workloads ?? []).length > 0;
}

function overwrite(situation: Situation, theirs: RoleRecord): Decision {
    const { own, configuration, observed } = situation;
    const { application, site, peer } = configuration;
    if (discards(situation, site, own.epoch)) {
        const epoch = epochOf(theirs)!;
        return plan("become standby", [
            ...aside(situation, "become standby", epoch),
            ...mirrorFrom(situation, theirs, "first"),
        ]);
    }
    const running = observed.workloads ?? [];
    return refuse(
        "would-overwrite",
        [
            `${peer} serves ${application} in epoch ${theirs.epoch}, and a mirror would overwrite what ${site} holds`,
            ...(servedLast(own) ? [`${site} served it in epoch ${own.epoch}, and unprotected since`] : []),
            ...(running.length > 0
                ? [`there ${running.join(", ")} still ${running.length === 1 ? "runs" : "run"}`]
                : []),
            "Nothing was touched",
        ].join(". "),
        [
            own.epoch > 0
                ? `if ${peer} has what is to be kept: pulumi config set discard ${site}@${own.epoch} --stack ${site}, and pulumi up; what ${site} wrote since is counted and given up`
                : `if ${peer} has what is to be kept: stop what runs at ${site} (kubectl scale --replicas 0), then pulumi up again`,
            `if ${site} has it: ${setting(configuration, "unprotect", "true", peer)} and pulumi up there; then make ${site} the active site at both`,
        ],
    );
}

/** Whether this site, out of the mirror by now, served in a later epoch than the other one. */
function servedLater(own: RoleRecord, theirs: RoleRecord): boolean {
    const [mine, other] = [epochOf(own), epochOf(theirs)];
    return servedLast(own) && mine !== undefined && (other === undefined || compareEpochs(mine, other) > 0);
}

/** Whether the site served when the application was taken out of the mirror there: it may go on writing. */
function servedLast({ role, history }: RoleRecord): boolean {
    const last = history.at(-1);
    return role === "none" && last?.verb === "abandon" && last.from === "active";
}

/** The application was taken out of the mirror at the one site that could serve it, and not at the other. */
function refuseNobodyServes(situation: Situation, to: string): Refusal {
    const { configuration } = situation;
    const { application, site, peer } = configuration;
    return refuse(
        "nobody-serves",
        `neither site serves ${application} under protection: ${site} is ${situation.own.role === "none" ? "out of the mirror" : situation.own.role}, ${peer} is ${describePeer(situation)}. Nothing was changed`,
        [
            `pulumi config set active ${to} --stack ${to} and pulumi up there, which serves again; then flip`,
            `${setting(configuration, "unprotect", "true", peer)} and pulumi up there, to take it out of the mirror at both`,
        ],
    );
}

// active ------------------------------------------------------------------------------------------------------------

function keepServing(situation: Situation): Decision {
    const { own, peer } = situation;
    const epoch = epochOf(own)!;
    if (peer.known && peer.record !== undefined) {
        const theirs = epochOf(peer.record);
        if (peer.record.role === "active" && theirs !== undefined && compareEpochs(theirs, epoch) > 0) {
            return discards(situation, peer.record.site, theirs.number)
                ? serveByDiscard(situation)
                : refuseTakenOver(situation, theirs);
        }
        if (servedLast(peer.record) && peer.record.epoch > own.epoch) {
            return discards(situation, peer.record.site, peer.record.epoch)
                ? discardPeer(situation, peer.record.epoch + 1)
                : refuseServedElsewhere(situation, peer.record);
        }
        const stoppedServing = ["displaced", "stood-down", "none"].includes(peer.record.role);
        if (own.mirrorKept === true && stoppedServing) {
            return releaseMirror(situation);
        }
    }
    const steps: Step[] = own.mirrorKept === true ? [{ do: "promote" }] : serving(own.epoch);
    if (own.mirrorKept !== true && peer.known && peer.record?.role === "standby" && peer.record.epoch === own.epoch) {
        steps.push({ do: "forget-snapshots", before: own.epoch });
    }
    const split = peer.known && peer.record?.role === "active";
    return plan(
        "hold",
        [...steps, recordActive(situation, own.epoch, own.began, own.mirrorKept === true)],
        [
            ...(split
                ? [
                      `both sites serve, unless ${peer.record!.site} is down: it says that it does, in epoch ${peer.record!.epoch}`,
                  ]
                : []),
            ...(peerMirrorsNothing(situation)
                ? [`not protected: ${situation.configuration.peer} holds no mirror of it`]
                : []),
        ],
    );
}

function releaseMirror(situation: Situation): Plan {
    const { own } = situation;
    return plan("release the mirror", [
        mark("release the mirror", epochOf(own)!),
        { do: "remove-mirror" },
        ...serving(own.epoch),
        recordActive(situation, own.epoch, own.began, false),
    ]);
}

function stopServing(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const epoch = epochOf(own)!;
    const theirs = peer.known && peer.record !== undefined ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role === "active" && theirEpoch !== undefined && compareEpochs(theirEpoch, epoch) > 0) {
        return giveWay(situation, theirs, theirEpoch);
    }
    if (theirs?.role !== "standby" || theirs.epoch !== own.epoch) {
        return refuse(
            "nobody-to-hand-over-to",
            `${configuration.site} serves ${configuration.application} in epoch ${own.epoch} and is to hand over to ${configuration.peer}, which is ${describePeer(situation)}; expected standby in epoch ${own.epoch}. Nothing was changed, ${configuration.site} goes on serving`,
            [
                `pulumi config set active ${configuration.site} --stack ${configuration.peer} and pulumi up there until it is standby, then flip again`,
                `pulumi config set active ${configuration.site} --stack ${configuration.site}, to stay here`,
            ],
        );
    }
    const lag = situation.observed.replicationLagSeconds;
    const reason = configuration.acknowledgements.lag;
    const behind = lag === undefined || lag > configuration.maxLagSeconds;
    if (reason === undefined && behind) {
        return refuse(
            "replication-behind",
            `replication of ${configuration.application} to ${configuration.peer} is ${lag === undefined ? "of unknown age" : `${Math.round(lag)} s old`}, and maxLag is ${configuration.maxLagSeconds} s: standing down now would mean a long outage while ${configuration.peer} catches up. Nothing was changed`,
            [
                `wait for the next transfer, then pulumi up again`,
                `pulumi config set active ${configuration.site} --stack ${configuration.peer} and pulumi up there, which mends a mirror that is broken; then flip again`,
                `pulumi config set lag "<reason>", to switch all the same; the reason is recorded`,
            ],
        );
    }
    return standDown(situation, behind ? `lag: ${reason}` : undefined);
}

function standDown({ own }: Situation, by?: string): Plan {
    const epoch = epochOf(own)!;
    const steps: Step[] = [
        mark("stand down", epoch),
        { do: "stop-schedules" },
        { do: "take-shutdown-snapshot", epoch: own.epoch },
        recordStep("stood-down", epoch),
    ];
    return plan("stand down", steps, by === undefined ? [] : [`replication is behind; allowed by ${by}`], by);
}

/** The peer took over, and configuration agrees that it serves. */
function giveWay(situation: Situation, theirs: RoleRecord, theirEpoch: Epoch): Decision {
    const { own, configuration } = situation;
    return discards(situation, configuration.site, own.epoch) && servesWithBase(theirs)
        ? resync(situation, theirs)
        : standAside(situation, theirEpoch);
}

/** Own writes go: back into the mirror that was kept, or, where it is gone, into one in the other direction. */
function resync(situation: Situation, theirs: RoleRecord): Decision {
    return (
        refuseFullCopy(situation, theirs) ??
        plan(
            "resync",
            [
                ...aside(situation, "resync", epochOf(theirs)!),
                ...mirrorFrom(situation, theirs, situation.own.mirrorKept === true ? "resync" : "reverse"),
            ],
            wayBack(situation, theirs),
            `discard: ${situation.configuration.site}@${situation.own.epoch}`,
        )
    );
}

function standAside(situation: Situation, theirs: Epoch, notes: string[] = []): Plan {
    return plan("stand aside", [...aside(situation, "stand aside", theirs), recordStep("displaced", theirs)], notes);
}

/** What is counted must not grow any more: nothing writes by then. */
function aside(situation: Situation, verb: Verb, theirs: Epoch): Step[] {
    return [
        mark(verb, theirs),
        { do: "stop-schedules" },
        { do: "stop-workloads", epoch: theirs.number },
        count(situation),
    ];
}

function count(situation: Situation): Step {
    const since = pointOfParting(situation);
    return { do: "count-unreplicated", ...(since === undefined ? {} : { since }) };
}

/** The last thing that both sites have: what the newest takeover without a token began from. */
function pointOfParting({ own, peer }: Situation): RecoveryPoint | undefined {
    const theirs = peer.known ? (peer.record?.history ?? []) : [];
    return [...own.history, ...theirs]
        .filter(({ verb, recoveryPoint }) => verb === "take over without a token" && recoveryPoint !== undefined)
        .sort((left, right) => left.epoch - right.epoch)
        .at(-1)?.recoveryPoint;
}

// stood-down --------------------------------------------------------------------------------------------------------

function changeOfMind(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role === "active" && theirEpoch !== undefined && compareEpochs(theirEpoch, epochOf(own)!) > 0) {
        if (discards(situation, configuration.peer, theirEpoch.number)) {
            return serveByDiscard(situation);
        }
        // By the token nothing was lost: this site follows, and can then be handed over to.
        return followsMyToken(own, theirs) ? rejoin(situation) : refuseTakenOver(situation, theirEpoch);
    }
    const nobodyFollows = peerMirrorsNothing(situation);
    if (nobodyFollows && epochThatPassed(situation) > own.epoch) {
        return refuseNobodyServes(situation, configuration.peer);
    }
    if (!nobodyFollows && (theirs?.role !== "standby" || theirs.epoch !== own.epoch)) {
        return refuse(
            "peer-unknown",
            `${configuration.site} stood down in epoch ${own.epoch} and is to serve again, but ${configuration.peer} is ${describePeer(situation)}; expected standby in epoch ${own.epoch}, so that nobody has taken the token up`,
            [`make the outputs of the stack of ${configuration.peer} readable, then pulumi up again`],
        );
    }
    return serveAgain(situation);
}

function serveAgain(situation: Situation): Plan {
    const { own, configuration } = situation;
    const { site } = configuration;
    const epoch = own.epoch + 1;
    return plan("change of mind", [
        ...begin("change of mind", { number: epoch, began: "back", site }, [{ site, must: true }]),
        {
            do: "restore-application",
            epoch,
            ...(own.token === undefined ? {} : { archivePath: own.token.archivePath }),
        },
        ...serving(epoch),
        recordActive(situation, epoch, "back", false),
    ]);
}

function followAfterStandingDown(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role !== "active" || theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) <= 0) {
        return plan("hold", []);
    }
    if (!followsMyToken(own, theirs)) {
        return standAside(situation, theirEpoch, [`${theirs.site} took over without the last writes of ${own.site}`]);
    }
    return rejoin(situation);
}

/** Whether the peer serves from what this site handed over to it, be it that it was out of the mirror since. */
function followsMyToken(own: RoleRecord, theirs: RoleRecord): boolean {
    return (
        theirs.began === "token" ||
        theirs.history.some(({ epoch, verb }) => epoch === own.epoch + 1 && verb === "take over with a token")
    );
}

// standby -----------------------------------------------------------------------------------------------------------

function follow(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role !== "active" || theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) < 0) {
        return plan("hold", []);
    }
    return servesWithBase(theirs) ? plan("hold", mirrorFrom(situation, theirs, "first")) : plan("hold", []);
}

function takeOver(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const passed = epochThatPassed(situation);
    if (theirs?.role === "stood-down" && theirs.token !== undefined) {
        const fault = faultOfToken(situation, theirs.token);
        if (fault === undefined && !handOverIsLost(situation, own.epoch + 1)) {
            return situation.observed.mirror === undefined
                ? mirrorThenTakeOver(situation, theirs.token)
                : takeOverWithToken(situation, theirs.token);
        }
        if (fault !== undefined && configuration.acknowledgements.takeover === undefined) {
            return fault;
        }
    }
    const next = Math.max(own.epoch, passed) + 1;
    if (configuration.acknowledgements.takeover !== next) {
        // The peer can only hand over to a standby site of its own epoch.
        return theirs !== undefined && servesWithBase(theirs) && tookOver(situation) !== undefined
            ? follow(situation)
            : refuseWithoutToken(situation, next);
    }
    if (situation.observed.mirror?.recoveryPoint === undefined) {
        return refuse(
            "nothing-replicated",
            `nothing of ${configuration.application} has been replicated to ${configuration.site} yet: there is nothing to take over with`,
            [
                `bring ${configuration.peer} back, then pulumi config set active ${configuration.peer} --stack ${configuration.site} and pulumi up here, which replicates anew`,
                `restore ${configuration.application} from a backup`,
            ],
        );
    }
    return takeOverWithoutToken(situation, next);
}

/**
 * Whether the site that stood down is gone with its final snapshot, and its last writes may be given up. While its vault
 * answers, an acknowledgement that was left in a file does not turn a planned takeover into an unplanned one.
 */
function handOverIsLost({ observed, configuration }: Situation, epoch: number): boolean {
    return (
        observed.peerVaultAnswers === false &&
        observed.mirror?.state === "established" &&
        configuration.active === configuration.site &&
        configuration.acknowledgements.takeover === epoch
    );
}

function takeOverWithoutToken(situation: Situation, epoch: number): Plan {
    const { site } = situation.configuration;
    return plan(
        "take over without a token",
        [
            ...begin("take over without a token", { number: epoch, began: "takeover", site }, bothVaults(situation)),
            { do: "promote" },
            { do: "verify-writable" },
            recordActive(situation, epoch, "takeover", true),
        ],
        [announceLoss(situation)],
        `takeover: ${epoch}`,
    );
}

function takeOverWithToken(situation: Situation, token: HandOverToken): Plan {
    const { site, peer } = situation.configuration;
    const epoch = token.epoch + 1;
    const began: Epoch = { number: epoch, began: "token", site };
    const steps: Step[] = [
        ...begin("take over with a token", began, [{ site: peer, must: true }], token),
        { do: "promote", token },
        { do: "verify-writable" },
        { do: "remove-mirror" },
        ...serving(epoch),
        recordActive(situation, epoch, "token", false),
    ];
    return plan("take over with a token", steps, [], `token: ${token.finalSnapshot}`);
}

/** Without a mirror there is nothing to promote; the final snapshot is still in the vault of the site that stood down. */
function mirrorThenTakeOver(situation: Situation, token: HandOverToken): Plan {
    const after = takeOverWithToken(situation, token);
    const mirror: Step = { do: "establish-mirror", sourceUid: token.applicationUid, way: "first" };
    return { ...after, steps: [mirror, ...after.steps] };
}

// displaced ---------------------------------------------------------------------------------------------------------

function serveByDiscard(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs?.role === "active" ? epochOf(theirs) : undefined;
    if (theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) < 0) {
        return refuse(
            "peer-unknown",
            `${configuration.site} was displaced in epoch ${own.epoch} and is to serve again, but ${configuration.peer} is ${describePeer(situation)}; expected active, in that epoch or a later one`,
            [`pulumi config set active ${configuration.peer}, and rejoin`],
        );
    }
    if (!discards(situation, configuration.peer, theirEpoch.number)) {
        return configuration.acknowledgements.discard === undefined
            ? refuseTakenOver(situation, theirEpoch)
            : refuse(
                  "discard-of-other-epoch",
                  `discard is ${formatDiscard(configuration.acknowledgements.discard)}; expected ${configuration.peer}@${theirEpoch.number}, the epoch whose writes would be given up`,
                  [`pulumi config set discard ${configuration.peer}@${theirEpoch.number}`],
              );
    }
    return discardPeer(situation, theirEpoch.number + 1);
}

function discardPeer(situation: Situation, epoch: number): Plan {
    const { site, peer } = situation.configuration;
    const steps: Step[] = [
        ...begin("serve by discard", { number: epoch, began: "discard", site }, bothVaults(situation)),
        { do: "remove-mirror" },
        { do: "restore-application", epoch },
        ...serving(epoch),
        recordActive(situation, epoch, "discard", false),
    ];
    const note = `what ${peer} wrote since it began epoch ${epoch - 1} is given up; ${peer} counts it before it goes`;
    return plan("serve by discard", steps, [note], `discard: ${peer}@${epoch - 1}`);
}

function rejoin(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role !== "active" || theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) < 0) {
        return plan("hold", []);
    }
    if (!servesWithBase(theirs)) {
        return plan("hold", [], [`${theirs.site} has no base snapshot yet to mirror from`]);
    }
    return rejoinFrom(situation, theirs);
}

function rejoinFrom(situation: Situation, theirs: RoleRecord): Decision {
    return (
        refuseFullCopy(situation, theirs) ??
        plan(
            "rejoin",
            [
                mark("rejoin", epochOf(theirs)!),
                { do: "stop-schedules" },
                { do: "stop-workloads", epoch: theirs.epoch },
                ...mirrorFrom(situation, theirs, "reverse"),
            ],
            wayBack(situation, theirs),
            situation.observed.wayBack?.every(({ common }) => common !== undefined) === true
                ? undefined
                : `fullCopy: ${theirs.epoch}`,
        )
    );
}

/** A mirror that is being made has what it needs already: what it holds changes under way. */
function refuseFullCopy(situation: Situation, theirs: RoleRecord): Refusal | undefined {
    const { configuration, observed } = situation;
    const { application, site, acknowledgements } = configuration;
    const incremental = observed.wayBack?.every(({ common }) => common !== undefined) === true;
    const begun =
        observed.mirror !== undefined &&
        observed.mirror.state !== "promoted" &&
        observed.mirror.sourceApplicationUid === theirs.applicationUid;
    if (incremental || begun || acknowledgements.fullCopy === theirs.epoch) {
        return undefined;
    }
    const given = acknowledgements.fullCopy;
    return refuse(
        "full-copy",
        [
            `${application} can come back to ${site} only by a full copy`,
            ...wayBack(situation, theirs),
            ...(given === undefined
                ? []
                : [`fullCopy is ${given}, which is not epoch ${theirs.epoch} and has no effect`]),
            `Nothing was changed at ${site}; ${theirs.site} serves meanwhile, without a standby site`,
        ].join(". "),
        [
            `pulumi config set fullCopy ${theirs.epoch} --stack ${site} and pulumi up here, to copy everything`,
            `if a snapshot in common was removed from the array and can be had again: bring it back, then pulumi up again`,
        ],
    );
}

/** For each volume whether it comes back by what changed alone. */
function wayBack({ observed, configuration, now }: Situation, theirs: RoleRecord): string[] {
    if (observed.wayBack === undefined) {
        return [
            `whether volumes have a snapshot in common with ${theirs.site} cannot be told: ${theirs.holds === undefined ? `${theirs.site} has not said what it holds; pulumi up there says it` : `the array of ${configuration.site} did not answer`}`,
        ];
    }
    return observed.wayBack.map(({ volume, common }) => {
        const age = common === undefined ? 0 : Math.round((now.getTime() - Date.parse(common.takenAt)) / 1000);
        return common === undefined
            ? `volume ${volume}: no snapshot in common with ${theirs.site}, a full copy`
            : `volume ${volume}: incremental, from snapshot ${common.name} in common with ${theirs.site}, ${age} s old`;
    });
}

// A run that was cut off --------------------------------------------------------------------------------------------

/**
 * The verb that was begun is planned again with the leave that it had then, which need not stand in the configuration
 * any more; what it had done already is passed over by its steps. A planned epoch that was begun is always concluded,
 * whatever is asked for by now: nothing is lost by that, and nobody else could begin it.
 */
function finish(situation: Situation, underWay: UnderWay): Decision {
    const { underWay: _, ...own } = situation.own;
    const before = { ...situation, own };
    const { configuration } = situation;
    const wanted = configuration.active === configuration.site;
    const theirs = tookOver(before);
    if (underWay.verb === "serve first" && underWay.claimed !== true && !situation.peer.known) {
        // Where vaults do not guard a claim, only the peer's record tells that nobody else serves.
        return serveFirst(before);
    }
    switch (underWay.verb) {
        case "abandon":
            return abandonNow(before);
        case "serve first":
        case "change of mind":
        case "take over with a token":
        case "take over without a token":
        case "serve by discard":
            if (cameTooLate(situation, underWay)) {
                return decide(before);
            }
            return isOverride(underWay.began) && !wanted
                ? refuseUnfinished(situation, underWay)
                : concludeEpoch(before, underWay);
        case "stand down":
            return theirs !== undefined ? decide(before) : wanted ? serveAgain(before) : standDown(before);
        case "release the mirror":
            return theirs !== undefined ? decide(before) : releaseMirror(before);
        case "stand aside": {
            const { epoch, began } = underWay;
            const displaced: RoleRecord = { ...own, role: "displaced", epoch, began, activeSite: configuration.peer };
            return wanted ? serveByDiscard({ ...before, own: displaced }) : standAside(before, epochOf(displaced)!);
        }
        case "resync":
        case "rejoin":
            return wanted ? refuseUnfinished(situation, underWay) : mirrorAgain(before, underWay);
        case "become standby":
        case "hold":
            return decide(before);
    }
}

type UnderWay = NonNullable<RoleRecord["underWay"]>;

/**
 * Whether the peer serves in the epoch that was begun here, or in a later one. As long as the epoch is not claimed
 * nothing has been done in its name; once a mirror is promoted in it there is no way but forward.
 */
function cameTooLate(situation: Situation, underWay: UnderWay): boolean {
    const { own, peer, configuration } = situation;
    const theirs = peer.known && peer.record !== undefined ? epochOf(peer.record) : undefined;
    if (theirs === undefined || theirs.site !== configuration.peer) {
        return false;
    }
    const mine = { number: underWay.epoch, began: underWay.began, site: configuration.site };
    return underWay.claimed === true
        ? own.role !== "standby" && compareEpochs(theirs, mine) > 0
        : theirs.number >= mine.number;
}

function concludeEpoch(situation: Situation, { verb, epoch, began, token }: UnderWay): Decision {
    switch (verb) {
        case "serve first":
            return firstService(situation, epoch, began);
        case "change of mind":
            return serveAgain(situation);
        case "serve by discard":
            return discardPeer(situation, epoch);
        default:
            return token === undefined || handOverIsLost(situation, epoch)
                ? takeOverWithoutToken(situation, epoch)
                : takeOverWithToken(situation, token);
    }
}

/** Goes on with a mirror whose making may have begun to overwrite this site. */
function mirrorAgain(situation: Situation, underWay: UnderWay): Decision {
    const { peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    if (theirs === undefined || !servesWithBase(theirs) || theirs.epoch < underWay.epoch) {
        // What is half overwritten is no copy that could be left behind.
        if (configuration.unprotect === true) {
            return refuseUnderWay(situation, configuration.peer);
        }
        if (peerMirrorsNothing(situation)) {
            return refuseNobodyServes(situation, configuration.peer);
        }
        return plan(
            "hold",
            [],
            [`${configuration.peer} is ${describePeer(situation)}; the ${underWay.verb} waits for it`],
        );
    }
    return underWay.verb === "resync" ? resync(situation, theirs) : rejoinFrom(situation, theirs);
}

function refuseUnfinished(situation: Situation, underWay: UnderWay): Refusal {
    const { site, active, peer } = situation.configuration;
    const other = active === site ? peer : site;
    return refuse(
        "unfinished",
        `an earlier run at ${site} began to ${underWay.verb} for epoch ${underWay.epoch} and was cut off; active: ${active} asks for the opposite`,
        [`pulumi config set active ${other} --stack ${site} and pulumi up, to finish it first`],
    );
}

// Taken out of the mirror -------------------------------------------------------------------------------------------

/**
 * Leaves two sites that know nothing of each other: no mirror, no Schedule, nothing that an array or a vault remembers.
 * What serves goes on serving, and a copy stays where it is. Each site does its part, in any order.
 */
function abandon(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const { site } = configuration;
    const theirs = peer.known ? peer.record : undefined;
    const gone = peerMirrorsNothing(situation);
    switch (own.role) {
        case "none":
            return own.epoch === 0 && !gone && theirs !== undefined
                ? refuseRecordLost(situation)
                : plan("abandon", tidying(situation), remarks(situation));
        case "stood-down":
            // Unless the other site served since, this one has what was written last, and nobody serves it.
            return gone && epochThatPassed(situation) > own.epoch
                ? abandonNow(situation)
                : refuseUnderWay(situation, gone ? site : configuration.peer);
        case "displaced":
            return gone || discards(situation, site, own.epoch)
                ? abandonNow(situation)
                : refuseUnderWay(situation, configuration.peer, `${site}@${own.epoch}`);
        case "standby":
            // A site that stood down for this one waits for it: nobody would serve.
            if (theirs?.role === "stood-down") {
                return refuseUnderWay(situation, site);
            }
            return gone || theirs?.role === "active" || discards(situation, site, own.epoch)
                ? abandonNow(situation)
                : refuseUnderWay(situation, configuration.peer, `${site}@${own.epoch}`);
        case "active":
            return abandonService(situation);
    }
}

function abandonService(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const newer = tookOver(situation);
    if (newer !== undefined) {
        return refuseTakenOver(situation, newer);
    }
    const theirs = peer.known ? peer.record : undefined;
    const follows = theirs?.role === "standby" && theirs.epoch <= own.epoch;
    const mayBeDead = !peer.known && own.mirrorKept !== true;
    const epoch = theirs?.epoch ?? own.epoch;
    return peerMirrorsNothing(situation) || follows || mayBeDead || discards(situation, configuration.peer, epoch)
        ? abandonNow(situation)
        : refuseUnderWay(situation, configuration.site, `${configuration.peer}@${epoch}`);
}

function abandonNow(situation: Situation): Plan {
    const { own } = situation;
    const epoch: Epoch = { number: own.epoch, began: own.began, site: own.activeSite };
    return plan(
        "abandon",
        [
            mark("abandon", epoch),
            ...(own.role === "stood-down" ? [count(situation)] : []),
            ...tidying(situation),
            recordStep("none", epoch),
        ],
        remarks(situation),
    );
}

/** What is there and no role needs any more. Also the site that is out already looks for it, until the other one is. */
function tidying(situation: Situation): Step[] {
    const { own, peer, configuration, observed } = situation;
    const out = peerIsOut(situation);
    const theirs = peer.known ? peer.record : undefined;
    // As long as the other site may mirror from here, its relationship needs what this array remembers of it.
    const released =
        out ||
        (own.role === "standby" && theirs?.role === "active") ||
        discards(situation, configuration.peer, theirs?.epoch ?? own.epoch);
    const sources = released ? (observed.remains?.sources ?? []) : [];
    const claims = own.role === "none" && out ? (observed.remains?.claims ?? []) : [];
    const passed = Math.max(own.epoch, epochThatPassed(situation));
    const epochs = claims.filter((epoch) => epoch <= passed);
    const behind = own.role === "none" && out && own.epoch < passed;
    return [
        { do: "delete-schedules" },
        ...(observed.mirror === undefined ? [] : ([{ do: "remove-mirror" }] as const)),
        // Also a run that was cut off may have deleted the mirror: it did not look at the array any more.
        ...(observed.mirror !== undefined || isCopy(own) ? ([{ do: "verify-unmirrored" }] as const) : []),
        ...(sources.length === 0 ? [] : [{ do: "release-sources", sources } as const]),
        // By this the other site knows that it is still out, after all that it may have begun by itself.
        ...(behind ? [recordStep("none", { number: passed, began: own.began, site: own.activeSite })] : []),
        ...(epochs.length === 0 ? [] : [{ do: "forget-claims", epochs } as const]),
    ];
}

/** It is out of the mirror, and not only was so before it came into one: a stack's outputs may be old. */
function peerIsOut(situation: Situation): boolean {
    const { own, peer } = situation;
    return (
        peerMirrorsNothing(situation) && (!peer.known || peer.record === undefined || peer.record.epoch >= own.epoch)
    );
}

function remarks(situation: Situation): string[] {
    const { own, configuration, observed } = situation;
    const { site, application } = configuration;
    return [
        isCopy(own)
            ? `what was copied stays at ${site}, and nothing brings it up to date any more: the Application, its claims and their volumes`
            : `nothing of ${application} that runs at ${site} is touched`,
        ...(peerIsOut(situation)
            ? []
            : [
                  `${configuration.peer} is ${describePeer(situation)}; what ${site} remembers as a source goes once ${configuration.peer} is out of the mirror too`,
              ]),
        ...(observed.remains === undefined || observed.remains.claims !== undefined
            ? []
            : [`the vault of ${site} does not answer: claims of epochs may be left in it`]),
    ];
}

/** What it holds came from the other site, or is to be replaced by that. */
function isCopy({ role }: RoleRecord): boolean {
    return role === "standby" || role === "displaced";
}

/** It has no record by which it would mirror or serve. */
function peerMirrorsNothing({ peer }: Situation): boolean {
    return peer.known && (peer.record === undefined || peer.record.role === "none");
}

function refuseUnderWay(situation: Situation, to: string, discard?: string): Refusal {
    const { own, configuration } = situation;
    const { site, peer, application } = configuration;
    const other = to === site ? peer : site;
    return refuse(
        "role-change-under-way",
        `${application} is to be taken out of the mirror, but a change of roles is not done: ${site} is ${own.role} in epoch ${own.epoch}, ${peer} is ${describePeer(situation)}. Nothing was changed at ${site}`,
        [
            `to finish it first: ${setting(configuration, "unprotect", "false", site)}, pulumi config set active ${to} at both, pulumi up at ${to}, then at ${other}`,
            ...(discard === undefined
                ? []
                : [
                      `if it cannot be finished: pulumi config set discard ${discard} --stack ${site}; what ${discard.split("@")[0]} has stays there, and nothing brings it up to date`,
                  ]),
        ],
    );
}

/** How a value of the application's own is set. */
function setting({ application, path }: Situation["configuration"], key: string, value: string, stack: string): string {
    return path === undefined
        ? `set ${key}: ${value} for ${application} in the stack of ${stack}`
        : `pulumi config set --path '${path}.${key}' ${value} --stack ${stack}`;
}

// Refusals that several rows share ----------------------------------------------------------------------------------

function refuseTakenOver(situation: Situation, theirs: Epoch): Refusal {
    const { own, configuration } = situation;
    return refuse(
        "peer-took-over",
        `${configuration.peer} serves ${configuration.application} in epoch ${theirs.number} (${theirs.began}); ${configuration.site} is ${own.role} in epoch ${own.epoch}, which is older. Nothing was touched at ${configuration.site}`,
        [
            `pulumi config set active ${configuration.peer} --stack ${configuration.site}, so that ${configuration.site} stands aside and rejoins; what it wrote since it was replicated is counted first`,
            `pulumi config set discard ${configuration.peer}@${theirs.number} --stack ${configuration.site}, to serve at ${configuration.site} and give up what ${configuration.peer} wrote`,
        ],
    );
}

function refuseWithoutToken(situation: Situation, next: number): Refusal {
    const { configuration } = situation;
    const given = configuration.acknowledgements.takeover;
    return refuse(
        given === undefined ? "no-token" : "epoch-has-passed",
        [
            `${configuration.peer} has not handed ${configuration.application} over (it is ${describePeer(situation)}), and ${configuration.site} would begin epoch ${next}`,
            ...(given === undefined ? [] : [`takeover is ${given}, which is not that epoch and has no effect`]),
            announceLoss(situation),
        ].join(". "),
        [
            `if ${configuration.peer} is up: pulumi config set active ${configuration.site} --stack ${configuration.peer} and pulumi up there; it hands over and nothing is lost`,
            `if ${configuration.peer} is lost: pulumi config set takeover ${next} --stack ${configuration.site} and pulumi up here; those writes are given up`,
        ],
    );
}

function announceLoss(situation: Situation): string {
    const recoveryPoint = situation.observed.mirror?.recoveryPoint;
    const bound = lossBoundSeconds(recoveryPoint, situation.now);
    return recoveryPoint === undefined || bound === undefined
        ? "no recovery point is known at this site: everything written so far would be lost"
        : `recovery point ${recoveryPoint.snapshot}, taken ${recoveryPoint.takenAt}, ${Math.ceil(bound)} s ago. Loss bound: at most the writes of the last ${Math.ceil(bound)} s`;
}

function faultOfToken(situation: Situation, token: HandOverToken): Refusal | undefined {
    const { own, configuration } = situation;
    const wrong = (code: RefusalCode, what: string) =>
        refuse(code, `the hand-over token of ${token.from} ${what}. Nothing was changed at ${configuration.site}`, [
            `pulumi up at ${configuration.peer}, so that it publishes a token for epoch ${own.epoch}, then pulumi up here again`,
        ]);
    if (token.application !== configuration.application) {
        return wrong(
            "token-of-other-application",
            `is for ${token.application}; expected ${configuration.application}`,
        );
    }
    if (token.to !== configuration.site || token.from !== configuration.peer) {
        return wrong(
            "token-for-other-site",
            `hands over from ${token.from} to ${token.to}; expected from ${configuration.peer} to ${configuration.site}`,
        );
    }
    if (token.epoch < own.epoch) {
        return wrong("token-used", `ended epoch ${token.epoch}, and epoch ${own.epoch} has begun since`);
    }
    return token.epoch > own.epoch
        ? wrong("token-of-other-epoch", `ends epoch ${token.epoch}; expected epoch ${own.epoch}`)
        : undefined;
}

function describePeer(situation: Situation): string {
    const { peer } = situation;
    if (!peer.known) {
        return `unknown: ${peer.why}`;
    }
    return peer.record === undefined ? "nothing yet" : describeRole(peer.record);
}

/** What a site is, in words. */
export function describeRole({ role, epoch }: Pick<RoleRecord, "role" | "epoch">): string {
    if (role !== "none") {
        return `${role} in epoch ${epoch}`;
    }
    return epoch === 0 ? "nothing yet" : `out of the mirror since epoch ${epoch}`;
}

// Parts of plans ----------------------------------------------------------------------------------------------------

/** What a site that serves has to have; each part is there already or is made. */
function serving(epoch: number): Step[] {
    return [{ do: "declare-application" }, { do: "take-base-snapshot", epoch }, { do: "start-schedules" }];
}

function mirrorFrom(situation: Situation, theirs: RoleRecord, way: MirrorWay): Step[] {
    return [
        { do: "establish-mirror", sourceUid: theirs.applicationUid!, way },
        recordStep("standby", epochOf(theirs)!),
    ];
}

/** The intent is written down first, so that a claim is never left behind by a run of which nothing is known. */
function begin(verb: Verb, epoch: Epoch, vaults: readonly ClaimVault[], token?: HandOverToken): Step[] {
    return [
        { ...mark(verb, epoch), ...(token === undefined ? {} : { token }) },
        { do: "claim", epoch: epoch.number, began: epoch.began, vaults },
    ];
}

/** The own vault must answer; the other one may be at a dead site. */
function bothVaults({ configuration }: Situation): ClaimVault[] {
    return [
        { site: configuration.site, must: true },
        { site: configuration.peer, must: false },
    ];
}

function mark(verb: Verb, epoch: Epoch): MarkStep {
    return { do: "mark", verb, epoch: epoch.number, began: epoch.began };
}

type MarkStep = Extract<Step, { do: "mark" }>;

function recordActive(situation: Situation, epoch: number, began: Beginning, mirrorKept: boolean): Step {
    return { do: "record", role: "active", epoch, began, activeSite: situation.configuration.site, mirrorKept };
}

function recordStep(role: "none" | "standby" | "stood-down" | "displaced", epoch: Epoch): Step {
    return {
        do: "record",
        role,
        epoch: epoch.number,
        began: epoch.began,
        activeSite: epoch.site,
        mirrorKept: false,
    };
}

function servesWithBase(record: RoleRecord): boolean {
    return record.role === "active" && record.applicationUid !== undefined && record.baseSnapshot !== undefined;
}

/** The peer's epoch, if it serves in one that is newer than the own. */
function tookOver({ own, peer }: Situation): Epoch | undefined {
    const theirs = peer.known && peer.record?.role === "active" ? epochOf(peer.record) : undefined;
    const mine = epochOf(own);
    return theirs !== undefined && (mine === undefined || compareEpochs(theirs, mine) > 0) ? theirs : undefined;
}

/** The highest epoch that the peer's record, as far as it can be read, says has begun. */
function epochThatPassed(situation: Situation): number {
    return situation.peer.known && situation.peer.record !== undefined ? situation.peer.record.epoch : 0;
}

function discards(situation: Situation, site: string, epoch: number): boolean {
    const discard = situation.configuration.acknowledgements.discard;
    return discard !== undefined && discard.site === site && discard.epoch === epoch;
}

function firstSorted(left: string, right: string): string {
    return left < right ? left : right;
}

function plan(verb: Verb, steps: Step[], notes: string[] = [], by?: string): Plan {
    return { kind: "plan", verb, steps, notes, ...(by === undefined ? {} : { by }) };
}

function refuse(code: RefusalCode, reason: string, remedies: string[]): Refusal {
    return { kind: "refusal", code, reason, remedies };
}
