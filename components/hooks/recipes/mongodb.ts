import { heldLock, type Recipe, secretOfContainer } from "./recipe";

/**
 * MongoDB: writes are flushed and blocked until the snapshot is taken. Its lock does not end with the session that took
 * it, so that whatever holds it releases it as well.
 */
export const mongodb: Recipe = {
    sources: [
        "https://www.mongodb.com/docs/manual/tutorial/backup-with-filesystem-snapshots/",
        "https://www.mongodb.com/docs/manual/reference/method/db.fsyncLock/",
    ],
    parameters: ["user", "lockLimit"],
    undoes: true,
    script: String.raw`#!/bin/sh
# Before a snapshot: db.fsyncLock(). After it: db.fsyncUnlock().
set -e
${secretOfContainer}
HOOK_USER=$2
[ -n "$HOOK_USER" ] || HOOK_USER=$(secret MONGO_INITDB_ROOT_USERNAME)
HOOK_PASSWORD=$(secret MONGO_INITDB_ROOT_PASSWORD)
export HOOK_USER HOOK_PASSWORD

# At this very member, whichever of its set it is.
at_member() {
    mongosh --quiet --norc "mongodb://127.0.0.1/admin?directConnection=true" --eval \
        "if (process.env.HOOK_USER) db.auth(process.env.HOOK_USER, process.env.HOOK_PASSWORD); $1"
}

hold() {
    at_member "db.fsyncLock(); print('locked')" >"$state/answer" || return 1
    until_released
    at_member "db.fsyncUnlock()" || at_member "db.fsyncUnlock()"
}
${heldLock}`,
};
