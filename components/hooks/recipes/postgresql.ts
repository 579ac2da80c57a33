import { type Recipe, secretOfContainer } from "./recipe";

/**
 * PostgreSQL recovers from a snapshot of its data directory as from a crash, by its write-ahead log: nothing has to be
 * stopped. A checkpoint before it keeps that short. Data directory, log and tablespaces must be on one volume.
 */
export const postgresql: Recipe = {
    sources: [
        "https://www.postgresql.org/docs/current/backup-file.html",
        "https://www.postgresql.org/docs/current/sql-checkpoint.html",
    ],
    parameters: ["user"],
    undoes: false,
    script: String.raw`#!/bin/sh
# Before a snapshot: a checkpoint, so that recovery from it is short.
set -e
${secretOfContainer}
user=$2
[ -n "$user" ] || user=$POSTGRES_USER
[ -n "$user" ] || user=postgres
[ -n "$PGPASSWORD" ] || PGPASSWORD=$(secret POSTGRES_PASSWORD)
export PGPASSWORD
psql -X -w -q -v ON_ERROR_STOP=1 -U "$user" -d postgres -c CHECKPOINT
`,
};
