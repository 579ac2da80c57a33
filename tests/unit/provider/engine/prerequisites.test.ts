import assert from "node:assert/strict";
import type { Kind, KubernetesObject, ObjectName, WaitOptions } from "../../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../../provider/clients/kubernetes/errors";
import { Prerequisites } from "../../../../provider/engine/prerequisites";
import { runActions } from "../../../../provider/drivers/action";

type Statuses = Record<string, object | undefined>;

/**
 * A cluster whose objects have these statuses by name. A wait for what is not there ends at once, as if its time were
 * up; `later` tells what is there after the first.
 */
function clusterOf(now: Statuses, later: Statuses = now) {
    const asked: string[] = [];
    const waits: number[] = [];
    const objectOf = (kind: Kind, { name }: ObjectName): KubernetesObject | undefined => {
        const status = (waits.length > 1 ? later : now)[name];
        return status === undefined ? undefined : { ...kind, metadata: { name }, status };
    };
    return {
        asked,
        waits,
        get: (kind: Kind, name: ObjectName) => Promise.resolve(objectOf(kind, name)),
        waitFor: (
            kind: Kind,
            name: ObjectName,
            what: string,
            reached: (object: KubernetesObject | undefined) => boolean,
            options: WaitOptions,
        ) => {
            asked.push(name.name);
            waits.push(options.deadline);
            const object = objectOf(kind, name);
            return reached(object)
                ? Promise.resolve(object)
                : Promise.reject(new KubernetesError(`not ${what}`, "timeout", "east", `wait for ${name.name}`));
        },
    };
}

const good: Statuses = {
    "vault-east": { state: "Available" },
    "vault-west": { state: "Available" },
    backend: { phase: "Bound", lastOperationStatus: "Success", message: "created" },
};
const refusedVault = { state: "Error", error: "SignatureDoesNotMatch: check your key." };

function prerequisitesIn(cluster: ReturnType<typeof clusterOf>, aborted = false): Prerequisites {
    const settings = {
        site: "east",
        protectNamespace: "trident-protect",
        vaults: { east: "vault-east", west: "vault-west" },
        tridentBackend: { name: "backend", namespace: "trident" },
    };
    const signal = aborted ? AbortSignal.abort() : new AbortController().signal;
    return new Prerequisites(cluster, settings, signal, { failing: 30, silent: 120 });
}

async function requireIn(cluster: ReturnType<typeof clusterOf>, aborted = false): Promise<void> {
    await runActions(await prerequisitesIn(cluster, aborted).unmet(false), () => undefined, "east");
}

describe("what a site's first role stands on", () => {
    it("is the own vault and the backend; and the peer's vault too for one that mirrors", async () => {
        const calls = async (forMirror: boolean) =>
            (await prerequisitesIn(clusterOf({})).unmet(forMirror)).map(({ call }) => call);
        const backend = "wait for TridentBackendConfig trident/backend to be Bound";
        const vault = (site: string) => `wait for AppVault trident-protect/vault-${site} to be Available`;
        assert.deepEqual(await calls(false), [vault("east"), backend]);
        assert.deepEqual(await calls(true), [vault("east"), vault("west"), backend]);
    });

    it("is not waited for where it can be used", async () => {
        assert.deepEqual(await prerequisitesIn(clusterOf(good)).unmet(true), []);
    });

    it("is told as it is now, of both vaults, without waiting", async () => {
        const faultsOf = (statuses: Statuses) => prerequisitesIn(clusterOf(statuses)).faults();
        assert.deepEqual(await faultsOf(good), []);
        const cluster = clusterOf({ ...good, "vault-west": refusedVault, backend: undefined });
        const faults = await prerequisitesIn(cluster).faults();
        assert.deepEqual(
            faults.map(({ what }) => what),
            [
                "AppVault trident-protect/vault-west is not Available: Error reports SignatureDoesNotMatch: check your key.",
                "TridentBackendConfig trident/backend is not Bound: it does not exist",
            ],
        );
        assert.match(faults[0]!.remedy, /vaultCredentials\.west/);
        assert.deepEqual(cluster.waits, []);
    });

    it("is refused in the controller's words, with the site and what to look at", async () => {
        await assert.rejects(requireIn(clusterOf({ ...good, "vault-east": refusedVault })), {
            message:
                "east: AppVault trident-protect/vault-east is not Available: Error reports SignatureDoesNotMatch: check your key. " +
                "Check bucket, endpoint and certificate of east's vault, and vaultCredentials.east of this stack or the Secret that its credentialsSecret names, then pulumi up --stack east",
        });
    });

    it("is refused with all that is wrong at once", async () => {
        const failed = {
            phase: "Unbound",
            lastOperationStatus: "Failed",
            message: "Failed to create backend; HTTP 401",
        };
        const cluster = clusterOf({ ...good, "vault-east": refusedVault, backend: failed });
        await assert.rejects(requireIn(cluster), (thrown: Error) => {
            const lines = thrown.message.split("\n");
            assert.equal(lines.length, 2);
            assert.match(
                lines[1]!,
                /^east: TridentBackendConfig trident\/backend is not Bound: Failed to create backend; HTTP 401\. .*tridentPassword/,
            );
            return true;
        });
    });

    it("does not hold a backend for good that failed to take a change", async () => {
        const failed = { phase: "Bound", lastOperationStatus: "Failed", message: "Failed to update backend; HTTP 401" };
        await assert.rejects(requireIn(clusterOf({ ...good, backend: failed })), /Failed to update backend/);
    });

    it("is waited for longer where nothing is said than where a failure is told", async () => {
        const silent = clusterOf({ ...good, "vault-east": undefined });
        await assert.rejects(requireIn(silent), /no reason reported; check that its controller is running/);
        assert.deepEqual(
            silent.waits.toSorted((one, other) => one - other),
            [30, 90],
        );
        const failing = clusterOf({ ...good, "vault-east": refusedVault });
        await assert.rejects(requireIn(failing), /SignatureDoesNotMatch/);
        assert.deepEqual(failing.waits, [30]);
    });

    it("may come late", async () => {
        const late = clusterOf({ ...good, "vault-east": undefined }, good);
        await requireIn(late);
        assert.deepEqual(late.asked, ["vault-east", "vault-east"]);
    });

    it("passes other failures on as they are, and an interrupt", async () => {
        const cluster = clusterOf({});
        const dark = new KubernetesError("the Kubernetes API of east does not answer", "unreachable", "east", "get");
        cluster.waitFor = () => Promise.reject(dark);
        await assert.rejects(requireIn(cluster), { message: dark.message });
        await assert.rejects(requireIn(clusterOf({}), true), { message: /^not Available/ });
    });
});
