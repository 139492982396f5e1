#!/bin/sh
# inbox.sh [TIMES]: score --in --out, killed at random moments and at random bytes, itself or the load that reads for it,
# and run again: each file scored once and whole, nothing half done visible, the bad one set aside, two at once one.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"
times=${1:-300}
table=$tree/examples/customers.csv
load -q --label churned "$table" | clean -q | normalize -q | train -q --model logistic -o m
mkdir files want
for i in 1 2 3 4 5; do # of several sizes
    head -n $((i * 100 + 1)) "$table" >files/$i.csv
    score -q m files/$i.csv -o want/$i.csv.arrows
done
cut -d, -f1-4 "$table" >files/bad.csv # columns are missing
again() { score m --in in --out out --settle 0 "$@"; }

# What is wrong with what can be seen in out: another result than wanted, or one that was written twice.
inspect() {
    for file in out/*.arrows; do
        [ -e "$file" ] || continue
        cmp -s "$file" "want/${file#out/}" || echo "$1: $file is not whole"
        identity="${file#out/} $(stat -c '%i %y' "$file")"
        grep -qxF "$identity" seen 2>/dev/null || echo "$identity" >>seen
    done
    [ "$(cut -d' ' -f1 seen 2>/dev/null | sort | uniq -d)" = '' ] || echo "$1: a file was scored twice"
    [ "$(find in -name '[1-5].csv' | wc -l)" = 5 ] || echo "$1: an input is gone"
    [ -z "$(find out/failed -name '[1-5].csv' 2>/dev/null)" ] || echo "$1: a good file was set aside"
}
rm -rf in out && cp -r files in
began=$(date +%s%N)
again -q 2>said
took=$((($(date +%s%N) - began) / 1000000 + 1)) # ms
findings=$(
    random_numbers "$((times * 2))" 1000000 | paste - - | while read -r a b; do
        [ -d in ] || { cp -r files in; rm -rf out seen; }
        case $((a % 4)) in
        0) what="score die=$((1 + b % 60000))" && with_fault "${what#* }" score 'score -q m --in in --out out --settle 0' ;;
        1) what="load die=$((1 + b % 40000))" && with_fault "${what#* }" load 'score -q m --in in --out out --settle 0' ;;
        *) what="after $((b % took)) ms" && timeout -s KILL "$(printf '0.%03d' $((b % took)))" \
            score -q m --in in --out out --settle 0 2>said ;;
        esac
        case $? in 137) ;; 65 | 74 | 0) ;; *) echo "$what: status $?: $(cat said)" ;; esac
        inspect "$what"
        [ $((a % 3)) = 0 ] || continue # the next one meets what this one left
        again -q 2>said
        status=$?
        if [ $status = 65 ]; then again -q 2>said; status=$?; fi # the bad file was set aside only now
        [ $status = 0 ] || echo "$what: run again: status $status: $(cat said)"
        inspect "$what, run again"
        [ "$(cd out && echo *)" = '1.csv.arrows 2.csv.arrows 3.csv.arrows 4.csv.arrows 5.csv.arrows failed' ] ||
            echo "$what: $(cd out && echo *)"
        [ "$(cd out/failed && echo *)" = 'bad.csv bad.csv.reason' ] || echo "$what: failed: $(cd out/failed && echo *)"
        [ -z "$(ls -A out/.work)" ] || echo "$what: left $(ls -A out/.work)"
        rm -rf in
    done
)
check "inbox: killed $times times, every input scored once and whole" "$findings"

findings=$(
    for round in $(seq $((times / 10 + 1))); do
        rm -rf in out seen && cp -r files in
        rm in/bad.csv
        again -q 2>said & first=$!
        again -q 2>said.2
        second=$?
        wait $first
        case $?:$second in 0:0 | 0:75 | 75:0) ;; *) echo "round $round: statuses $?:$second" ;; esac
        again -q 2>>said || echo "round $round: $(cat said)"
        inspect "round $round"
        [ "$(find out -name '*.arrows' | wc -l)" = 5 ] || echo "round $round: not all"
    done
)
check "inbox: two at once exclude each other, $((times / 10 + 1)) times" "$findings"
finish
