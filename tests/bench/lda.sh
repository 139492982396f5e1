#!/bin/sh
# 20 topics of 7,600 texts, 5 passes, counts in memory on their side and read by our process; then the perplexity of 760
# of them, which nobody has learned from, by one formula for all.
. tests/bench/measure.sh
texts=${AG_NEWS:-/usr/share/datasets/ag-news/test.csv}
what='20 topics of 6,840 news, 5 passes'
if [ ! -e "$texts" ]; then
    skipped "$what" 'AG News (AG_NEWS=FILE)'
    exit
fi
{ echo class,title,text; cat "$texts"; } | load -q - | features -q --method counts --column text -o "$work/counts"
head=6840
pick -q text --rows "$head" -o "$work/head" <"$work/counts"
set -- lda "features -q --method lda --passes 5 --held-out 0 --seed 1 --save-state $work/state $work/head"
lambdas=$work/state
names=features
for library in sklearn gensim multicore; do
    module=$([ $library = sklearn ] && echo sklearn || echo gensim)
    if peer_has "$module"; then
        set -- "$@" "$library:told" "$(peer lda_peer.py $library "$work/counts" "$head" "$work/$library.npy")"
        lambdas="$lambdas $work/$library.npy"
        names="$names $library"
    else
        skipped "$what" $library
    fi
done
race 2 "$@"
rows "$what" 8
if peer_has sklearn && peer_has pyarrow; then
    # shellcheck disable=SC2046,SC2086 # words
    echo $names $(eval "$(peer lda_peer.py perplexity "$work/counts" "$head" "$lambdas")") | awk '{ for (i = 2; i <= NF / 2; i++) {
        ours = $(NF / 2 + 1); theirs = $(NF / 2 + i)
        printf "| perplexity of 760 documents held out | %s | %s | %s | %.2f | at least 1: %s |\n", ours, $i, theirs,
            theirs / ours, (theirs >= ours ? "holds" : "short") } }'
fi
