#!/bin/sh
# calls.sh [MOST]: each small run with its N-th call of each kind failing, for every N (at most MOST of them), with short
# reads and writes, and with interruptions.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
most=${1:-1000000}
small_inputs
small_runs >runs
while read -r name program command; do
    sh -c "$command" </dev/null && mv out want
    rm -f counts out
    with_fault '' "$program" "$command" "$work/counts" </dev/null
    rm -f out
    findings=$(
        for kind in read:EIO write:ENOSPC write:EIO open:EMFILE close:EIO close:EINTR sync:EIO sync:ENOSPC rename:EIO thread map; do
            count=$(awk -v kind="${kind%:*}" '$1 == kind { print $2; exit }' counts)
            for n in $(points "$most" "$count"); do
                for on in '' +; do
                    fault="${kind%:*}=$n$on:${kind#*:}"
                    with_fault "$fault" "$program" "$command" </dev/null
                    status=$?
                    # oneDNN writes its code to where mmap said, without a look; all else has to hold then too
                    case $status:$fault:$name in 139:map=*:train-net | 139:map=*:score-*) status=1 ;; esac
                    verdict $status "$fault"
                done
            done
        done
        for fault in short=1 interrupt=2 interrupt=3,short=1; do
            with_fault "$fault" "$program" "$command" </dev/null
            status=$?
            [ $status = 0 ] || echo "$fault: status $status: $(tail -n 1 said)"
            verdict $status "$fault"
        done
    )
    check "calls: $name" "$findings"
done <runs
finish
