import { describeLabelSelector } from "../../support/labelSelector";
import { text, type Message } from "../../roles/messages/message";
import type { RoleRecord } from "../../roles/record";
import type { Survey } from "./arrayReport";
import type { ApplicationState } from "./observe";
import type { ApplicationSettings } from "./settings";

/**
 * What lacks a label and nobody would miss before a takeover: claims of the application's own workloads, and all of it
 * where its labels are misspelt. Whether any is wanted is known where the application runs.
 */
export function leftOutByLabels(
    { workloads }: Pick<ApplicationState, "workloads">,
    { volumes, ignored = [] }: Survey,
    { application, labelSelector, namespaces, peer }: ApplicationSettings,
    { role }: Pick<RoleRecord, "role">,
): Message[] {
    if (labelSelector === undefined || (role !== "none" && role !== "active")) {
        return [];
    }
    const chosen = describeLabelSelector(labelSelector);
    const own = workloads.filter(({ belongs }) => belongs);
    const isEmpty = volumes.length === 0 && own.length === 0 && ignored.every(({ isUnchosen }) => isUnchosen === true);
    return [
        ...own.flatMap(({ name, unchosen = [] }) =>
            unchosen.map(
                (claim) =>
                    text`${name} of ${application} mounts ${claim}, which labelSelector ${chosen} does not choose: it is not mirrored, and not at ${peer} after a takeover. If it is to be, give the claim these labels`,
            ),
        ),
        ...(isEmpty && role === "active"
            ? [
                  text`NOT PROTECTED: labelSelector ${chosen} of ${application} chooses no claim and no workload in ${namespaces.join(", ")}. The labels there: ${namespaces.map((namespace) => `kubectl -n ${namespace} get persistentvolumeclaims,deployments,statefulsets --show-labels`).join("; ")}`,
              ]
            : []),
    ];
}
