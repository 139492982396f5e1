# helper.bash: loaded by every bats file with `load helper`.
#
# The programs are those of $WEIR_BIN (build/bin when unset); a test runs in its own empty folder, $BATS_TEST_TMPDIR;
# the tree is at $TREE. In a sanitizer build $WEIR_SANITIZED is its name (asan, tsan, coverage), where times and
# memory mean nothing.
TREE=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
WEIR_BIN=${WEIR_BIN:-$TREE/build/bin}
PATH=$WEIR_BIN:$PATH
LC_ALL=C.UTF-8
export TREE WEIR_BIN PATH LC_ALL
unset CDPATH
bats_require_minimum_version 1.5.0
set -o pipefail

# bats has a function `load`, needed once, to read this file: from here on, the program is meant.
load() { command load "$@"; }

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# fails COMMAND STATUS TEXT: sh runs COMMAND; it exits with STATUS and standard error holds TEXT.
fails() {
    run --separate-stderr sh -c "$1"
    # shellcheck disable=SC2154 # bats sets it
    if [ "$status" != "$2" ] || [[ "$stderr" != *"$3"* ]]; then
        printf 'ran: %s\nstatus %s, wanted %s\nstandard error: %s\nwanted: %s\n' "$1" "$status" "$2" "$stderr" "$3"
        return 1
    fi
}

# never COMMAND...: it fails. (A line that begins with ! fails no test, unless it is the last.)
never() { ! "$@"; }

# column FILE NAME: the values of one column, a line each, without its name.
column() { pick "$2" <"$1" | save --format csv - | tail -n +2; }

is() { [ "$1" = "$2" ] || { printf 'is:\n%s\nwanted:\n%s\n' "$1" "$2"; return 1; }; }

# peak COMMAND...: its peak memory in KiB (14 MiB at least, which are Python's); what it writes is thrown away.
peak() {
    python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

# csv ARGUMENT...: what load made, as CSV.
csv() { load -q "$@" | save -q --format csv -; }
# says STATUS TEXT ARGUMENT...: load fails so, and says exactly that.
says() {
    local status_wanted=$1 text=$2
    shift 2
    run --separate-stderr command load "$@"
    told "$status_wanted" "$text"
}
# tells COMMAND STATUS TEXT: bash runs COMMAND; it exits with STATUS, and standard error is exactly TEXT.
tells() {
    run --separate-stderr bash -o pipefail -c "$1 >/dev/null"
    told "$2" "$3"
}
told() {
    [ "$status" = "$1" ] && [ "$stderr" = "$2" ] || {
        printf 'status %s, standard error:\n%s\nwanted %s:\n%s\n' "$status" "$stderr" "$1" "$2"
        return 1
    }
}
