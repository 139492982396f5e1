#!/bin/sh
# Programs on 10, 1,000 and 10,000 columns, two million numbers each time: the least seconds of three runs.
. tests/bench/measure.sh
for columns in 10 1000 10000; do
    cp "$(wide $((2000000 / columns)) $columns)" "$work/$columns.csv"
    load -q --label label --id id "$work/$columns.csv" -o "$work/$columns.arrows"
    clean -q "$work/$columns.arrows" | normalize -q -o "$work/$columns.ready"
    train -q --model logistic -o "$work/$columns.model" "$work/$columns.ready"
done
echo '| program | 10 columns, 200,000 rows | 1,000 columns, 2,000 rows | 10,000 columns, 200 rows |'
echo '| --- | --- | --- | --- |'
grow() { # WHAT COMMAND, @ standing for the size
    set -- "$1" "$(echo "$2" | sed "s|@|$work/10|g")" "$(echo "$2" | sed "s|@|$work/1000|g")" "$(echo "$2" | sed "s|@|$work/10000|g")"
    race 3 10 "$2" 1000 "$3" 10000 "$4"
    awk -F '\t' -v what="$1" '{ t[NR] = $2 } END { printf "| %s | %.4f s | %.4f s | %.4f s |\n", what, t[1], t[2], t[3] }' "$work/race"
}
grow load 'load -q --label label --id id @.csv'
grow clean 'clean -q @.arrows'
grow normalize 'normalize -q @.arrows'
grow 'train, logistic' "train -q --model logistic -o $work/m @.ready"
grow score 'score -q @.model @.arrows'
grow 'pick, all but one' 'pick -q --drop x5 <@.arrows'
grow 'clean --flag-missing' 'clean -q --flag-missing @.arrows'
grow partition "partition -q --seed 1 $work/a=0.8 $work/b=0.2 <@.arrows"
grow shuffle 'shuffle -q --seed 1 @.arrows'
grow 'show, a stream' 'show @.arrows'
grow 'show, a model' 'show @.model'
