/** What makes an application's data whole in a snapshot: a script that Trident Protect runs before it, and maybe after it. */
export interface Recipe {
    /** Where the maker of the software says what is to be done. */
    sources: readonly string[];
    /** What may be declared of it. */
    parameters: readonly RecipeParameter[];
    /** Whether the script has something to do after the snapshot, too. */
    undoes: boolean;
    /** Its arguments: `pre` or `post`; the user, or nothing; and the longest time of a lock in seconds. */
    script: string;
}

export const recipeParameters = ["user", "lockLimit"] as const;

export type RecipeParameter = (typeof recipeParameters)[number];

/**
 * A password is the container's own, as the images of the databases take it: from a variable, or from the file that
 * another one names. It is in no script and on no command line.
 */
export const secretOfContainer = String.raw`
secret() {
    eval "value=\$$1 file=\$$1_FILE"
    if [ -n "$value" ]; then printf %s "$value"; elif [ -r "$file" ]; then cat "$file"; fi
}
`;

/**
 * A lock from the hook before the snapshot to the one after it. Each hook is a process of its own, so that a process in
 * the background has the lock. It lets go when the second hook says so, and at the latest when the limit is reached: a
 * snapshot that fails must not block a database for good. The script before it has `hold`, which writes into
 * `$state/answer` once it has the lock, and then calls `until_released`; `$state/gone` says that there is none any more.
 */
export const heldLock = String.raw`
limit=$3
state=$TMPDIR
[ -n "$state" ] || state=/tmp
state=$state/trident-dr-hook

until_released() {
    left=$limit
    while [ -e "$state/held" ] && [ ! -e "$state/gone" ] && [ "$left" -gt 0 ]; do
        sleep 1
        left=$((left - 1))
    done
}

take() {
    if [ -e "$state/held" ] && [ ! -e "$state/ended" ]; then
        age=$(($(date +%s) - $(cat "$state/held")))
        [ "$age" -ge "$limit" ] || fail "the lock of another snapshot is held since $age s"
    fi
    rm -rf "$state"
    mkdir -m 700 "$state"
    date +%s >"$state/held"
    {
        trap "" HUP
        if hold; then echo 0 >"$state/status"; else echo 1 >"$state/status"; fi
        mv "$state/status" "$state/ended"
    } </dev/null >/dev/null 2>"$state/error" &
    until [ -s "$state/answer" ]; do
        [ ! -e "$state/ended" ] || fail "no lock: $(cat "$state/error")"
        sleep 1
    done
}

release() {
    [ -e "$state/held" ] || fail "no lock is held: the hook before the snapshot failed, or has not run in this container"
    [ ! -e "$state/ended" ] || fail "the lock ended before the snapshot did, after $limit s at most: $(cat "$state/error")"
    rm "$state/held"
    until [ -e "$state/ended" ]; do sleep 1; done
    [ "$(cat "$state/ended")" = 0 ] || fail "the lock could not be released: $(cat "$state/error")"
    rm -rf "$state"
}

fail() {
    echo "$1" >&2
    if [ -e "$state/ended" ]; then rm -rf "$state"; fi
    exit 1
}

case $1 in
    pre) take ;;
    post) release ;;
    *) fail "expected pre or post, found $1" ;;
esac
`;
