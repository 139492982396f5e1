#!/bin/sh
# Trains a convolutional network on images in the IDX format, and measures it on the test images.
#
#   sh pipelines/train-images.sh [FOLDER [EPOCHS [MODEL]]]
#
# FOLDER holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each
# with .gz. Without operands: Debian's dataset-fashion-mnist, for one epoch.
set -eu

FOLDER=${1:-/usr/share/datasets/fashion-mnist}
EPOCHS=${2:-1}
MODEL=${3:-images.model}
NETWORK='conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense 10'
SEED=1

[ ! -d build/bin ] || PATH=$PWD/build/bin:$PATH

load "$FOLDER/train-images-idx3-ubyte.gz" --labels "$FOLDER/train-labels-idx1-ubyte.gz" |
    normalize --method scale=255 |
    train --net "$NETWORK" --optimizer adam --lr 0.001 --batch 32 --epochs "$EPOCHS" --seed "$SEED" -o "$MODEL"

load "$FOLDER/t10k-images-idx3-ubyte.gz" --labels "$FOLDER/t10k-labels-idx1-ubyte.gz" |
    score "$MODEL" |
    metrics
