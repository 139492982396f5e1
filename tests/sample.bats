# sample: rows by chance, with equal chances, by weight, by class.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    seq 0 9999 | awk 'BEGIN { print "n,w,class,city" }
        { print $1 "," ($1 % 10 == 3 ? 0 : $1 % 10) "," ($1 % 100 == 0 ? "rare" : $1 % 4 == 1 ? "some" : "common") "," ($1 % 7 ? "c" $1 % 3 : "") }' >t.csv
    load -q --label class t.csv -o t.arrows
}
as_csv() { save -q --format csv - | tail -n +2; }
rows() { show --json --rows 0 "$1" | awk '/"rows"/ && !n++ { print $2 + 0 }'; }
# how many rows of each value of a column, "90 common 10 rare"
tally() { column "$1" "$2" | sort | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? " " : ""), $1, $2 }'; }

@test "reservoir: so many whole rows, each once, in the order of the input" {
    for n in 0 1 7 500 9999 10000; do
        sample -q --rows $n --seed 5 t.arrows | as_csv >s.csv
        [ "$(wc -l <s.csv)" = $n ]
        sort -t , -k 1,1n -u s.csv | cmp - s.csv
        [ -z "$(grep -vxFf t.csv s.csv)" ]
    done
    tail -n +2 t.csv | cmp - s.csv
}

@test "golden: a seed is a sample, in this version and the next" {
    is "$(sample -q --rows 6 --seed 1 t.arrows | as_csv | cut -d , -f 1 | paste -sd ' ')" '294 1081 1149 2506 4023 4773'
    is "$(sample -q --rows 6 --seed 1 --method weighted --weight w t.arrows | as_csv | cut -d , -f 1 | paste -sd ' ')" '406 1498 1607 3358 5499 6578'
    is "$(sample -q --rows 6 --seed 1 --method stratified t.arrows | as_csv | cut -d , -f 1 | paste -sd ' ')" '331 3174 3465 3876 8706 9389'
    is "$(sample -q --rows 6 --seed 1 --method balance t.arrows | as_csv | cut -d , -f 1 | paste -sd ' ')" '1900 3465 3876 7300 8706 9389'
}

@test "one seed, one sample: from a file, a pipe or text, however batched, whatever the memory and the cores" {
    (head -n 3001 t.csv) | load -q --label class -o a.arrows
    (head -n 1 t.csv && tail -n +3002 t.csv) | load -q --label class -o b.arrows
    for how in '--rows 3000' '--rows 3000 --method weighted' '--fraction 0.3' '--fraction 0.3 --method weighted' \
        '--rows 3000 --method stratified' '--fraction 0.3 --method stratified --by city' '--method balance' '--method balance --oversample'; do
        how="$how --seed 4 --weight w"
        # shellcheck disable=SC2086 # options
        {
            sample -q $how t.arrows | as_csv >once
            [ -s once ]
            cat t.arrows | sample -q $how | as_csv | cmp - once
            sample -q $how --label class <t.csv | as_csv | cmp - once
            sample -q $how a.arrows b.arrows | as_csv | cmp - once
            taskset -c 0 sample -q $how t.arrows | as_csv | cmp - once
            sample -q $how --seed 6 t.arrows | as_csv | cmp -s - once && return 1
        }
    done
    true
}

@test "rows beyond --memory go to the disk, and the same come out; nothing is left" {
    mkdir tmp
    seq 300000 | awk 'BEGIN { print "n,text" } { print $1 ",some text that takes its room " $1 % 977 }' | load -q -o many.arrows
    for method in reservoir weighted; do
        sample -q --rows 100000 --weight n --method $method many.arrows | as_csv >once
        [ "$(wc -l <once)" = 100000 ]
        TMPDIR=$PWD/tmp sample -q --rows 100000 --weight n --method $method --memory 1M many.arrows | as_csv | cmp - once
    done
    [ -z "$(ls tmp)" ]
    sample -q --rows 1000 many.arrows | TMPDIR=/no/such/folder sample -q --rows 500 | rows - | grep -qx 500
    fails 'TMPDIR=/no/such/folder sample -q --rows 100000 --memory 1M many.arrows' 73 /no/such/folder
    fails 'cat many.arrows many.arrows many.arrows many.arrows | TMPDIR=/no/such/folder sample -q --fraction 0.5' 73 /no/such/folder
}

