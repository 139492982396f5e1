#!/bin/sh
# Who survived? Five folds of a table of passengers, or of any other with a label of two or more classes: for each fold a
# small network is trained on the other four, with all that prepares the rows (what is filled in, categories, means)
# learned from those four alone, and scores the fold, which it never saw. The metrics are those of all rows.
#
#   sh pipelines/titanic.sh TABLE [LABEL [ID,...]]
#
# TABLE is anything that load reads; LABEL is the column to predict, Survived when it is not given; the columns ID are no
# features, PassengerId when they are not given, and none when they are ''.
set -eu

[ $# -ge 1 ] || { echo 'usage: titanic.sh TABLE [LABEL [ID,...]]' >&2; exit 64; }
TABLE=$1
LABEL=${2:-Survived}
ID=${3-PassengerId}
FOLDS=5
NETWORK='dense 16 relu'
SEED=1

[ ! -d build/bin ] || PATH=$PWD/build/bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for fold in $(seq $FOLDS); do
    load -q "$TABLE" --label "$LABEL" ${ID:+--id "$ID"} |
        partition -q --fold "$fold/$FOLDS" --stratify "$LABEL" --seed "$SEED" "$work/rest=rest" "$work/fold=fold"

    clean -q "$work/rest" |
        encode -q |
        normalize -q |
        train -q --net "$NETWORK" --epochs 200 --weight-decay 0.01 --seed "$SEED" -o "$work/model"

    score -q "$work/model" "$work/fold" |
        pick -q "$LABEL" prediction |
        save -q --format csv - >"$work/$fold.csv"
done

load -q "$work"/?.csv --label "$LABEL" |
    pick -q --role prediction=prediction |
    metrics
