#!/bin/sh
# Tells the pictures of two classes apart in three ways, each measured on pictures that it has not learned from:
#
#   textbook  gray pictures of 28 by 28, a layer of 32, the squared error and gradient descent over all rows at once
#   hog       histograms of oriented gradients of 96 by 96 and logistic regression, over five folds
#   network   three convolutions over colours of 64 by 64, which learn from each picture and changed copies of it
#
#   sh pipelines/cats-dogs.sh PHOTOS WORK [EPOCHS [COPIES]]
#
# PHOTOS is a folder, or an archive (tar, zip, 7z), with a folder for each class; what is made on the way, and the three
# models (textbook.model, hog.model of all pictures, network.model), stays in the folder WORK. EPOCHS are those of the
# network, COPIES those of each picture. New pictures are scored by:
#   score WORK/hog.model FOLDER-OR-ARCHIVE | save predictions.csv
set -eu

[ $# -ge 2 ] || { echo 'usage: cats-dogs.sh PHOTOS WORK [EPOCHS [COPIES]]' >&2; exit 64; }
PHOTOS=$1
WORK=$2
EPOCHS=${3:-8}
COPIES=${4:-7}
FOLDS=5
NETWORK='conv 16 3x3 relu | maxpool 2 | conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dropout 0.5 | dense 64 relu'
SEED=${SEED:-1}

[ ! -d build/bin ] || PATH=$PWD/build/bin:$PATH
mkdir -p "$WORK"

accuracy() { # NAME MODEL STREAM: a line, "NAME accuracy 0.75 of 160"
    score -q "$2" <"$3" | metrics -q | awk -v name="$1" '
        NR == 1 { rows = $3 + 0 }
        $1 == "accuracy" { print name, "accuracy", $2, "of", rows }'
}

# the textbook's form
load -q "$PHOTOS" --label-from folder --gray --size 28x28 |
    partition -q --stratify label --seed "$SEED" "$WORK/train28=0.8" "$WORK/test28=0.2"

normalize -q --method scale=255 <"$WORK/train28" |
    train -q --net 'flatten | dense 32 sigmoid | dense 2 softmax' --loss mse --optimizer gd --lr 1 --epochs 500 \
        --seed "$SEED" -o "$WORK/textbook.model"

accuracy 'textbook train' "$WORK/textbook.model" "$WORK/train28"
accuracy 'textbook test' "$WORK/textbook.model" "$WORK/test28"

# shapes
shapes() { # of the pictures on standard input, to a model
    augment -q --flip horizontal --copies 3 --seed "$SEED" |
        features -q --method hog --cell 16x16 |
        train -q --model logistic --l2 100 -o "$1"
}

load -q "$PHOTOS" --label-from folder --gray --size 96x96 -o "$WORK/all96"
for fold in $(seq $FOLDS); do
    partition -q --fold "$fold/$FOLDS" --stratify label --seed "$SEED" "$WORK/rest96=rest" "$WORK/fold96=fold" <"$WORK/all96"
    shapes "$WORK/fold.model" <"$WORK/rest96"
    accuracy "hog fold-$fold" "$WORK/fold.model" "$WORK/fold96"
done >"$WORK/hog.txt"
cat "$WORK/hog.txt"
awk '{ right += $4 * $6; rows += $6 } END { printf "hog test accuracy %.4f of %d\n", right / rows, rows }' "$WORK/hog.txt"
shapes "$WORK/hog.model" <"$WORK/all96"

# a network
load -q "$PHOTOS" --label-from folder --size 64x64 |
    partition -q --stratify label --seed "$SEED" "$WORK/train64=0.8" "$WORK/test64=0.2"

augment -q --flip horizontal --crop 64x64 --pad 6 --copies "$COPIES" --seed "$SEED" <"$WORK/train64" |
    normalize -q --method scale=255 |
    train -q --net "$NETWORK" --optimizer adam --lr 0.001 --batch 32 --epochs "$EPOCHS" --seed "$SEED" \
        -o "$WORK/network.model"

accuracy 'network train' "$WORK/network.model" "$WORK/train64"
accuracy 'network test' "$WORK/network.model" "$WORK/test64"