@test "weighted: never a weight of 0, the heavier the likelier" {
    sample -q --rows 900 --seed 2 --method weighted --weight w t.arrows -o s.arrows
    [ "$(rows s.arrows)" = 900 ]
    [ "$(column s.arrows w | grep -c '^0$')" = 0 ]
    # 900 of weights 1 to 9 but 3: the share of the 9 is about 9/42 of the draws, that of the 1 about 1/42
    column s.arrows w | awk '{ n[$1]++ } END { exit !(n[9] > 150 && n[9] < 220 && n[1] > 8 && n[1] < 45) }'
    run --separate-stderr bash -c 'sample --rows 9000 --method weighted --weight w t.arrows >s.arrows'
    is "$stderr" 'sample: 10000 rows in, 8000 out, 2000 dropped (9000 were asked for)'
}

@test "weighted: weights that are none are told by their row" {
    printf 'n,w\n1,2\n2,-0.5\n' | load -q --weight w -o bad.arrows
    tells 'sample -q --rows 1 --method weighted bad.arrows' 65 "sample: row 2: the weight in the column 'w' is -0.5: weights are numbers from 0 on"
    printf 'n,w\n1,2\n2,1\n3,\n' | load -q --weight w -o bad.arrows
    tells 'sample -q --rows 1 --method weighted bad.arrows' 65 "sample: row 3: the weight in the column 'w' is missing: weights are numbers from 0 on"
    for value in nan inf; do
        printf 'n,w\n1,2\n2,%s\n' $value | load -q --weight w -o odd.arrows
        fails 'sample -q --rows 1 --method weighted odd.arrows' 65 "row 2: the weight in the column 'w' is $value: weights"
    done
    printf 'n,w\n1,0\n2,0\n' | load -q --weight w -o zero.arrows
    tells 'sample -q --rows 1 --method weighted zero.arrows' 65 "sample: every weight in the column 'w' is 0: no row can be chosen"
    is "$(sample -q --rows 1 zero.arrows | rows -)" 1
    tells 'sample -q --rows 1 --method weighted t.arrows' 65 'sample: --method weighted: no column with the role weight here (--weight names one)'
    tells 'sample -q --rows 1 --method weighted --weight w,n t.arrows' 65 "sample: --method weighted: the columns 'n' and 'w' both have the role weight (--weight names one)"
    tells 'sample -q --rows 1 --method weighted --weight city t.arrows' 65 "sample: --method weighted: the weights in the column 'city' are no numbers"
}

@test "stratified: every class has its share, to a row; the sum is exact" {
    sample -q --rows 100 --method stratified t.arrows -o s.arrows
    is "$(tally s.arrows class)" '74 common 1 rare 25 some'
    sample -q --fraction 0.5 --method stratified --by class t.arrows -o s.arrows
    is "$(tally s.arrows class)" '3700 common 50 rare 1250 some'
    for n in 1 2 3 10 33 777; do is "$(sample -q --rows $n --seed $n --method stratified --by class,city t.arrows | rows -)" $n; done
    # equal shares of less than a row: chance decides, not the order
    seq 1 10 | awk 'BEGIN { print "k" } { print $1 }' | load -q -o ten.arrows
    for seed in $(seq 40); do sample -q --rows 1 --seed "$seed" --method stratified --by k ten.arrows | as_csv; done |
        sort | uniq -c | awk 'END { exit !(NR > 6) }'
    # the missing cities are a class of their own
    sample -q --rows 70 --method stratified --by city t.arrows -o s.arrows
    is "$(tally s.arrows city)" '10  20 c0 20 c1 20 c2'
}

@test "stratified: a class whose share is below a row may have none, which is told; --at-least gives it some" {
    run --separate-stderr bash -c 'sample --rows 20 --method stratified t.arrows -o s.arrows'
    is "$stderr" 'sample: 10000 rows in, 20 out, 9980 dropped (3 classes, 1 of them without a row)'
    sample -q --rows 20 --at-least 4 --method stratified t.arrows -o s.arrows
    is "$(tally s.arrows class)" '12 common 4 rare 4 some'
    printf 'n,class\n1,one\n2,b\n3,b\n4,b\n' | load -q --label class -o one.arrows
    is "$(sample -q --rows 3 --at-least 1 --method stratified one.arrows | pick -q class | as_csv | paste -sd ' ')" 'one b b'
    is "$(sample -q --rows 4 --at-least 2 --method stratified one.arrows | rows -)" 4
    tells 'sample -q --rows 10 --at-least 4 --method stratified t.arrows' 65 'sample: --at-least 4 of 3 classes are 12 rows, more than the 10 wanted'
}

