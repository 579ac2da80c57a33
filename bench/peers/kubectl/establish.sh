# establish.sh SERVING STANDBY APPLICATION...: mirrors applications that run at the serving site.
set -euo pipefail
source "$(dirname "$0")/objects.sh"
serving="$1"
standby="$2"
shift 2
establish() {
    kubectl --context "$standby-admin" create namespace "$1"
    application "$1" | apply "$serving"
    snapshot "$1" base "vault-$serving" | apply "$serving"
    state_is "$serving" "$1" snapshots base Completed
    schedule "$1" "vault-$serving" | apply "$serving"
    uid=$(kubectl --context "$serving-admin" -n "$1" get "applications.protect.trident.netapp.io/$1" \
        -o 'jsonpath={.metadata.uid}')
    mirror "$1" "$uid" "vault-$serving" "vault-$standby" | apply "$standby"
    state_is "$standby" "$1" appmirrorrelationships "$1" Established
}
for_each_at_once establish "$@"
