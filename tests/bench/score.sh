#!/bin/sh
# 10,000 images scored, the whole process, beside onnxruntime's run alone.
. tests/bench/measure.sh
what='score of 10,000 images'
load -q $images/t10k-images-idx3-ubyte.gz --labels $images/t10k-labels-idx1-ubyte.gz -o "$work/images"
pick -q --rows 2000 <"$work/images" | normalize -q --method scale=255 |
    train -q --net "$network" --epochs 1 -o "$work/model"
set -- score "score -q $work/model $work/images"
if peer_has onnxruntime; then set -- "$@" 'onnxruntime, its run alone:told' "$(peer onnx_cnn.py $images)"; else skipped "$what" onnxruntime; fi
race 7 "$@"
rows "$what" 1
