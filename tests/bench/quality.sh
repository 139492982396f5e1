#!/bin/sh
# How well the pipelines do on the data that they are for, beside what they have to reach. The files lie in the folders of
# $WEIR_DATA (titanic/titanic.csv, heart-disease/processed.*.data, sms-spam/sms.tsv, ag-news/test.csv,
# cats-dogs/cats-dogs.tar); a row is skipped where they do not.
. tests/bench/measure.sh
data=${WEIR_DATA:-build/data}

# value FILE NAME: a metric of the first report in FILE
value() { awk -v name="$2" '$1 == name { print $2; exit }' "$1"; }
# quality WHAT NAME GOAL VALUE
quality() {
    awk -v what="$1" -v name="$2" -v goal="$3" -v value="$4" 'BEGIN {
        verdict = goal == "" ? "" : sprintf("%s: %s", goal, value + 0 >= goal + 0 ? "holds" : "short")
        printf "| %s | %s %s | | | | %s |\n", what, name, value == "" ? "none" : value, verdict
    }'
}

titanic=$data/titanic/titanic.csv
if [ -e "$titanic" ]; then
    sh pipelines/titanic.sh "$titanic" >"$work/titanic" 2>"$work/said" || cat "$work/said" >&2
    quality 'pipelines/titanic.sh, 5 folds' accuracy 0.80 "$(value "$work/titanic" accuracy)"
else
    skipped 'pipelines/titanic.sh' "$titanic"
fi

heart=$data/heart-disease
if [ -e "$heart/processed.cleveland.data" ]; then
    sh pipelines/heart.sh "$heart/processed.cleveland.data" "$heart/processed.hungarian.data" \
        "$heart/processed.switzerland.data" "$heart/processed.va.data" >"$work/heart" 2>"$work/said" || cat "$work/said" >&2
    quality 'pipelines/heart.sh, trained in Cleveland, a quarter of its rows' accuracy '' "$(value "$work/heart" accuracy)"
    for site in hungarian switzerland va; do
        quality "pipelines/heart.sh, trained in Cleveland, scored on $site" accuracy '' \
            "$(awk -v site="processed.$site.data" '$NF == site { print $2 }' "$work/heart")"
    done
else
    skipped 'pipelines/heart.sh' "$heart"
fi

messages=$data/sms-spam/sms.tsv
if [ -e "$messages" ]; then
    sh pipelines/spam.sh "$messages" "$work/spam.model" >"$work/spam" 2>"$work/said" || cat "$work/said" >&2
    quality 'pipelines/spam.sh, held out' F1 0.95 "$(value "$work/spam" f1)"
else
    skipped 'pipelines/spam.sh' "$messages"
fi

news=$data/ag-news/test.csv
if [ -e "$news" ]; then
    sh pipelines/topics.sh "$news" "$work/topics.model" >"$work/topics" 2>"$work/said" || cat "$work/said" >&2
    theirs=
    if peer_has sklearn && peer_has pyarrow; then
        load -q --no-header --label column1 "$news" |
            partition -q --seed 1 "$work/train.arrows=0.8" "$work/test.arrows=0.2"
        theirs=$("$PEER" tests/bench/sklearn_topics.py "$work/train.arrows" "$work/test.arrows" column1)
    fi
    quality "pipelines/topics.sh, held out (scikit-learn ${theirs:-not there})" accuracy "$theirs" \
        "$(value "$work/topics" accuracy)"
else
    skipped 'pipelines/topics.sh' "$news"
fi

photos=$data/cats-dogs/cats-dogs.tar
if [ -e "$photos" ]; then
    sh pipelines/cats-dogs.sh "$photos" "$work/photos" >"$work/cats-dogs" 2>"$work/said" || cat "$work/said" >&2
    of() { sed -n "s/^$1 accuracy \([0-9.]*\) of.*/\1/p" "$work/cats-dogs"; } # WAY PART
    quality 'pipelines/cats-dogs.sh, the textbook form, what it learned from' accuracy '' "$(of 'textbook train')"
    quality 'pipelines/cats-dogs.sh, the textbook form, held out' accuracy '' "$(of 'textbook test')"
    quality 'pipelines/cats-dogs.sh, HOG, 5 folds' accuracy 0.70 "$(of 'hog test')"
    theirs=
    if peer_has torch; then
        theirs=$("$PEER" tests/bench/torch_cats_dogs.py "$work/photos" 8 7 1 |
            sed -n 's/^network test accuracy \([0-9.]*\) of.*/\1/p')
    fi
    # one picture of 160 more or less is no difference: a standard error is 0.035
    goal=$(awk -v hog="$(of 'hog test')" -v torch="${theirs:-0}" 'BEGIN { printf "%.3f", (torch > 0 ? torch : hog) - 0.035 }')
    quality "pipelines/cats-dogs.sh, network and augment, held out (PyTorch ${theirs:-not there}; within a standard error)" \
        accuracy "$goal" "$(of 'network test')"
else
    skipped 'pipelines/cats-dogs.sh' "$photos"
fi
