#!/bin/sh
# dedup of a large CSV by whole rows, reading included, beside reading and distinct of the libraries; and its memory for
# each row kept.
. tests/bench/measure.sh
file=$(users 1)
what='load \| dedup of it, 20,000 rows twice'
set -- pipe "load -q $file | dedup -q"
for library in polars duckdb pandas; do
    if peer_has $library; then set -- "$@" "$library:told" "$(peer tables.py $library distinct "$file")"; else skipped "$what" $library; fi
done
race 5 "$@"
rows "$what" 1.5
for rows in 1000000 4000000; do
    "$made/users" $rows | load -q - | "$made/peak" "$work/$rows" dedup -q >/dev/null
done
cat "$work/1000000" "$work/4000000" | awk -F '\t' '{ kilobytes[NR] = $2 }
    END {
        each = (kilobytes[2] - kilobytes[1]) * 1024 / 3000000
        printf "| peak memory of dedup | %.0f MiB | four times the rows | %.0f MiB | %.1f bytes a row | at most 24: %s |\n",
            kilobytes[1] / 1024, kilobytes[2] / 1024, each, each <= 24 ? "holds" : "short" }'
