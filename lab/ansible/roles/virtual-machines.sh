# virtual-machines.sh SITE SITE NAMESPACE...: the kind that NetApp's roles wait for, and one object of it in each namespace
# of the first site.
set -euo pipefail
first="$1"
for site in "$1" "$2"; do
    kubectl --context "$site-admin" apply -f - <<YAML
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: virtualmachines.kubevirt.io }
spec:
  group: kubevirt.io
  scope: Namespaced
  names: { kind: VirtualMachine, listKind: VirtualMachineList, plural: virtualmachines, singular: virtualmachine }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
YAML
    kubectl --context "$site-admin" wait crd/virtualmachines.kubevirt.io --for=condition=Established --timeout=60s
done
shift 2
for namespace in "$@"; do
    kubectl --context "$first-admin" apply -f - <<YAML
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: machine, namespace: $namespace, labels: { category: bench } }
spec: { runStrategy: Halted }
YAML
done
