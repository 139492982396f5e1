#!/bin/sh
# The main job on a table, from the raw file to the metrics: prepared and fitted, then the raw file scored and measured.
. tests/bench/measure.sh
file=$(users 1)
what='the same into train --model logistic, then score \| metrics'
set -- job "load -q $file --label churned | clean -q | normalize -q | train -q --model logistic -o $work/model &&
    score -q $work/model $file | metrics -q"
if peer_has sklearn; then set -- "$@" 'scikit-learn, the whole script' "$(peer sklearn_job.py "$file")"; else skipped "$what" scikit-learn; fi
race 3 "$@"
rows "$what" 5
