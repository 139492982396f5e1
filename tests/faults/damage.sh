#!/bin/sh
# damage.sh [MOST]: a stream and a model that are cut at every byte, and with every bit flipped (at most MOST, 1000, of
# each, at random; the unit tests stream_damage and model_file do all of them within one process): an error in words and
# no output, or (padding) the same output.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
most=${1:-1000}
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
# try WHAT FILE COMMAND
try() {
    size=$(stat -c %s "$2")
    check "damage: $1, of $size bytes $(points "$most" "$size" | wc -l) cuts, $(points "$most" $((size * 8)) | wc -l) bits" \
        "$(damaged "$2" "$3")"
}
try 'a stream to train' t.arrows 'train -q --model logistic damaged -o out'
try 'a stream to train from a pipe' t.arrows 'cat damaged | train -q --model logistic -o out'
try 'a stream to normalize' t.arrows 'normalize -q damaged -o out'
try 'a stream to score' t.arrows 'score -q m damaged -o out'
try 'a stream to save' t.arrows 'save -q --format csv out <damaged'
try 'a model to score' m 'score -q damaged t.arrows -o out'
try 'a model to show' m 'show --json damaged -o out'
try 'a model to load by' m 'load -q --like damaged t.csv -o out'
finish
