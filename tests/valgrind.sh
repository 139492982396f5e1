#!/bin/sh
# valgrind.sh NAME: the unit test NAME under valgrind, or (`pipeline`) the main pipeline on the small table.
set -u
. tests/tap.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checked() { # checked COMMAND...: what valgrind found
    valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
        --suppressions=tests/valgrind.supp --log-file="$work/log.%p" "$@" >"$work/out" 2>"$work/said" ||
        { echo "exit status $?: $*"; tail -n 5 "$work/said"; cat "$work"/log.* | head -n 40; }
}
if [ "$1" != pipeline ]; then
    check "unit $1" "$(checked "build/unit/$1")"
    finish
fi
bin=build/bin
check 'load' "$(checked $bin/load --label churned examples/customers.csv -o "$work/loaded")"
check 'clean' "$(checked $bin/clean "$work/loaded" -o "$work/cleaned")"
check 'normalize' "$(checked $bin/normalize "$work/cleaned" -o "$work/normal")"
check 'train' "$(checked $bin/train --model logistic --epochs 2 "$work/normal" -o "$work/model")"
check 'score' "$(checked $bin/score "$work/model" "$work/loaded" -o "$work/scored")"
check 'metrics' "$(checked $bin/metrics "$work/scored")"
check 'show' "$(checked $bin/show "$work/model")"
finish
