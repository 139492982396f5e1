#!/bin/sh
# memory.sh [MOST]: each small run as often as it asks for memory, and each time another one of its wishes is refused:
# an error in words, or the right output. With MOST, so many of them a run, at random.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
small_inputs
small_runs >runs
while read -r name program command; do
    sh -c "$command" </dev/null && mv out want
    count=$(calls "$program" "$command" malloc </dev/null)
    rm -f out
    chosen=$(points "${1:-1000000}" "$count")
    findings=$(for n in $chosen; do
        with_fault "malloc=$n" "$program" "$command" </dev/null
        verdict $? "malloc=$n"
    done)
    check "memory: $name, $(echo "$chosen" | wc -l) of $count allocations refused" "$findings"
    SEED=$((SEED + 1))
done <runs
finish