@test "balance: as many of each class" {
    run --separate-stderr bash -c 'sample --method balance t.arrows -o s.arrows'
    is "$stderr" 'sample: 10000 rows in, 300 out, 9700 dropped (3 classes of 100)'
    is "$(tally s.arrows class)" '100 common 100 rare 100 some'
    sample -q --rows 30 --method balance t.arrows -o s.arrows
    is "$(tally s.arrows class)" '10 common 10 rare 10 some'
    run --separate-stderr bash -c 'sample --rows 31 --method balance t.arrows -o s.arrows'
    is "$stderr" 'sample: 10000 rows in, 31 out, 9969 dropped (3 classes of 10 and 11)'
    run --separate-stderr bash -c 'sample --rows 1000 --method balance t.arrows -o s.arrows'
    is "$stderr" 'sample: 10000 rows in, 300 out, 9700 dropped (3 classes of 100, 1000 were asked for)'
    # a row without a class is of no use
    run --separate-stderr bash -c 'sample --method balance --by city t.arrows -o s.arrows'
    is "$stderr" 'sample: 10000 rows in, 8571 out, 1429 dropped (3 classes of 2857, 1429 without a class left out)'
}

@test "oversample: rare classes are repeated, evenly, beside one another, and nothing else is left out" {
    run --separate-stderr bash -c 'sample --method balance --oversample t.arrows -o s.arrows'
    is "$stderr" 'sample: 10000 rows in, 22200 out, 12200 added (3 classes of 7400, 12200 repeats)'
    is "$(tally s.arrows class)" '7400 common 7400 rare 7400 some'
    column s.arrows n | sort -n -c -
    pick -q n class <s.arrows | as_csv | sort | uniq -c | awk '{ print $1, $2 }' | sed 's/ [0-9]*,/ /' | sort -u >times
    is "$(paste -sd , times)" '1 common,2 some,3 some,74 rare'
    sample -q --rows 300 --method balance --oversample --seed 3 t.arrows -o s.arrows
    is "$(tally s.arrows class)" '100 common 100 rare 100 some'
    # one batch becomes many times as large: it comes out in pieces
    (echo k; echo rare; seq 400000 | sed 's/.*/often/') | load -q --label k -o skewed.arrows
    sample -q --method balance --oversample skewed.arrows | pick -q k | as_csv | sort | uniq -c | awk '$1 != 400000 { exit 1 }'
}

@test "repeats of a row stay on one side of a later division, and no model learns their numbers" {
    sample -q --method balance --oversample t.arrows -o s.arrows
    show s.arrows | grep -E '^cluster +int64 +group'
    pick -q n cluster <s.arrows | as_csv | awk -F , '$2 != $1 + 1 { exit 1 }'
    partition -q one=0.7 two=0.3 <s.arrows
    [ "$(rows one)" -gt 0 ] && [ "$(rows two)" -gt 0 ]
    [ -z "$(comm -12 <(column one n | sort -u) <(column two n | sort -u))" ]
    sample -q --method balance --oversample --label churned --id customer_id,name "$TREE/examples/customers.csv" | clean -q | normalize -q |
        train -q --model logistic --validation 0.2 -o m
    [ -z "$(show --json m | grep cluster)" ]
    is "$(score -q m "$TREE/examples/customers-new.csv" | rows -)" 120
    # a group that is there already does the same
    pick -q --role city=group <t.arrows | sample -q --method balance --oversample | save -q --format csv - | awk 'NR == 1 && $0 != "n,w,class,city" { exit 1 }'
    printf 'cluster,k\n1,a\n2,b\n3,b\n' | load -q --label k -o named.arrows
    tells 'sample -q --method balance --oversample named.arrows' 65 "sample: --oversample: there is a column 'cluster' already, and it has not the role group"
}

@test "fraction: to the nearest whole number" {
    is "$(sample -q --fraction 0.29 t.arrows | rows -)" 2900
    is "$(pick -q --rows 10 <t.arrows | sample -q --fraction 0.25 | rows -)" 3
    is "$(sample -q --fraction 1 t.arrows | as_csv | cmp - <(tail -n +2 t.csv) && echo same)" same
    is "$(sample -q --fraction 0 t.arrows | rows -)" 0
    is "$(sample -q --fraction 0.1 --method weighted --weight w t.arrows | rows -)" 1000
}

@test "fewer rows than are asked for, and none" {
    run --separate-stderr bash -c 'sample --rows 20000 t.arrows -o s.arrows'
    is "$stderr" 'sample: 10000 rows in, 10000 out (20000 were asked for)'
    run --separate-stderr bash -c 'sample --rows 20000 --method stratified t.arrows -o s.arrows'
    is "$stderr" 'sample: 10000 rows in, 10000 out (3 classes, 20000 were asked for)'
    pick -q --rows 0 <t.arrows >empty.arrows
    for how in '--rows 5' '--fraction 0.5' '--rows 5 --method weighted --weight w' '--rows 5 --method stratified' '--method balance' '--method balance --oversample'; do
        # shellcheck disable=SC2086 # options
        is "$(sample -q $how empty.arrows | rows -)" 0
    done
    fails 'sample --rows 5 </dev/null' 66 'sample: standard input: no input at all'
}

