#!/bin/sh
# Plans what the request asks for, and comments the plan with its digest, or the refusal. Changes nothing.
# Leaves plan.json, for run.sh, and plan.md.
set -eu

here=$(dirname "$0")
PATH="$PWD/node_modules/.bin:$PATH"

rm -f plan.json plan.md

# Words are split at blanks, and nothing else in them means anything to the shell.
set -f
# shellcheck disable=SC2046
set -- $(grep -v '^#' trident-dr-request)
if [ $# -eq 0 ]; then
    echo "trident-dr-request is empty: write what is asked for into it, such as: switch shop --to west" >&2
    exit 1
fi

code=0
trident-dr plan "$@" --json --out plan.json --comment plan.md </dev/null 2>refused.txt || code=$?
cat refused.txt >&2

if [ "$code" -eq 0 ]; then
    digest=$(node -p 'JSON.parse(fs.readFileSync("plan.json", "utf8")).digest')
    if [ "${GITHUB_ACTIONS:-}" = true ]; then
        echo "name=trident-dr-plan-${digest#sha256:}" >>"$GITHUB_OUTPUT"
        approval="start the workflow \`trident-dr run\` on the branch \`$BRANCH\` with this digest"
    else
        approval="start the job \`run\` of this pipeline with the variable \`DIGEST\` set to this digest"
    fi
    printf 'To approve exactly this: %s.\n' "$approval" >>plan.md
else
    {
        printf '### trident-dr: refused, and nothing was changed\n\n    %s\n\n' "$*"
        sed 's/^/    /' refused.txt
    } >plan.md
fi

sh "$here/comment.sh" plan.md
exit "$code"
