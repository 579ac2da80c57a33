# failover-parallel.sh SITE APPLICATION...: promotes all at once.
set -euo pipefail
source "$(dirname "$0")/objects.sh"
site="$1"
shift
promote() {
    kubectl --context "$site-admin" -n "$1" patch "appmirrorrelationships.protect.trident.netapp.io/$1" \
        --type merge -p '{"spec":{"desiredState":"Promoted"}}'
    state_is "$site" "$1" appmirrorrelationships "$1" Promoted
}
for_each_at_once promote "$@"
