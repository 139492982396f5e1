#!/bin/sh
# What stands in each column of a table, reading included: more figures than any of the others gives at once.
. tests/bench/measure.sh
file=$(users 1)
what='load \| profile of it'
set -- profile "profile -q $file --label churned"
for library in duckdb polars pandas; do
    if peer_has $library; then set -- "$@" "$library:told" "$(peer tables.py $library describe "$file")"; else skipped "$what" $library; fi
done
race 3 "$@"
rows "$what" 1
