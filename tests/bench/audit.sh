#!/bin/sh
# Contradicted labels among a million rows: the probabilities by folds, and the rows that they contradict.
. tests/bench/measure.sh
file=$(users 1)
what='load \| audit --checks labels, five folds'
set -- pipe "load -q --label churned --id user_id $file | audit -q --checks labels"
if peer_has cleanlab; then set -- "$@" 'scikit-learn and cleanlab:told' "$(peer audit_peer.py "$file")"; else skipped "$what" cleanlab; fi
race 3 "$@"
rows "$what" ''
load -q --label churned --id user_id "$file" -o "$work/rows"
"$made/peak" "$work/peak" audit -q --against "$work/rows" "$work/rows" >"$work/report"
awk -F '\t' '{ printf "| every check of audit, against as many rows: peak memory, CPU | %.0f MiB, %.2f s | | | | |\n", $2 / 1024, $3 }' "$work/peak"
