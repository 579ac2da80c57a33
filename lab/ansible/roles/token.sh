# token.sh SITE: prints a token of an administrator.
set -euo pipefail
site="$1"
kubectl --context "$site-admin" -n default create serviceaccount bench --dry-run=client -o yaml |
    kubectl --context "$site-admin" apply -f - >&2
kubectl --context "$site-admin" create clusterrolebinding bench --clusterrole=cluster-admin \
    --serviceaccount=default:bench --dry-run=client -o yaml | kubectl --context "$site-admin" apply -f - >&2
kubectl --context "$site-admin" -n default create token bench --duration=24h
