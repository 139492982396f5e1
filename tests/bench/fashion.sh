#!/bin/sh
# An epoch of the Fashion-MNIST network, batch 32, Adam: half of what three epochs take longer than one. Beside it
# PyTorch's second epoch in its best setting, and oneDNN's kernels alone (kernels.c).
. tests/bench/measure.sh
load -q $images/train-images-idx3-ubyte.gz --labels $images/train-labels-idx1-ubyte.gz |
    normalize -q --method scale=255 -o "$work/rows"
epoch() { # PRECISION RATIO-TO-PYTORCH RATIO-TO-KERNELS
    what="an epoch of the Fashion-MNIST network, $1"
    if [ "$1" = bf16 ] && ! grep -q avx512_bf16 /proc/cpuinfo; then
        skipped "$what" 'a machine with avx512_bf16'
        return
    fi
    for epochs in 1 3; do
        echo "train -q --net '$network' --optimizer adam --lr 0.001 --batch 32 --seed 1 --precision $1 \
            --epochs $epochs -o $work/model-$epochs $work/rows" >"$work/train-$epochs"
    done
    precision=$1
    set -- "$@" 1 "sh $work/train-1" 3 "sh $work/train-3"
    if grep -q avx512f /proc/cpuinfo; then
        set -- "$@" "oneDNN's kernels alone:told" "$made/kernels $precision"
    else # where its gradient of one plane is a plain loop, a hundred times as long
        skipped "$what" "oneDNN's kernels alone, which want AVX-512"
    fi
    if peer_has torch; then set -- "$@" 'PyTorch, channels_last:told' "$(peer torch_cnn.py $images "$precision")"; else skipped "$what" PyTorch; fi
    pytorch=$2 kernels=$3
    shift 3
    race 2 "$@"
    awk -F '\t' -v OFS='\t' 'NR == 1 { split($0, one) } NR == 1 { next }
        NR == 2 { print "epoch", ($2 - one[2]) / 2, ($3 - one[3]) / 2, ($4 - one[4]) / 2 } NR > 2' "$work/race" >"$work/all"
    grep -v PyTorch "$work/all" >"$work/race"
    rows "$what" "$kernels"
    grep -v kernels "$work/all" >"$work/race"
    rows "$what" "$pytorch"
}
epoch float32 2.7 0.8
epoch bf16 2.2 0.74
