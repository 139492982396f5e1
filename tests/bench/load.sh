#!/bin/sh
# load of a large CSV, the whole process, beside the reading alone of the libraries that one would load it with.
. tests/bench/measure.sh
file=$(users 1)
what='load of a CSV, 152 MB, 1,020,000 rows, 20 columns'
set -- load "load -q $file"
for library in pyarrow polars pandas duckdb; do
    if peer_has $library; then set -- "$@" "$library:told" "$(peer tables.py $library read "$file")"; else skipped "$what" $library; fi
done
race 5 "$@"
rows "$what" 1.5
