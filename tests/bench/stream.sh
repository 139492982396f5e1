#!/bin/sh
# Rows that arrive one by one on a stream: from a row to its answer, beside a bare echo through the same two pipes.
. tests/bench/measure.sh
load -q examples/customers.csv --label churned -o "$work/rows"
clean -q --save-state "$work/state" "$work/rows" >"$work/clean"
normalize -q "$work/clean" | train -q --model logistic -o "$work/model"
answers() { # WHAT COMMAND...
    what=$1
    shift
    race 7 ours:told "$made/drip 1 2000 $work/rows $*" 'a bare echo:told' "$made/drip 1 2000 $work/rows"
    rows "rows one by one through $what" +25 us
}
answers score "score -q $work/model"
answers 'clean --state' "clean -q --state $work/state"
answers pick 'pick -q'
