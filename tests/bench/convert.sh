#!/bin/sh
# Prices with decimal commas and units, dates that begin with the day, and a series smoothed for each of 1,000 machines,
# reading included: 1,000,000 rows.
. tests/bench/measure.sh
file=$made/readings-1000000.csv
[ -e "$file" ] || { awk 'BEGIN {
        srand(1)
        print "machine,price,day,x"
        for (i = 0; i < 1000000; i++)
            printf "%d,\"%d.%03d,%02d €\",%02d.%02d.%d,%.3f\n", rand() * 1000, 1 + rand() * 9, rand() * 1000, rand() * 100,
                1 + rand() * 28, 1 + rand() * 12, 2000 + rand() * 25, rand() * 100
    }' >"$file.part" && mv "$file.part" "$file"; }
what='load \| clean \-\-units \-\-dates \-\-smooth of 1,000,000 rows'
set -- pipe "load -q $file | clean -q --missing keep --numbers price=comma --units 'price=€' --dates day=dmy --smooth x=median:5 --smooth-by machine"
for library in polars pandas; do
    if peer_has $library; then set -- "$@" "$library:told" "$(peer convert_peers.py $library "$file")"; else skipped "$what" $library; fi
done
race 5 "$@"
rows "$what" ''
