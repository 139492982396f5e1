#!/bin/sh
# The peak memory and the seconds of CPU of each process of load | clean | normalize, at 1,020,000 rows and at TIMES (10)
# times as many, which come from a generator. TIMES=100 takes some minutes, and 15 GB in $TMPDIR.
. tests/bench/measure.sh
more=${TIMES:-10}
for times in 1 "$more"; do
    "$made/users" 1000000 "$times" | "$made/peak" "$work/$times" load -q - --label churned |
        "$made/peak" "$work/$times" clean -q | "$made/peak" "$work/$times" normalize -q >/dev/null
    sort -o "$work/$times" "$work/$times"
done
join -t "$(printf '\t')" "$work/1" "$work/$more" | awk -F '\t' -v more="$more" '{
    printf "| peak memory of %s | %.0f MiB | %d times the rows | %.0f MiB | %.2f | at most 128 MiB: %s |\n",
        $1, $2 / 1024, more, $4 / 1024, $4 / $2, $4 <= 131072 ? "holds" : "short"
    printf "| CPU of %s | %.2f s | %d times the rows | %.2f s | %.2f | |\n", $1, $3, more, $5, $5 / $3 }'
