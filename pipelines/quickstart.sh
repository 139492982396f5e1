#!/bin/sh
# From a bare Debian 12 to two trained models: installs what is missing, builds, trains a convolutional network on
# 60,000 pictures of clothes and a logistic regression on a small table, and measures both on rows they never saw.
#
#   sh pipelines/quickstart.sh
set -eu

FASHION=/usr/share/datasets/fashion-mnist
NETWORK='conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense 10'
EPOCHS=5
SEED=1
OUT=build/quickstart

cd "$(dirname "$0")/.."
say() { printf '\n== %s\n' "$*"; }

say 'what is missing'
sh tests/packages.sh build quickstart

say 'building'
make -s -j "$(nproc)"
PATH=$PWD/build/bin:$PATH
mkdir -p "$OUT"

say "pictures: $EPOCHS epochs of $NETWORK"
load "$FASHION/train-images-idx3-ubyte.gz" --labels "$FASHION/train-labels-idx1-ubyte.gz" |
    normalize --method scale=255 |
    train --net "$NETWORK" --optimizer adam --lr 0.001 --batch 32 --epochs "$EPOCHS" --seed "$SEED" -o "$OUT/fashion.model"

say 'pictures: 10,000 that it never saw'
load "$FASHION/t10k-images-idx3-ubyte.gz" --labels "$FASHION/t10k-labels-idx1-ubyte.gz" |
    score "$OUT/fashion.model" |
    metrics

say 'a table: who leaves the telephone company?'
load examples/customers.csv --label churned --id customer_id,name |
    partition --seed "$SEED" "$OUT/train.arrows=0.75" "$OUT/test.arrows=0.25"
clean "$OUT/train.arrows" |
    normalize |
    train --model logistic --seed "$SEED" -o "$OUT/churn.model"

say 'a table: the rows that were set aside'
score "$OUT/churn.model" "$OUT/test.arrows" |
    metrics

say "models are in $OUT; look into one with: build/bin/show $OUT/churn.model"
