#!/bin/sh
# A table of 100,000 keys joined to 1,000,000 rows, both read from CSV.
. tests/bench/measure.sh
table=$made/join-table.csv stream=$made/join-stream.csv
if [ ! -e "$stream" ]; then
    awk 'BEGIN {
        split("Paris Berlin Lima Lagos", city, " ")
        print "user,city,age,balance"
        for (i = 0; i < 100000; i++) { k = i * 7919 % 100000; print k * 13 "," city[k % 4 + 1] "," 18 + k % 70 "," k / 64 }
    }' >"$table"
    awk 'BEGIN {
        print "event,user,amount,seconds"
        for (i = 0; i < 1000000; i++) { k = i * 3571 % 110000; print i "," k * 13 "," k % 1000 / 8 "," i % 3600 }
    }' >"$stream.part"
    mv "$stream.part" "$stream"
fi
what='enrich of 1,000,000 rows from a table of 100,000 keys, both CSV'
set -- enrich "enrich -q $table --on user $stream"
for library in duckdb polars; do
    if peer_has $library; then set -- "$@" "$library:told" "$(peer join.py $library "$table" "$stream")"; else skipped "$what" $library; fi
done
race 5 "$@"
rows "$what" 1
