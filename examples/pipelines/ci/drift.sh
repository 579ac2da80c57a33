#!/bin/sh
# Looks for drift: whether "pulumi up" would change anything in one of the stacks that are named.
set -eu

if [ $# -eq 0 ]; then
    echo "expected the names of stacks, such as: sh ci/drift.sh east west" >&2
    exit 1
fi

drifted=
for stack in "$@"; do
    pulumi preview --stack "$stack" --expect-no-changes --non-interactive </dev/null || drifted="$drifted $stack"
done

if [ -n "$drifted" ]; then
    echo "not as declared, or not previewed:$drifted. See what trident-dr status says is due" >&2
    exit 1
fi
