#!/bin/sh
# Commits to the branch what a verb has set in the stacks' files: otherwise the next run of the program would lead back.
set -eu

files='*Pulumi.*.yaml'
if [ -z "$(git ls-files -- "$files")" ]; then
    exit 0
fi
git add --update -- "$files"
if git diff --cached --quiet; then
    exit 0
fi

lost() {
    echo "What was set in the stacks' files is not on $BRANCH: set it there as the plan says before the program is run again" >&2
    exit 1
}

git -c user.name=trident-dr -c user.email=trident-dr@localhost commit --quiet --message "$1"

if [ "${GITLAB_CI:-}" = true ]; then
    # Git asks for the token when it needs it: what is on a command line, others on the machine can read.
    # shellcheck disable=SC2016
    git -c credential.helper= -c credential.helper='!f() { echo username=trident-dr; echo "password=$GITLAB_TOKEN"; }; f' \
        push --quiet --push-option ci.skip "$CI_PROJECT_URL.git" "HEAD:refs/heads/$BRANCH" || lost
else
    git push --quiet origin "HEAD:refs/heads/$BRANCH" || lost
fi
