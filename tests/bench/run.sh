#!/bin/sh
# make bench: every case of tests/bench (NAME.sh), ours beside what a user would pick instead, both measured in this run.
# A peer that `make bench-peers` has not brought is named as skipped.
#
#   sh tests/bench/run.sh [CASE...]
set -eu
cd "$(dirname "$0")/../.."
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
PATH=$PWD/build/bin:$PATH
PEER=$PWD/build/peers/bin/python
LC_ALL=C.UTF-8
export PATH PEER LC_ALL

if [ $# = 0 ]; then
    for case in tests/bench/*.sh; do
        case $case in */run.sh | */measure.sh) ;; *) set -- "$@" "$(basename "$case" .sh)" ;; esac
    done
fi
echo "machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores; weir: $(weir --version)"
if [ -x "$PEER" ]; then
    "$PEER" -m pip list --format freeze 2>/dev/null | grep -iE '^(torch|numpy|scikit-learn|pyarrow|polars|duckdb)=' |
        paste -sd ' ' | sed 's/^/peers: /'
else
    echo 'peers: none; make bench-peers brings them'
fi
for case; do
    sh "tests/bench/$case.sh"
done
