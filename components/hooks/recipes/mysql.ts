import { heldLock, type Recipe, secretOfContainer } from "./recipe";

/**
 * MySQL and MariaDB: all tables are flushed and locked against writing until the snapshot is taken. A lock ends with its
 * session, so that a session stays open in the background.
 */
export const mysql: Recipe = {
    sources: [
        "https://dev.mysql.com/doc/refman/8.4/en/backup-methods.html",
        "https://dev.mysql.com/doc/refman/8.4/en/flush.html",
        "https://mariadb.com/kb/en/flush/",
    ],
    parameters: ["user", "lockLimit"],
    undoes: true,
    script: String.raw`#!/bin/sh
# Before a snapshot: FLUSH TABLES WITH READ LOCK. After it: the lock is released.
set -e
${secretOfContainer}
user=$2
[ -n "$user" ] || user=root
client=$(command -v mariadb || command -v mysql) || {
    echo "neither mariadb nor mysql is in this container" >&2
    exit 1
}
[ -n "$MYSQL_PWD" ] || MYSQL_PWD=$(secret MARIADB_ROOT_PASSWORD)
[ -n "$MYSQL_PWD" ] || MYSQL_PWD=$(secret MYSQL_ROOT_PASSWORD)
export MYSQL_PWD

# While it waits for the lock, all others wait behind it: that is given up after a minute.
hold() {
    {
        echo "SET SESSION lock_wait_timeout = 60;"
        echo "FLUSH TABLES WITH READ LOCK;"
        echo "SELECT 'locked';"
        until_released
    } | {
        status=0
        "$client" --user="$user" --batch --skip-column-names --unbuffered >"$state/answer" || status=$?
        : >"$state/gone"
        exit "$status"
    }
}
${heldLock}`,
};
