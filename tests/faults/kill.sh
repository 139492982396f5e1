#!/bin/sh
# kill.sh [TIMES]: a stage of a main pipeline is killed after a random number of the bytes that it writes, every third time
# in front of one of its writes, where what came before is whole messages: no model, no output, an exit status, a reason.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
times=${1:-300}
table=$tree/examples/customers.csv
load -q --label churned "$table" | clean -q | normalize -q | train -q --model logistic -o m
cat >pipelines <<END
train load,clean,normalize,train load -q --label churned $table | clean -q | normalize -q | train -q --model logistic -o out
text load,clean,normalize,train clean -q --label churned <$table | normalize -q | train -q --model logistic -o out
net normalize,train load -q --label churned $table | clean -q | normalize -q | train -q --net 'dense 4 relu' --epochs 1 -o out
score load,score,save load -q $table | score -q m | save -q --format csv out
metrics load,score,metrics score -q m $table | metrics -q --json -o out
END
# A line each: the pipeline, the stage, the bytes that it writes, and in how many calls.
while read -r name stages command; do
    for stage in $(echo "$stages" | tr , ' '); do
        rm -f out
        echo "$name $stage $(calls "$stage" "$command" die </dev/null) $(awk '$1 == "write" { print $2; exit }' counts)"
    done
    mv out "want.$name"
done <pipelines >places
findings=$(
    random_numbers "$((times * 2))" 1000000 | paste - - | while read -r a b; do
        # shellcheck disable=SC2046 # four words
        set -- $(sed -n "$((1 + a % $(wc -l <places)))p" places) "$b"
        fault=die=$((1 + $5 % $3))
        [ $(($5 % 3)) != 0 ] || fault=write=$((1 + $5 % $4)):KILL
        rm -f want
        ln -s "want.$1" want
        with_fault "$fault" "$2" "$(sed -n "s/^$1 [^ ]* //p" pipelines)" </dev/null
        status=$?
        if [ $status = 137 ]; then # the last stage: what it had begun lies under another name, nothing stands there
            status=65
            echo 'killed' >said
            rm -f .out.*
        fi
        [ $status != 0 ] || echo "$1: $2 $fault of $3 bytes, $4 writes: status 0"
        verdict $status "$1: $2 $fault of $3 bytes, $4 writes"
    done
)
check "kill: $times stages at random bytes, no half result" "$findings"
finish
