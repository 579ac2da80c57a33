import type { Verb } from "../../provider/roles/permissions";
import { describePermission } from "../../provider/roles/planner/rights";
import { render } from "../../provider/roles/messages/message";
import { knownFaults, tooOld, type InstalledVersion } from "../../provider/roles/versions";
import type { VaultAnswer } from "../../provider/engine/takeoverNeeds";
import { isUnknown } from "../status/known";
import type { TargetFacts } from "./facts";
import { ok, unknown, type Verdict } from "./verdict";

export function vaults({ site, needs, commands }: TargetFacts): Verdict[] {
    if (isUnknown(needs)) {
        return unknown(site, needs.unknown, "an epoch that begins is claimed in the vaults", [commands.preview]);
    }
    const wrong = needs.vaults.flatMap((vault) => ofVault(vault, site));
    const names = needs.vaults.map(({ name, is }) => (is === "answers" ? name : `${name} (not asked from here)`));
    return wrong.length > 0 || names.length === 0
        ? wrong
        : ok(`from here, with what its AppVault at ${site} has, each vault is read: ${names.join(", ")}`, site);
}

/** Of its own vault a site needs an answer; of the other one's, that it does not refuse. */
function ofVault({ owner, name, is }: VaultAnswer, site: string): Verdict[] {
    if (typeof is === "string") {
        return [];
    }
    const blocks = owner === site || !is.unreachable;
    return [
        {
            level: blocks ? "blocks" : "attention",
            site,
            what: `vault ${name} of ${owner}: ${is.fault}`,
            means: blocks
                ? "the epoch of a takeover cannot be claimed, and nothing is done in its name"
                : `a takeover begins its epoch without it, and while ${owner} is up it should answer`,
            next: [
                is.unreachable
                    ? `check that AppVault ${name} and its Secret are there, and that the bucket of ${owner} can be reached from where this runs`
                    : `correct sites.${owner}.vault or vaultCredentials.${owner} of the stack of ${site}, or the Secret that its credentialsSecret names`,
            ],
        },
    ];
}

export function prerequisites({ site, needs, commands }: TargetFacts): Verdict[] {
    const found = isUnknown(needs) ? needs : needs.prerequisites;
    const means = `a takeover does not wait for it, and what ${site} does with it afterwards fails`;
    if (isUnknown(found)) {
        return unknown(site, found.unknown, means, [commands.preview]);
    }
    return found.length === 0
        ? ok(`Trident Protect and Trident report what is declared at ${site} as usable`, site)
        : found.map(({ what, remedy }) => ({ level: "attention", site, what, means, next: [remedy] }));
}

export function storageClass({ site, needs, commands }: TargetFacts): Verdict[] {
    const found = isUnknown(needs) ? undefined : needs.storageClass;
    const means = `claims that are made at ${site} after a takeover are not bound, and nothing can be mirrored back to it`;
    if (found === undefined) {
        return [];
    }
    if (isUnknown(found)) {
        return unknown(site, found.unknown, means, [commands.rights]);
    }
    return found.exists
        ? ok(`StorageClass ${found.name} exists`, site)
        : [{ level: "attention", site, what: `StorageClass ${found.name} does not exist`, means, next: [commands.up] }];
}

export function versions({ site, takeover }: TargetFacts): Verdict[] {
    const installed = isUnknown(takeover) ? undefined : takeover.versions;
    if (installed === undefined) {
        return [];
    }
    const wrong = installed.flatMap((one) => ofVersion(one, site));
    const told = installed.flatMap((one) => ("told" in one ? `${one.product} ${one.told}` : []));
    return wrong.length > 0 ? wrong : ok(told.join(", "), site);
}

function ofVersion(one: InstalledVersion, site: string): Verdict[] {
    if ("unknown" in one) {
        return unknown(
            site,
            `the version of ${one.product} is not known: ${one.unknown}`,
            `whether ${one.product} does what a takeover asks of it is not known`,
            [`check that ${one.product} is installed at ${site}, and that the account may read its version`],
        );
    }
    const { product, told } = one;
    const oldest = tooOld(one);
    const faults = knownFaults(one).map(({ what, fixed }) => ({
        level: "attention" as const,
        site,
        what: `${product} is ${told}, known to be faulty: ${what}`,
        means: "a takeover goes on with it",
        next: [`upgrade ${product} at ${site} to ${fixed} or newer`],
    }));
    return oldest === undefined
        ? faults
        : [
              {
                  level: "attention",
                  site,
                  what: `${product} is ${told}`,
                  means: "a takeover goes on with it, and a call that it does not know fails",
                  next: [`upgrade ${product} at ${site} to ${oldest} or newer`],
              },
          ];
}

const reading: ReadonlySet<Verb> = new Set<Verb>(["get", "list", "watch"]);

export function rights({ site, takeover, commands }: TargetFacts): Verdict[] {
    const found = isUnknown(takeover) ? undefined : takeover.rights;
    if (found === undefined) {
        return [];
    }
    if ("unknown" in found) {
        return unknown(site, found.unknown, "a step that needs a right that is missing fails", [commands.rights]);
    }
    return found.missing.length === 0
        ? ok("this account has every right that the item needs at the cluster", site)
        : found.missing.map((permission) => {
              const isWrite = permission.verbs.some((verb) => !reading.has(verb));
              return {
                  level: isWrite ? "blocks" : "attention",
                  site,
                  what: `this account may not: ${render(describePermission(permission))}`,
                  means: isWrite
                      ? "a takeover by this account fails where it needs that"
                      : "what a takeover by this account depends on may not be seen",
                  next: [commands.rights],
              };
          });
}

export function podPolicy({ site, needs, commands }: TargetFacts): Verdict[] {
    const found = isUnknown(needs) ? undefined : needs.podPolicy;
    const means = "a takeover does not remove it, and pods of the application may not start";
    if (found === undefined) {
        return [];
    }
    if (isUnknown(found)) {
        return unknown(
            site,
            `whether a ValidatingAdmissionPolicy is in the way is not known: ${found.unknown}`,
            means,
            [commands.rights],
        );
    }
    return found.inTheWay.length === 0
        ? ok("a takeover removes the ValidatingAdmissionPolicy that keeps the application's pods from starting", site)
        : found.inTheWay.map(({ what, remove }) => ({
              level: "blocks",
              site,
              what: `${what} has the name of this package's, and is somebody else's`,
              means,
              next: [`at ${site}: ${remove}`],
          }));
}

export function quotas({ site, needs, commands }: TargetFacts): Verdict[] {
    const found = isUnknown(needs) ? undefined : needs.quotas;
    const means = "a takeover does not remove it, and no pod of the application starts";
    if (found === undefined) {
        return [];
    }
    if (isUnknown(found)) {
        return unknown(site, `which ResourceQuotas there are is not known: ${found.unknown}`, means, [commands.rights]);
    }
    const { inTheWay, all } = found;
    if (inTheWay.length === 0) {
        return ok(
            all
                ? "no ResourceQuota but that of the standby site, which a takeover removes, keeps pods from starting"
                : "a takeover removes the ResourceQuota of the standby site; this account may not list others",
            site,
        );
    }
    return inTheWay.map((name) => {
        const [namespace, quota] = name.split("/");
        return {
            level: "blocks",
            site,
            what: `ResourceQuota ${name} allows no pod, and is not this package's`,
            means,
            next: [`at ${site}: kubectl -n ${namespace} delete resourcequota ${quota}`],
        };
    });
}
