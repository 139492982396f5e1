#!/bin/sh
# Logistic regression on the TF-IDF of 100,000 texts of several topics, each against the rest, beside LIBLINEAR with
# the same penalty: to the end, and in one pass. Whole processes, which read the rows; of scikit-learn's LIBLINEAR its own
# work alone. Then the objectives and the accuracies.
#
#   AG_NEWS=FILE    a table of topic, title and text without a header, repeated to 100,000 rows; else made headlines
. tests/bench/measure.sh
table=${AG_NEWS:-}
if [ -n "$table" ]; then
    while :; do cat "$table"; done | head -n 100000 >"$work/texts.csv"
    of='AG News'
else
    LC_ALL=C awk -v rows=100000 -v seed=2 -f examples/headlines.awk | tail -n +2 >"$work/texts.csv"
    of='made headlines'
fi
load -q --no-header --label column1 "$work/texts.csv" | features -q --method tfidf -o "$work/texts.arrows"
what="train on the TF-IDF of 100,000 texts ($of)"
if ! peer_has pyarrow || ! peer_has scipy; then
    skipped "$what" LIBLINEAR
    exit 0
fi
"$PEER" tests/bench/sparse_peer.py svm "$work/texts.arrows" "$work/texts.svm"

set --
if command -v liblinear-train >/dev/null; then
    set -- "$@" LIBLINEAR "liblinear-train -s 0 -B 1 -q $work/texts.svm $work/texts.model"
else
    skipped "$what" LIBLINEAR
fi
if peer_has sklearn; then
    set -- "$@" "LIBLINEAR in scikit-learn, unread:told" "$(peer sparse_peer.py fit "$work/texts.svm")"
fi
race 3 whole "train -q --model logistic --loss binary-cross-entropy -o $work/whole $work/texts.arrows" "$@"
rows "$what" 1
race 3 pass "train -q --model logistic --loss binary-cross-entropy --optimizer adagrad -o $work/pass $work/texts.arrows" "$@"
rows "$what, one pass" 5
[ -e "$work/texts.model" ] || exit 0
"$PEER" tests/bench/sparse_peer.py objectives "$work/texts.arrows" "$work/whole" "$work/pass" "$work/texts.model" | awk '
    { objective[NR] = $1; accuracy[NR] = $2 }
    END {
        printf "| objective, its penalty of the weights alone | %.6g | LIBLINEAR | %.6g | | no more than 1.0001 times: %s |\n",
            objective[1], objective[3], (objective[1] <= 1.0001 * objective[3] ? "holds" : "short")
        printf "| accuracy to the end; in one pass | %.4f; %.4f | LIBLINEAR | %.4f | | |\n", accuracy[1], accuracy[2], accuracy[3]
    }'
