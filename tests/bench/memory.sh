#!/bin/sh
# The peak memory of each process of load | clean | normalize, at 1,020,000 rows and at ten times as many.
. tests/bench/measure.sh
for times in 1 10; do
    file=$(users $times)
    "$made/peak" "$work/$times" load -q "$file" --label churned | "$made/peak" "$work/$times" clean -q |
        "$made/peak" "$work/$times" normalize -q >/dev/null
    sort -o "$work/$times" "$work/$times"
done
join -t "$(printf '\t')" "$work/1" "$work/10" | awk -F '\t' '{
    printf "| peak memory of %s | %.0f MiB | ten times the rows | %.0f MiB | %.2f | at most 128 MiB: %s |\n",
        $1, $2 / 1024, $3 / 1024, $3 / $2, $3 <= 131072 ? "holds" : "short" }'
