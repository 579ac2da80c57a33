/**
 * Name of the ValidatingAdmissionPolicy, and of its binding, that keeps the pods of an item with a label selector from
 * starting at a site that does not serve it. They are in no namespace, so that the name has the one of the Application: no
 * namespace has a dot, and no two of its applications have one name.
 */
export function podPolicyName(namespace: string, item: string): string {
    return `trident-dr-${namespace}.${item}`;
}
