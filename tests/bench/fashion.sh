#!/bin/sh
# An epoch of the Fashion-MNIST network: a run of two epochs less a run of one, beside PyTorch's second epoch in its
# best setting (channels_last, two threads).
. tests/bench/measure.sh
data=/usr/share/datasets/fashion-mnist
network='conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense 10'
load -q $data/train-images-idx3-ubyte.gz --labels $data/train-labels-idx1-ubyte.gz |
    normalize -q --method scale=255 -o "$work/train.arrows"
epochs() { train -q --net "$network" --optimizer adam --lr 0.001 --batch 32 --seed 1 --epochs "$1" -o "$work/model" "$work/train.arrows"; }
one=$(best_of 2 epochs 1)
two=$(best_of 2 epochs 2)
theirs=
if peer_has torch; then theirs=$("$PEER" tests/bench/torch_cnn.py "$data"); fi
result 'an epoch of the Fashion-MNIST network' "$(awk -v a="$one" -v b="$two" 'BEGIN { print b - a }')" PyTorch "$theirs"
