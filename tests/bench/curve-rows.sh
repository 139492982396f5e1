#!/bin/sh
# Programs on 1, 10 and 100 times the rows: the least seconds of three runs, and how they grow from one to the next.
. tests/bench/measure.sh
whole=$(users 1)
for times in 1 10 100; do
    head -n $((10200 * times + 1)) "$whole" >"$work/$times.csv"
    load -q --label churned "$work/$times.csv" -o "$work/$times.arrows"
    clean -q "$work/$times.arrows" | normalize -q -o "$work/$times.ready"
done
train -q --model logistic -o "$work/model" "$work/10.ready"
for times in 1 10 100; do score -q "$work/model" "$work/$times.arrows" -o "$work/$times.scored"; done
echo '| program | 10,200 rows | 102,000 rows | 1,020,000 rows | times 10 | times 100 |'
echo '| --- | --- | --- | --- | --- | --- |'
grow() { # WHAT COMMAND, N standing for the size
    set -- "$1" "$(echo "$2" | sed "s|@|$work/1|g")" "$(echo "$2" | sed "s|@|$work/10|g")" "$(echo "$2" | sed "s|@|$work/100|g")"
    race 3 1 "$2" 10 "$3" 100 "$4"
    awk -F '\t' -v what="$1" '{ t[NR] = $2 } END {
        printf "| %s | %.4f s | %.4f s | %.4f s | %.1f | %.1f |\n", what, t[1], t[2], t[3], t[2] / t[1], t[3] / t[1] }' "$work/race"
}
grow load 'load -q @.csv'
grow 'load, clean, normalize' 'load -q --label churned @.csv | clean -q | normalize -q'
grow clean 'clean -q @.arrows'
grow normalize 'normalize -q @.arrows'
grow partition "partition -q --seed 1 $work/a=0.8 $work/b=0.2 <@.arrows"
grow shuffle 'shuffle -q --seed 1 @.arrows'
grow 'train, logistic' "train -q --model logistic -o $work/m @.ready"
grow 'train, one hidden layer, one epoch' "train -q --net 'dense 16 relu' --epochs 1 -o $work/m @.ready"
grow score "score -q $work/model @.arrows"
grow metrics 'metrics -q @.scored'
grow 'save as CSV' 'save -q --format csv - @.arrows'
