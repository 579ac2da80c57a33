#!/bin/sh
# Shows both sites, also as the page status.html. Ends as trident-dr status does: 0 well, 1 attention, 2 danger, 3 unknown.
set -eu

PATH="$PWD/node_modules/.bin:$PATH"

code=0
trident-dr status --html status.html </dev/null >status.txt || code=$?
cat status.txt
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    {
        echo '```text'
        cat status.txt
        echo '```'
    } >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
