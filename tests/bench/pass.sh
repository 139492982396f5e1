#!/bin/sh
# A stage that only passes a stream of 1 GB on, beside cat in its place.
. tests/bench/measure.sh
stream=$made/gigabyte.arrows
[ -e "$stream" ] || load -q "$(users 10)" | pick -q --rows 6200000 -o "$stream"
race 5 pick "cat $stream | pick -q | cat >/dev/null" cat "cat $stream | cat | cat >/dev/null"
rows "cat f \\| pick \\| cat of $(wc -c <"$stream" | awk '{ printf "%.2f", $1 / 1e9 }') GB" 0.7
