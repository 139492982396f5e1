#!/bin/sh
# Trains on a table, and measures the model on a quarter of the rows that it never saw.
#
#   sh pipelines/train-table.sh [TABLE [LABEL [MODEL]]]
#
# TABLE is anything that load reads; LABEL is the column to predict. Without operands: the customers in examples/.
set -eu

TABLE=${1:-examples/customers.csv}
LABEL=${2:-churned}
MODEL=${3:-table.model}
SEED=1

[ ! -d build/bin ] || PATH=$PWD/build/bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

load "$TABLE" --label "$LABEL" |
    partition --seed "$SEED" "$work/train.arrows=0.75" "$work/test.arrows=0.25"

clean "$work/train.arrows" |
    normalize |
    train --seed "$SEED" -o "$MODEL"

score "$MODEL" "$work/test.arrows" |
    metrics
