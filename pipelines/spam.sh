#!/bin/sh
# Tells unwanted messages from wanted ones: learns from four fifths of a table, and measures on the fifth it never saw.
#
#   sh pipelines/spam.sh [TABLE [MODEL [OPTION...]]]
#
# TABLE has the kind of each message and its text. OPTIONs are those of load that say how it is to be read; without
# them it is a table without a header whose first column is the kind. Without operands: the messages in examples/.
set -eu

TABLE=${1:-examples/messages.tsv}
MODEL=${2:-spam.model}
PENALTY=0.1
SEED=1

if [ $# -gt 2 ]; then
    shift 2
else
    set -- --no-header --label column1
    case $TABLE in *.tsv) set -- "$@" --quote none ;; esac # a quotation mark is a part of the message
fi
[ ! -d build/bin ] || PATH=$PWD/build/bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

load "$TABLE" "$@" |
    partition --seed "$SEED" "$work/train.arrows=0.8" "$work/test.arrows=0.2"

# Short words and pairs of words count in messages, and the rarer kind as much as the other.
features --method tfidf --min-length 1 --ngrams 1-2 "$work/train.arrows" |
    train --model logistic --l2 "$PENALTY" --class-weights balanced --seed "$SEED" -o "$MODEL"

score "$MODEL" "$work/test.arrows" |
    metrics
