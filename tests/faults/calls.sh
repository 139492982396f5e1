#!/bin/sh
# calls.sh [MOST]: each small run with its N-th call of each kind failing, for every N, once or from then on, with short
# reads and writes, and with interruptions. At most MOST (1000) of these faults a run, at random: all of them in every run
# but the one that opens hundreds of files.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
small_inputs
small_runs >runs
while read -r name program command; do
    wanted "$command"
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
    chosen=$(points "${1:-1000}" "$(wc -l <faults)")
    findings=$([ "$(wc -l <faults)" -gt 3 ] || echo 'the shim counts nothing'; for line in $chosen; do
        fault=$(sed -n "${line}p" faults)
        with_fault "$fault" "$program" "$command" </dev/null
        status=$?
        case $fault in
        short=* | interrupt=*) [ $status = 0 ] || echo "$fault: status $status: it is no error" ;;
        # what is not written, or not on the disk, is not done
        write=* | sync=* | rename=*) [ $status != 0 ] || echo "$fault: status 0" ;;
        esac
        verdict $status "$fault"
    done)
    check "calls: $name, $(echo "$chosen" | wc -l) of $(wc -l <faults) faults" "$findings"
    SEED=$((SEED + 1))
done <runs
finish
