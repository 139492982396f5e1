#!/bin/sh
# Rows by chance out of a large CSV, reading included: 10,000 of them, and a tenth of each class; and the memory of the
# first when the rows are four times as many.
. tests/bench/measure.sh
file=$(users 1)
compare() { # WHAT WORK COMMAND LIBRARY...
    what=$1 work_of_peer=$2 command=$3
    shift 3
    libraries=$*
    set -- pipe "$command"
    for library in $libraries; do
        if peer_has "$library"; then
            set -- "$@" "$library:told" "$(peer tables.py "$library" "$work_of_peer" "$file")"
        else
            skipped "$what" "$library"
        fi
    done
    race 5 "$@"
    rows "$what" ''
}
compare 'load \| sample of 10,000 rows' sample "load -q $file | sample -q --rows 10000" polars duckdb pandas
compare 'load \| sample of a tenth of each plan' strata \
    "load -q $file | sample -q --fraction 0.1 --method stratified --by plan" polars pandas
for rows in 1000000 4000000; do
    "$made/users" $rows | load -q - | "$made/peak" "$work/$rows" sample -q --rows 10000 >/dev/null
done
cat "$work/1000000" "$work/4000000" | awk -F '\t' '{ kilobytes[NR] = $2 }
    END { printf "| peak memory of sample of 10,000 rows | %.0f MiB | four times the rows | %.0f MiB | | |\n",
        kilobytes[1] / 1024, kilobytes[2] / 1024 }'
