#!/bin/sh
# Tells which topic a text is about: learns from four fifths of a table, and measures on the fifth it never saw.
#
#   sh pipelines/topics.sh [TABLE [MODEL [OPTION...]]]
#
# TABLE has the topic of each text, and the text in one column or more. OPTIONs are those of load that say how it is to
# be read; without them it is a table without a header whose first column is the topic. Without operands: the headlines
# in examples/.
set -eu

TABLE=${1:-examples/headlines.csv}
MODEL=${2:-topics.model}
COMMON=0.05
PENALTY=0.5
SEED=1

if [ $# -gt 2 ]; then
    shift 2
elif [ $# -gt 0 ]; then
    set -- --no-header --label column1
else
    set -- --label topic
fi
[ ! -d build/bin ] || PATH=$PWD/build/bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

load "$TABLE" "$@" |
    partition --seed "$SEED" "$work/train.arrows=0.8" "$work/test.arrows=0.2"

# What a twentieth of all texts say tells no topic, in any language. Pairs of words do; there are many, and rare ones.
features --method tfidf --sublinear --ngrams 1-2 --max-documents "$COMMON" "$work/train.arrows" |
    train --model logistic --l2 "$PENALTY" --seed "$SEED" -o "$MODEL"

score "$MODEL" "$work/test.arrows" |
    metrics
