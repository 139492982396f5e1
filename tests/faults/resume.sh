#!/bin/sh
# resume.sh [TIMES]: training that is killed at random moments, over and over, and resumed each time: the same bytes as
# the run that was let alone. A killed run never touches the model that stood there.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
times=${1:-100}
load -q --label churned "$tree/examples/customers.csv" | clean -q | normalize -q -o rows
set -- --net 'dense 16 relu | batchnorm | dropout 0.2 | dense 8 relu' --epochs 60 --batch 16 --validation 0.2 --seed 5
began=$(date +%s%N)
train -q "$@" -o want rows
took=$((($(date +%s%N) - began) / 1000000 + 1)) # ms
findings=$(
    killed=0 runs=0
    for ms in $(random_numbers $((times * 4)) "$took"); do
        [ $killed -lt "$times" ] || break
        [ -e out ] || echo yesterday >out
        timeout -s KILL "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))" \
            train -q "$@" --checkpoint ck --checkpoint-every 25steps --resume ck -o out rows 2>said
        status=$?
        if [ $status = 137 ]; then
            killed=$((killed + 1))
            # killed behind the rename it was done
            [ "$(head -c 9 out)" = yesterday ] || cmp -s out want || echo "kill $killed after $ms ms: another model than yesterday's"
            [ ! -e ck ] || show --json ck >/dev/null || echo "kill $killed after $ms ms: half a checkpoint"
            continue
        fi
        [ $status = 0 ] || echo "kill $killed: resumed: status $status: $(cat said)"
        cmp -s out want || echo "kill $killed: resumed: another model"
        runs=$((runs + 1))
        rm -f out ck .out.* .ck.*
    done
    [ $killed -ge "$times" ] || echo "only $killed kills"
    rm -f .out.* .ck.*
    timeout 600 train -q "$@" --checkpoint ck --resume ck -o out rows || echo 'the last run failed'
    cmp out want
)
check "resume: killed $times times, the same bytes as the run that was let alone" "$findings"
finish
