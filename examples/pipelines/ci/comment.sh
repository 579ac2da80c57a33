#!/bin/sh
# Posts a Markdown file as a comment on the pull request or merge request that the job runs for; elsewhere prints it.
set -eu

file=$1
comment=comment.md

# GitHub takes 65,536 characters.
if [ "$(wc -c <"$file")" -gt 60000 ]; then
    {
        sed '/^<details>/,/<\/details>$/d' "$file"
        printf '\nThe calls of the first run are too many for a comment: they are in plan.md, with the files of the job.\n'
    } >"$comment"
else
    cp "$file" "$comment"
fi

if [ "${GITHUB_ACTIONS:-}" = true ]; then
    gh pr comment "$PULL_REQUEST" --body-file "$comment"
elif [ "${GITLAB_CI:-}" = true ]; then
    notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
    # By standard input: what is on a command line, others on the machine can read.
    printf 'header = "PRIVATE-TOKEN: %s"\n' "$GITLAB_TOKEN" |
        curl --config - --silent --show-error --fail --output /dev/null --data-urlencode "body@$comment" "$notes"
else
    cat "$comment"
fi
