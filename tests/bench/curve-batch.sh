#!/bin/sh
# Batches of 1 to 1,024 rows. On a stream: the time from a batch to its answer, a row's share of it. In training:
# microseconds a row of one epoch of 4,096 images.
. tests/bench/measure.sh
load -q $images/t10k-images-idx3-ubyte.gz --labels $images/t10k-labels-idx1-ubyte.gz -o "$work/images"
pick -q --rows 4096 <"$work/images" | normalize -q --method scale=255 -o "$work/ready"
train -q --net "$network" --epochs 1 -o "$work/network" "$work/ready"
load -q "$(users 1)" --label churned | pick -q --rows 20000 >"$work/rows"
clean -q "$work/rows" | normalize -q | train -q --model logistic -o "$work/model"
sizes='1 4 16 64 256 1024'
curve() { # WHAT COMMAND, @ standing for the batch, # for how many of them
    printf '| %s |' "$1"
    for size in $sizes; do
        race 3 "batch$3" "$(echo "$2" | sed "s|@|$size|g; s|#|$((4096 / size + 10))|g")"
        awk -F '\t' -v rows="${4:-$size}" '{ printf " %.1f us |", $2 * 1e6 / rows }' "$work/race"
    done
    echo
}
echo "| a row of | $(echo "$sizes" | sed 's/ / | /g') |"
echo '| --- | --- | --- | --- | --- | --- | --- |'
curve 'score, table of 20 columns, batches on the stream' "$made/drip @ # $work/rows score -q $work/model" :told
curve 'score, images, batches on the stream' "$made/drip @ # $work/images score -q $work/network" :told
curve 'train, images, minibatches' "train -q --net '$network' --batch @ --epochs 1 -o $work/m $work/ready" '' 4096
