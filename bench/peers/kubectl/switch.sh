# switch.sh FROM TO APPLICATION...: takes the applications down, and promotes the snapshot that is taken of them then.
# The way into the mirror afterwards is rejoin.sh TO FROM.
set -euo pipefail
source "$(dirname "$0")/objects.sh"
from="$1"
to="$2"
final="final-$(date +%s)"
shift 2
switch() {
    kubectl --context "$from-admin" -n "$1" delete schedules.protect.trident.netapp.io --all
    shutdown_snapshot "$1" "$final" "vault-$from" | apply "$from"
    state_is "$from" "$1" shutdownsnapshots "$final" Completed
    archive=$(kubectl --context "$from-admin" -n "$1" get "shutdownsnapshots.protect.trident.netapp.io/$final" \
        -o 'jsonpath={.status.appArchivePath}')
    kubectl --context "$to-admin" -n "$1" patch "appmirrorrelationships.protect.trident.netapp.io/$1" \
        --type merge -p "{\"spec\":{\"desiredState\":\"Promoted\",\"promotedSnapshot\":\"$(basename "$archive")\"}}"
    state_is "$to" "$1" appmirrorrelationships "$1" Promoted
}
for_each_at_once switch "$@"