@test "columns of every kind pass through, the plan gets a step that is not replayed" {
    sample -q --rows 3 --method balance --seed 7 t.arrows | show --json | grep '"pipeline": "load --label class | sample --rows 3 --method balance --seed 7"'
    sample -q --rows 700 --label churned --id customer_id,name "$TREE/examples/customers.csv" | clean -q | normalize -q | train -q --model logistic -o m
    is "$(score -q m "$TREE/examples/customers-new.csv" | rows -)" 120
    seq 0 2999 | awk '{ printf "{\"n\":%d,\"d\":\"a%d\",\"l\":[%s],\"s\":{\"x\":%d},\"b\":%s,\"day\":\"2024-01-%02d\"}\n", $1, $1 % 40,
        ($1 % 3 ? $1 "," $1 : ""), $1, ($1 % 2 ? "true" : "null"), 1 + $1 % 28 }' | load -q --format jsonl -o kinds.arrows
    save -q --format jsonl - <kinds.arrows >kinds.jsonl
    for how in '--rows 1500 --memory 1M' '--fraction 0.5'; do
        # shellcheck disable=SC2086 # options
        sample -q $how kinds.arrows | save -q --format jsonl - >s.jsonl
        [ "$(wc -l <s.jsonl)" = 1500 ]
        [ -z "$(grep -vxFf kinds.jsonl s.jsonl)" ]
    done
}

@test "memory does not grow with the input: 1, 10 and 100 times the rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'sanitizers need memory of their own'
    seq 60000 | awk 'BEGIN { print "n,class,text" } { print $1 "," $1 % 3 ",a text of some length " $1 % 977 }' | load -q -o part.arrows
    for how in '--rows 5000' '--rows 5000 --method weighted --weight n' '--rows 5000 --method stratified --by class' '--fraction 0.01'; do
        for times in 1 10 100; do
            # shellcheck disable=SC2046 # as many operands
            python3 -c 'import resource, subprocess, sys
subprocess.run(["sample", "-q", "-o", "out"] + sys.argv[1].split() + ["part.arrows"] * int(sys.argv[2]), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$how" $times >rss.$times
        done
        awk -v one="$(cat rss.1)" -v ten="$(cat rss.10)" -v hundred="$(cat rss.100)" \
            'BEGIN { print one, ten, hundred; exit !(ten < one + 8192 && hundred < one + 8192) }'
    done
}

@test "cut, full, failing: told, and nothing half made" {
    for how in '--rows 5000' '--fraction 0.5' '--method balance'; do
        fails "head -c 100000 t.arrows | sample $how" 65 'the stream is cut'
        fails "sample $how t.arrows >/dev/full" 74 'No space left on device'
        echo old >kept
        fails "head -c 100000 t.arrows | sample $how -o kept" 65 'the stream is cut'
        [ "$(cat kept)" = old ]
    done
    fails 'sample --rows 5 nowhere.csv' 66 "sample: cannot read 'nowhere.csv': No such file or directory"
}

@test "usage" {
    fails 'sample t.arrows' 64 'how many rows? --rows N or --fraction F says it'
    fails 'sample --rows 5 --fraction 0.5 t.arrows' 64 '--rows and --fraction exclude each other'
    fails 'sample --rows -1 t.arrows' 64 "option '--rows' takes a whole number"
    fails 'sample --fraction 1.5 t.arrows' 64 "option '--fraction' takes a number from 0 to 1, not '1.5'"
    fails 'sample --fraction 0.5 --method balance t.arrows' 64 '--method balance takes --rows, or as many as its classes have, and no --fraction'
    fails 'sample --rows 5 --method random t.arrows' 64 "option '--method'"
    fails 'sample --rows 5 --by class t.arrows' 64 '--by goes with --method stratified or balance'
    fails 'sample --rows 5 --at-least 1 t.arrows' 64 '--at-least goes with --method stratified'
    fails 'sample --rows 5 --oversample t.arrows' 64 '--oversample goes with --method balance'
    fails 'sample --rows 5 --method stratified --by clas t.arrows' 65 "--by: no column 'clas' here; did you mean 'class'?"
    fails 'sample --rows 5 --method stratified --by n,n t.arrows' 64 "--by names the column 'n' twice"
    fails 'pick -q --role class=feature <t.arrows | sample --rows 5 --method stratified' 65 '--method stratified: no label column here (--label or --by names one)'
    fails 'pick -q --role class=feature <t.arrows | sample --method balance' 65 '--method balance: no label column here (--label or --by names one)'
}
