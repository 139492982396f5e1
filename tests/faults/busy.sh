#!/bin/sh
# busy.sh [ROWS]: the main pipeline and a small network, alone and while as many busy processes as there are cores run
# beside them: slower in proportion (twice as long is fair), never a collapse. Prints the ratios; five times is too much.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
rows=${1:-200000}
LC_ALL=C awk -v rows="$rows" -v seed=3 -f "$tree/examples/customers.awk" >big.csv
cat >runs <<'END'
table load -q --label churned big.csv | clean -q | normalize -q | train -q --model logistic -o out
network train -q --net 'dense 64 relu | dense 32 relu' --epochs 3 -o out rows
score score -q m big.csv | metrics -q -o out
END
load -q --label churned big.csv | clean -q | normalize -q -o rows
train -q --model logistic -o m rows
measure() { # the least of three, in milliseconds
    for _ in 1 2 3; do
        began=$(date +%s%N)
        sh -c "$1" </dev/null || echo 0
        echo $((($(date +%s%N) - began) / 1000000))
    done | sort -n | head -n 1
}
while read -r name command; do
    alone=$(measure "$command")
    cksum <out >before
    busy=
    for _ in $(seq "$(nproc)"); do
        sh -c 'while :; do :; done' &
        busy="$busy $!"
    done
    beside=$(measure "$command")
    # shellcheck disable=SC2086 # their numbers
    kill $busy
    wait
    echo "# $name: $alone ms alone, $beside ms beside busy processes, $(awk "BEGIN { printf \"%.2f\", $beside / ($alone + 1) }") times"
    check "busy: $name, slower in proportion" "$(
        [ "$alone" != 0 ] && [ "$beside" != 0 ] || echo 'it failed'
        [ "$beside" -le $((alone * 5 + 50)) ] || echo "$alone ms alone, $beside ms beside busy processes"
        cksum <out | diff before - >/dev/null || echo 'not the same bytes'
    )"
done <runs
finish
