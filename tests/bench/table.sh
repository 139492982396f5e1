#!/bin/sh
# A table made ready: missing numbers become the median, every number column gets mean 0 and deviation 1.
. tests/bench/measure.sh
file=$(users 1)
what='load \| clean \| normalize of it'
set -- pipe "load -q $file --label churned | clean -q | normalize -q"
for library in duckdb polars pandas; do
    if peer_has $library; then set -- "$@" "$library:told" "$(peer tables.py $library prepare "$file")"; else skipped "$what" $library; fi
done
race 5 "$@"
rows "$what" 1.5
