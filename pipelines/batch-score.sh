#!/bin/sh
# Scores each new file of a folder once: what a timer runs. Files that are scored already, or are still being written,
# are left alone; a bad one is set aside in OUT/failed with its reason, and the rest goes on.
#
#   sh pipelines/batch-score.sh MODEL IN OUT
#   sh pipelines/batch-score.sh                  the customers in examples/, within build/batch
#
# Exit status 75: another run holds the folder; nothing was done.
set -eu

MODEL=${1:-build/batch/churn.model}
IN=${2:-build/batch/in}
OUT=${3:-build/batch/out}
SETTLE=60 # seconds that a file must have been left alone

[ ! -d build/bin ] || PATH=$PWD/build/bin:$PATH

if [ $# = 0 ]; then
    SETTLE=0
    mkdir -p "$IN" "$OUT"
    [ -e "$IN/customers-new.csv" ] || cp examples/customers-new.csv "$IN"
    [ -e "$MODEL" ] || sh pipelines/train-table.sh examples/customers.csv churned "$MODEL"
fi

score "$MODEL" --in "$IN" --out "$OUT" --settle "$SETTLE"
