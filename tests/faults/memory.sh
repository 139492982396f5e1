#!/bin/sh
# memory.sh [MOST]: each small run as often as it asks for memory, and each time another one of its wishes is refused:
# an error in words, or the right output. At most MOST (4000) of them a run, at random: that is all of them in every run
# but the networks' training, most of whose 36,000 are oneDNN's own; `memory.sh 100000` refuses each of those too.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
small_inputs
small_runs >runs
while read -r name program command; do
    wanted "$command"
    count=$(calls "$program" "$command" malloc </dev/null)
    rm -f out
    chosen=$(points "${1:-4000}" "$count")
    findings=$([ -n "$chosen" ] || echo 'the shim counts nothing'; for n in $chosen; do
        with_fault "malloc=$n" "$program" "$command" </dev/null
        verdict $? "malloc=$n"
    done)
    check "memory: $name, $(echo "$chosen" | wc -l) of $count allocations refused" "$findings"
    SEED=$((SEED + 1))
done <runs
finish
