#!/bin/sh
# Carries out the plan that was approved by its digest, and nothing else. Run again, it goes on where it was cut off.
set -eu

here=$(dirname "$0")
PATH="$PWD/node_modules/.bin:$PATH"

refuse() {
    echo "$1. Nothing was changed at either site" >&2
    exit 1
}

digest=${DIGEST:-}
hash=${digest#sha256:}
case $hash in
    "") refuse "DIGEST is empty: approve a plan by the digest that its comment shows" ;;
    *[!0-9a-f]*) refuse "DIGEST is no digest: expected sha256: and 64 hexadecimal digits, as the comment shows them" ;;
esac
if [ "$digest" = "$hash" ] || [ ${#hash} -ne 64 ]; then
    refuse "DIGEST is no digest: expected sha256: and 64 hexadecimal digits, as the comment shows them"
fi

if [ "${GITHUB_ACTIONS:-}" = true ]; then
    rm -f plan.json
    gh run download --name "trident-dr-plan-$hash" --dir . ||
        refuse "There is no plan with this digest, or it has expired: have the pull request planned again"
fi
[ -f plan.json ] || refuse "There is no plan.json: have the merge request planned again"

planned=$(node -p 'JSON.parse(fs.readFileSync("plan.json", "utf8")).digest')
if [ "$planned" != "$digest" ]; then
    refuse "The plan is not the one that was approved: its digest is $planned"
fi
verb=$(node -p 'JSON.parse(fs.readFileSync("plan.json", "utf8")).verb')

code=0
trident-dr "$verb" --plan plan.json --yes </dev/null || code=$?

# Also after a failure: what is set already is a part of how the same plan goes on.
sh "$here/keep.sh" "trident-dr $verb, as approved by $digest"
exit "$code"
