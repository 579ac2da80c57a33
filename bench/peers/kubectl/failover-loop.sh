# failover-loop.sh SITE APPLICATION...: promotes one after the other.
set -euo pipefail
site="$1"
shift
for app in "$@"; do
    kubectl --context "$site-admin" -n "$app" patch "appmirrorrelationships.protect.trident.netapp.io/$app" \
        --type merge -p '{"spec":{"desiredState":"Promoted"}}'
    kubectl --context "$site-admin" -n "$app" wait "appmirrorrelationships.protect.trident.netapp.io/$app" \
        --for='jsonpath={.status.state}=Promoted' --timeout=1800s
done
