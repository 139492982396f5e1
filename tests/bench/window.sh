#!/bin/sh
# Mean, deviation, median, minimum and maximum of the last 24 rows of each row's group: 1,000,000 rows in 1,000 groups, as
# they come and group by group. Ours is the whole process, from a stream in a file to its output; theirs the work alone,
# on a table in memory. First it is seen that the values are those of pandas.
. tests/bench/measure.sh
statistics=mean,deviation,median,minimum,maximum
ours="features -q --method window --by g --column x --window 24 --statistics $statistics"
for order in interleaved sorted; do
    stream=$made/windows-$order.arrows
    [ -e "$stream" ] || awk -v order=$order 'BEGIN {
        srand(1)
        print "g,x"
        for (i = 0; i < 1000000; i++) {
            group = order == "sorted" ? int(i / 1000) : int(rand() * 1000)
            printf "%d,%.6f\n", group, rand() * 100 + rand() * 10
        }
    }' | load -q --types g=int64 -o "$stream"
    what="windows of 24 rows, 5 statistics, 1,000,000 rows in 1,000 groups, $order"
    if peer_has pandas && peer_has pyarrow; then
        $ours "$stream" >"$work/made"
        if ! "$PEER" tests/bench/window_peers.py same "$stream" "$work/made" 2>"$work/said"; then
            echo "| $what | | pandas | failed: $(tail -n 1 "$work/said") | | |"
            continue
        fi
    fi
    set -- features "$ours $stream >/dev/null"
    for library in duckdb polars pandas; do
        if peer_has $library && peer_has pyarrow; then
            set -- "$@" "$library:told" "$(peer window_peers.py $library "$stream")"
        else
            skipped "$what" $library
        fi
    done
    race 5 "$@"
    rows "$what" 1.5
done
