#!/bin/sh
# calls.sh [MOST]: each small run with its N-th call of each kind failing, for every N, once or from then on, with short
# reads and writes, and with interruptions. With MOST, so many of these faults a run, at random.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
small_inputs
small_runs >runs
while read -r name program command; do
    sh -c "$command" </dev/null && mv out want
    rm -f counts out
    # shellcheck disable=SC2154 # lib.sh makes it
    with_fault '' "$program" "$command" "$work/counts" </dev/null
    rm -f out
    for kind in read:EIO write:ENOSPC write:EIO open:EMFILE close:EIO close:EINTR sync:EIO sync:ENOSPC rename:EIO thread: map:; do
        for n in $(seq "$(awk -v kind="${kind%:*}" '$1 == kind { print $2; exit }' counts)"); do
            printf '%s\n' "${kind%:*}=$n:${kind#*:}" "${kind%:*}=$n+:${kind#*:}"
        done
    done >faults
    printf '%s\n' short=1 interrupt=2 interrupt=3,short=1 >>faults
    findings=$(for line in $(points "${1:-1000000}" "$(wc -l <faults)"); do
        fault=$(sed -n "${line}p" faults)
        with_fault "$fault" "$program" "$command" </dev/null
        status=$?
        case $fault in short=* | interrupt=*) [ $status = 0 ] || echo "$fault: status $status: it is no error" ;; esac
        verdict $status "$fault"
    done)
    check "calls: $name, $(wc -l <faults) faults" "$findings"
    SEED=$((SEED + 1))
done <runs
finish
