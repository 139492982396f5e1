#!/bin/sh
# What it costs to start: a filter on ten rows, and the score of one row, whole processes. Beside them a program that
# does nothing, started the same way, and the import of the library that would do the work.
. tests/bench/measure.sh
load -q examples/customers.csv --label churned -o "$work/rows"
clean -q "$work/rows" | normalize -q | train -q --model logistic -o "$work/model"
pick -q --rows 10 <"$work/rows" >"$work/ten"
pick -q --rows 1 <"$work/rows" >"$work/one"
head -n 2 examples/customers-new.csv >"$work/one.csv"
load -q $images/t10k-images-idx3-ubyte.gz --labels $images/t10k-labels-idx1-ubyte.gz -o "$work/images"
pick -q --rows 500 <"$work/images" | normalize -q --method scale=255 |
    train -q --net "$network" --epochs 1 -o "$work/network"
pick -q --rows 1 <"$work/images" >"$work/image"

race 50 pick "exec pick -q --rows 10 <$work/ten" 'a program that does nothing' 'exec true'
rows 'pick of ten rows' '<5' ms
race 50 score "exec score -q $work/model <$work/one" 'a program that does nothing' 'exec true'
rows 'score of one row of a stream, a small model' '<20' ms
race 50 score "exec score -q $work/model <$work/one.csv" 'a program that does nothing' 'exec true'
rows 'score of one row of CSV, a small model' '<20' ms
race 50 score "exec score -q $work/network <$work/image" 'a program that does nothing' 'exec true'
rows 'score of one image, the Fashion-MNIST network' '<20' ms
for module in polars sklearn onnxruntime; do
    if peer_has $module; then
        race 3 score "exec score -q $work/model <$work/one" "import $module" "exec $PEER -c 'import $module'"
        rows 'score of one row of a stream, a small model' '' ms
    else
        skipped 'score of one row of a stream, a small model' "import $module"
    fi
done
