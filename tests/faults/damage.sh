#!/bin/sh
# damage.sh [MOST]: a stream and a model that are cut at every byte, and with every bit flipped (at most MOST of each, at
# random): an error in words and no output, or (padding) the same output.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
most=${1:-2000}
head -n 13 "$tree/examples/customers.csv" >t.csv
load -q --label churned t.csv | pick -q age plan monthly_bill churned | clean -q -o t.arrows
train -q --model logistic t.arrows -o m
# damaged FILE COMMAND: what COMMAND, which reads it as `damaged`, makes of FILE with each damage
damaged() {
    size=$(stat -c %s "$1")
    cp "$1" damaged
    sh -c "$2" 2>said </dev/null || echo "undamaged: $(cat said)"
    mv out want
    for at in $(points "$most" "$size"); do
        head -c $((at - 1)) "$1" >damaged
        sh -c "$2" 2>said </dev/null
        status=$?
        [ $status != 0 ] || echo "cut to $((at - 1)) of $size: status 0"
        verdict $status "cut to $((at - 1)) of $size"
    done
    for at in $(points "$most" $((size * 8))); do
        byte=$(((at - 1) / 8)) bit=$(((at - 1) % 8))
        old=$(od -An -tu1 -j $byte -N 1 "$1")
        cp "$1" damaged
        # shellcheck disable=SC2059 # the format is the byte
        printf "\\$(printf %o $((old ^ (1 << bit))))" | dd of=damaged bs=1 seek=$byte conv=notrunc status=none
        sh -c "$2" 2>said </dev/null
        verdict $? "bit $bit of byte $byte"
    done
}
check 'damage: a stream to train' "$(damaged t.arrows 'train -q --model logistic damaged -o out')"
check 'damage: a stream to train from a pipe' "$(damaged t.arrows 'cat damaged | train -q --model logistic -o out')"
check 'damage: a stream to normalize' "$(damaged t.arrows 'normalize -q damaged -o out')"
check 'damage: a stream to score' "$(damaged t.arrows 'score -q m damaged -o out')"
check 'damage: a stream to save' "$(damaged t.arrows 'save -q --format csv out <damaged')"
check 'damage: a model to score' "$(damaged m 'score -q damaged t.arrows -o out')"
check 'damage: a model to show' "$(damaged m 'show --json damaged -o out')"
check 'damage: a model to load by' "$(damaged m 'load -q --like damaged t.csv -o out')"
finish
