#!/bin/sh
# The text columns of a table one-hot, reading included.
. tests/bench/measure.sh
file=$(users 1)
what='load \| encode of its text'
set -- pipe "load -q $file --label churned | encode -q --method onehot --column city,plan"
for library in polars pandas; do
    if peer_has $library && peer_has sklearn; then set -- "$@" "$library:told" "$(peer tables.py $library encode "$file")"; else skipped "$what" $library; fi
done
race 5 "$@"
rows "$what" ''
