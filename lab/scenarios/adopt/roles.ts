import path from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import { installApplication } from "../../application";
import { Python } from "../../ansible/python";
import { ansibleOn, tokensOf, variablesOfRoles } from "../../ansible/roles";
import { grantVirtualMachines } from "../../ansible/virtualMachines";
import type { Lab } from "../../lab";
import { entries, type Log } from "../scenarioSteps";
import { until } from "../until";

/** What NetApp's roles mirror: what in a namespace has a label. */
export const machines = {
    name: "machines" as const,
    namespaces: ["machines"],
    every: "5 minutes",
    names: { mirror: "machines-to-west", schedule: "machines-often" },
    labelSelector: { matchLabels: { category: "machines" } },
};

const [namespace] = machines.namespaces as [string];
const rule = { dtstart: "20250101T000000Z", rrule: "FREQ=MINUTELY;INTERVAL=5" };

/** What is there already in the lab, of which the roles make none. */
const vaults = [
    "src_ontap_s3_secret_create",
    "src_appvault_create",
    "dst_src_ontap_s3_secret_create",
    "dst_src_appvault_create",
    "dst_ontap_s3_secret_create",
    "dst_appvault_create",
];

/**
 * Mirrors a further application with NetApp's roles as they are, from east to west. What they label are a virtual machine,
 * which stands for itself, and the claim; what writes in its place is labelled as the pods of virtual machines are whose
 * templates have the label.
 *
 * @param checkout of NetApp/netapp.trident_protect
 */
export async function mirrorByRoles(lab: Lab, checkout: string, log: Log): Promise<void> {
    await installApplication(lab.sites.east, namespace, undefined, labelled);
    await until("a write of the machines", () => (writtenVolume(lab) === undefined ? undefined : true));
    await grantVirtualMachines(lab, [namespace]);
    const python = await Python.ensure(log);
    const { ok, output } = await python.playbook(
        path.join(__dirname, "..", "..", "ansible", "mirror.yml"),
        { ...variablesOfRoles(lab, "west", await tokensOf(lab)), ...ofMachines },
        ansibleOn(lab, checkout),
        ["--skip-tags", vaults.join()],
    );
    if (!ok) {
        throw new Error(`NetApp's roles failed:\n${output.slice(-3000)}`);
    }
}

/** The volume that the machines write to at east. */
export function writtenVolume(lab: Lab): string | undefined {
    return entries(lab).find(({ site, application }) => site === "east" && application.startsWith(`${namespace}/`))
        ?.volume;
}

const ofMachines = {
    src_vm_namespace: namespace,
    dst_vm_namespace: namespace,
    src_vm_label: machines.labelSelector.matchLabels.category,
    src_vm_list: ["machine"],
    src_pvc_list: ["shop-data"],
    src_application_name: machines.name,
    src_scheduled_snapshot: true,
    src_snapshot_schedule_specs: {
        name: machines.names.schedule,
        snapshot_reclaim_policy: "Delete",
        retention_count: 3,
        recurrence_rule: rule,
    },
    src_ontap_s3_specs: { secret_name: "vault-east-credentials" },
    dst_ontap_s3_specs: { secret_name: "vault-west-credentials" },
    appmirrorrelationship_specs: {
        name: machines.names.mirror,
        storage_class: "trident-dr",
        recurrence_rule: rule,
    },
};

/** As its owner has labelled it, but for the claim. */
function labelled(object: KubernetesObject & { spec?: object }): KubernetesObject {
    if (object.kind === "PersistentVolumeClaim") {
        return object;
    }
    const marked = withLabel(object);
    const { template, ...spec } = (object.spec ?? {}) as { template?: KubernetesObject };
    return template === undefined
        ? marked
        : ({ ...marked, spec: { ...spec, template: withLabel(template) } } as KubernetesObject);
}

function withLabel(object: KubernetesObject): KubernetesObject {
    const labels = { ...object.metadata?.labels, ...machines.labelSelector.matchLabels };
    return { ...object, metadata: { ...object.metadata, labels } };
}
