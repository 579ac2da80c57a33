import type { Recipe } from "./recipe";

/**
 * A program that writes files and has no command for this: what it has written, and the node only remembers so far, is
 * brought to the volume. Nothing is stopped: files that are being written are as they are at that moment.
 */
export const fileSystem: Recipe = {
    sources: [
        "https://pubs.opengroup.org/onlinepubs/9799919799/functions/sync.html",
        "https://man7.org/linux/man-pages/man1/sync.1.html",
    ],
    parameters: [],
    undoes: false,
    script: `#!/bin/sh
# Before a snapshot: what is in the node's memory goes to the volume.
set -eu
sync
`,
};
