#!/bin/sh
# What it costs to start a filter: ten rows through pick, beside the import of the library that would do it.
. tests/bench/measure.sh
load -q examples/customers.csv | pick -q --rows 10 -o "$work/ten"
filter() { pick -q --rows 10 -o "$work/out" <"$work/ten"; }
ours=$(best_of 30 filter)
theirs=
if peer_has polars; then theirs=$(best_of 3 "$PEER" -c 'import polars'); fi
result 'ten rows through pick, the process' "$ours" 'import polars' "$theirs"
