#!/bin/sh
# Heart disease: trained on one hospital, scored on rows of its own that it never saw, and on other hospitals, where the
# patients, the habits of measuring and what is missing are different. metrics --by shows the shift.
#
#   sh pipelines/heart.sh HOSPITAL OTHER...
#
# The files are in the processed form of the UCI heart disease data: 14 columns without a header, ? for what is missing,
# the last one 0 for a healthy heart and 1 to 4 for an ill one. A hospital is called as its file.
set -eu

[ $# -ge 2 ] || { echo 'usage: heart.sh HOSPITAL OTHER...' >&2; exit 64; }
NUMBERS=age,trestbps,chol,thalach,oldpeak,ca
COLUMNS=hospital,age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal,num
CODES=sex,cp,fbs,restecg,exang,slope,thal
SEED=1

[ ! -d build/bin ] || PATH=$PWD/build/bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/ill.json" <<'END'
{"rules": [{"name": "healthy", "column": "num", "allowed": [0], "present": true, "action": {"flag": "ill"}}]}
END

# hospitals FILE...: their rows as one stream, each with the name of its file, and whether the heart is ill
hospitals() {
    for file; do
        awk -v name="$(basename "$file")" 'NF { print name "," $0 }' "$file"
    done |
        load -q --no-header --columns "$COLUMNS" --missing '?' --id hospital \
            --types "$(echo "$NUMBERS,$CODES,num" | sed 's/,/=float64,/g')=float64" |
        clean -q --rules "$work/ill.json" --missing keep |
        pick -q --drop num --label ill
}

hospital=$1
shift
hospitals "$hospital" |
    partition -q --seed "$SEED" --stratify ill "$work/train=0.75" "$work/test=0.25"

clean -q --means-missing trestbps=0,chol=0 --missing "median,$(echo $CODES | sed 's/,/=keep,/g')=keep" "$work/train" |
    encode -q --column "$CODES" --method onehot |
    normalize -q |
    train --model logistic --seed "$SEED" -o "$work/model"

echo "== $(basename "$hospital"), a quarter that it never saw"
score -q "$work/model" "$work/test" | metrics

echo "== others"
hospitals "$@" | score -q "$work/model" | metrics --by hospital
