#!/bin/sh
# Near-duplicate texts, one in ten planted: the whole pipe beside what libraries take for sketches and candidates alone;
# then what of the truth was found, and the memory for a million texts.
. tests/bench/measure.sh
texts() { # ROWS
    file=$made/texts-$1.csv
    [ -e "$file" ] || { "$made/texts" "$1" >"$file.part" && mv "$file.part" "$file"; }
    echo "$file"
}
file=$(texts 100000)
mark='dedup -q --near text --threshold 0.8 --mark'
what='near-duplicates among 100,000 texts, load \| dedup --near'
set -- pipe "load -q --id doc_id $file | $mark"
for library in rensa gaoya; do
    if peer_has $library; then set -- "$@" "$library, unverified:told" "$(peer near_peers.py $library "$file")"; else skipped "$what" $library; fi
done
race 3 "$@"
rows "$what" 2.0
# shellcheck disable=SC2086 # options
load -q --id doc_id "$file" | $mark | save -q --format csv - >"$work/marked"
python3 tests/bench/near_truth.py "$work/marked" | awk '{
    recall = $1 / $2; precision = 1 - $4 / $3
    printf "| of %d planted pairs found; of %d marked rows right | %.4f; %.4f | | | | at least 0.95: %s |\n", $2, $3, recall,
        precision, (recall >= 0.95 && precision >= 0.95 ? "holds" : "short") }'
file=$(texts 1000000)
# shellcheck disable=SC2086
load -q --id doc_id "$file" | "$made/peak" "$work/peak" $mark >/dev/null
awk -F '\t' '{ printf "| peak memory of dedup --near, 1,000,000 texts | %.0f MiB | | | | at most 2,048: %s |\n", $2 / 1024,
    ($2 / 1024 <= 2048 ? "holds" : "short") }' "$work/peak"
