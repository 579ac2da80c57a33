# rejoin.sh SERVING RETURNED APPLICATION...: reverse resync, after the mirror was promoted at the serving site. What was
# written at the returned site since is discarded. A promotion restores what is not there: the Deployment goes, not its pods
# alone.
set -euo pipefail
source "$(dirname "$0")/objects.sh"
serving="$1"
returned="$2"
base="base-$(date +%s)"
shift 2
rejoin() {
    kubectl --context "$returned-admin" -n "$1" delete schedules.protect.trident.netapp.io --all
    kubectl --context "$returned-admin" -n "$1" delete deployment --all --cascade=foreground
    kubectl --context "$serving-admin" -n "$1" delete "appmirrorrelationships.protect.trident.netapp.io/$1"
    snapshot "$1" "$base" "vault-$serving" | apply "$serving"
    state_is "$serving" "$1" snapshots "$base" Completed
    schedule "$1" "vault-$serving" | apply "$serving"
    uid=$(kubectl --context "$serving-admin" -n "$1" get "applications.protect.trident.netapp.io/$1" \
        -o 'jsonpath={.metadata.uid}')
    mirror "$1" "$uid" "vault-$serving" "vault-$returned" | apply "$returned"
    state_is "$returned" "$1" appmirrorrelationships "$1" Established
}
for_each_at_once rejoin "$@"
