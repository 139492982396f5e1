# metrics: golden numbers, averages, slices, intervals, checks, and what it refuses.
load helper

golden=$BATS_TEST_DIRNAME/golden

# agrees JSON TSV: every number of the TSV stands in the JSON at its path, within 1e-9 of its size; a NaN or a
# missing one does not agree.
agrees() {
    jq -r '[paths(type == "number" or . == null) as $path | [($path | map(tostring) | join(".")), getpath($path)]][] | @tsv' "$1" >have.tsv
    awk -F '\t' 'NR == FNR { have[$1] = $2; there[$1] = 1; next }
        {
            size = $2 < 0 ? -$2 : $2; if (size < 1) size = 1
            difference = have[$1] - $2; if (difference < 0) difference = -difference
            if (!there[$1] || have[$1] == "" || !(difference <= 1e-9 * size)) { print $1 ": " have[$1] ", wanted " $2; bad = 1 }
            count++
        }
        END { if (count < 8) bad = 1; exit bad }' have.tsv "$2"
}

@test "two classes, with gaps, ties and slices: as scikit-learn" {
    metrics --json -q --by group "$golden/metrics-two.arrows" >m.json
    agrees m.json "$golden/metrics-two.tsv"
    [ "$(jq -c '[.classes, .by.group[].value]' m.json)" = '[["no","yes"],"a","b",null]' ]
}

@test "four classes of integers: as scikit-learn" {
    metrics --json -q --by group "$golden/metrics-four.arrows" >m.json
    agrees m.json "$golden/metrics-four.tsv"
    [ "$(jq -c .classes m.json)" = '["2","3","10","30"]' ]
}

@test "numbers: as scikit-learn" {
    metrics --json -q "$golden/metrics-numbers.arrows" >m.json
    agrees m.json "$golden/metrics-numbers.tsv"
    [ "$(jq 'has("accuracy")' m.json)" = false ]
}

@test "every key that is a number can be checked, and the report comes first" {
    metrics --json -q "$golden/metrics-two.arrows" >m.json
    jq -r 'to_entries[] | select(.value | type == "number") | "\(.key)=\(.value)"' m.json >checks
    [ "$(wc -l <checks)" -gt 35 ]
    set --
    while read -r check; do set -- "$@" --fail-under "$check"; done <checks
    metrics --json -q "$@" "$golden/metrics-two.arrows" | cmp - m.json
}

@test "--fail-under: worse is 1 and says so, equal is 0, less is better where it is" {
    in=$golden/metrics-two.arrows
    metrics -q --fail-under coverage=0.955 "$in" >out
    fails "metrics -q --fail-under accuracy=0.9 --fail-under f1=0.7 '$in' >out" 1 'metrics: accuracy is 0.7685950413, below 0.9'
    [[ "$stderr" == *'metrics: f1 is 0.6769230769, below 0.7'* ]]
    grep -q '^accuracy .* 0.7686 ' out
    metrics -q --fail-under log_loss=0.48 --fail-under brier=1 "$in" >out
    fails "metrics -q --fail-under log_loss=0.4 '$in' >out" 1 'log_loss is 0.4778802772, above 0.4'
    fails "metrics -q --fail-under coverage=1 '$in' >out" 1 'coverage is 0.955, below 1'
}

@test "--fail-under: what is no metric, no number, or not of the task" {
    in=$golden/metrics-two.arrows
    fails "metrics --fail-under acuracy=1 '$in'" 64 "'acuracy' is no metric"
    fails "metrics --fail-under accuracy '$in'" 64 "takes NAME=VALUE, not 'accuracy'"
    fails "metrics --fail-under accuracy=nan '$in'" 64 "takes NAME=VALUE, not 'accuracy=nan'"
    fails "metrics --fail-under rmse=1 '$in'" 64 "a classification has no 'rmse'"
    [ -z "$output" ]
}

@test "a metric that is not defined is null, shows as a dash, and holds no check" {
    printf 'y,prediction\na,a\na,a\n' >one.csv
    metrics --label y --json -q one.csv >m.json
    [ "$(jq -c '[.accuracy, .auc, .log_loss]' m.json)" = '[1,null,null]' ]
    fails "metrics --label y -q --fail-under auc=0 one.csv" 1 'auc is not defined for these rows and cannot reach 0'
}

@test "intervals: they hold the value, are the same at 1 and 2 threads, follow the seed" {
    in=$golden/metrics-two.arrows
    metrics --json -q --bootstrap 100 --seed 3 "$in" >a
    taskset -c 0 metrics --json -q --bootstrap 100 --seed 3 "$in" | cmp - a
    metrics --json -q --bootstrap 100 --seed 4 "$in" >b
    run cmp -s a b
    [ "$status" = 1 ]
    [ "$(jq '[. as $m | .intervals | to_entries[] | .value[0] <= $m[.key] and $m[.key] <= .value[1] and .value[0] < .value[1]] | all' a)" = true ]
    [ "$(jq '.intervals | length' a)" = 18 ]
    # Half of the samples lie within a 50 % interval: it is the narrower.
    metrics --json -q --bootstrap 100 --seed 3 --confidence 0.5 "$in" >c
    [ "$(jq -s '.[1].intervals.auc[0] > .[0].intervals.auc[0] and .[1].intervals.auc[1] < .[0].intervals.auc[1]' a c)" = true ]
}

@test "the interval of an accuracy is as wide as theory says" {
    awk 'BEGIN { print "y,prediction"; for (i = 0; i < 1000; i++) print i % 2 "," (i % 10 ? i % 2 : 1 - i % 2) }' >p.csv
    # 0.9 of 1000 rows: 1.96 * sqrt(0.9 * 0.1 / 1000) = 0.0186 to each side
    metrics --label y --json -q --bootstrap 1000 p.csv |
        jq -e '.accuracy == 0.9 and (.intervals.accuracy | .[1] - .[0] > 0.033 and .[1] - .[0] < 0.042)'
}

@test "integers: classes up to 100 labels, numbers beyond, and --task" {
    seq 1 100 | awk 'BEGIN { print "y,prediction" } { print $1 "," $1 }' >few.csv
    seq 1 101 | awk 'BEGIN { print "y,prediction" } { print $1 "," $1 + 1 }' >many.csv
    [ "$(metrics --label y --json -q few.csv | jq -c '[.task, .accuracy, .classes[1], .classes[9]]')" = '["classification",1,"2","10"]' ]
    [ "$(metrics --label y --json -q many.csv | jq -c '[.task, .mae, .rmse]')" = '["regression",1,1]' ]
    [ "$(metrics --label y --json -q --task regress few.csv | jq -c '[.task, .r2]')" = '["regression",1]' ]
    [ "$(metrics --label y --json -q --task classify many.csv | jq -c '[.task, .accuracy]')" = '["classification",0]' ]
}

@test "integers that a double cannot tell apart are classes when --task says so" {
    printf 'y,prediction\n9007199254740992,9007199254740992\n9007199254740993,9007199254740992\n' >big.csv
    fails 'metrics --label y big.csv' 65 "column 'y': integers beyond 2^53 may be classes or numbers, --task says which"
    [ "$(metrics --label y --json -q --task classify big.csv | jq -c '[.accuracy, .classes]')" = '[0.5,["9007199254740992","9007199254740993"]]' ]
    [ "$(metrics --label y --json -q --task regress big.csv | jq -c .task)" = '"regression"' ]
}

@test "rows that are left out name no class and no value" {
    printf 'y,prediction,g\nyes,yes,a\nno,yes,a\nno,no,b\n' >kept.csv
    { cat kept.csv; printf 'maybe,,c\n,perhaps,d\n'; seq 1001 | sed 's/$/,,&/'; } >more.csv
    for form in '--json' ''; do
        metrics -q --label y --by g $form kept.csv >kept
        metrics -q --label y --by g $form more.csv >more
        is "$(sed 's/"rows": [0-9]*, "coverage": [^,]*, "unlabelled": [0-9]*, "unpredicted": [0-9]*/same/; s/ (of .*)//' more)" \
            "$(sed 's/"rows": [0-9]*, "coverage": [^,]*, "unlabelled": [0-9]*, "unpredicted": [0-9]*/same/' kept)"
    done
    plot confusion -q --label y more.csv >more.svg
    plot confusion -q --label y kept.csv | cmp - more.svg
}

@test "a label that the model does not know is an error of the model, and a warning" {
    awk 'BEGIN { print "g,y"; for (i = 0; i < 80; i++) print i % 2 "," (i % 2 ? "a" : "b") }' >train.csv
    load train.csv --label y | clean -q | normalize -q | train -q --model logistic -o model
    printf 'g,y\n1,a\n0,b\n1,c\n' | score -q model >s
    run --separate-stderr metrics --json s
    [ "$status" = 0 ]
    [[ "$stderr" == *'metrics: 1 row has a label that the model does not know'* ]]
    [ "$(jq -c '[.classes, .recall, .auc, .confusion[2]]' <<<"$output")" = '[["a","b","c"],1,1,[1,0,0]]' ]
}

@test "what cannot be measured" {
    printf 'y,x\n1,2\n' >raw.csv
    fails 'metrics --label y raw.csv' 65 "no column 'prediction' here"
    printf 'y,prediction\n1,2\n' >raw.csv
    fails 'metrics raw.csv --drop y' 65 'no label column here to compare predictions with'
    printf 'a,prediction\n1,2\n' >raw.csv
    fails 'metrics raw.csv' 65 'no label column here to compare predictions with'
    fails 'metrics raw.csv --label a --by b' 65 "'b'"
    fails "metrics --by group,id,group '$golden/metrics-two.arrows'" 64 "--by names the column 'group' twice"
    printf 'y,prediction\n1,\n,2\n' >none.csv
    fails 'metrics --label y none.csv' 65 'no row has both a label and a prediction'
    printf 'y,prediction\nred,1.5\n' >text.csv
    fails 'metrics --label y text.csv' 65 "column 'y' (utf8) is no number to compare predictions with"
    fails "metrics --label probability '$golden/metrics-two.arrows'" 65 \
        "column 'probability' (fixed_list<float64>[2]) has no single value a row"
    seq 1 1200 | awk 'BEGIN { print "y,prediction,id" } { print "1,1," $1 }' >many.csv
    fails 'metrics --label y --by id many.csv' 65 "column 'id' has more than 1000 different values"
    fails 'metrics </dev/null' 66 ''
}

@test "streams of models with other classes are not measured as one" {
    for other in b c; do
        awk -v other=$other 'BEGIN { print "g,y"; for (i = 0; i < 80; i++) print i % 2 "," (i % 2 ? "a" : other) }' |
            train -q --label y --model logistic -o model
        printf 'g,y\n1,a\n0,%s\n' $other | load -q --label y | score -q model -o $other.arrows
    done
    fails 'cat b.arrows c.arrows | metrics' 65 "column 'probability' has other classes (weir:classes) in the second stream"
    cat b.arrows b.arrows | metrics -q --json | jq -e '.auc == 1' >/dev/null
}

@test "a cut stream gives no report" {
    pick --rows 300 <"$golden/metrics-two.arrows" >s
    size=$(wc -c <s)
    for part in 1 2 3 5 9; do
        head -c $((size * part / 10)) s >cut
        run --separate-stderr metrics cut
        [ "$status" = 65 ]
        [ -z "$output" ]
    done
}

@test "text, -o and a full disk" {
    metrics -q "$golden/metrics-two.arrows" >a
    metrics -q -o b "$golden/metrics-two.arrows"
    cmp a b
    fails "metrics -q '$golden/metrics-two.arrows' >/dev/full" 74 'No space left on device'
    run --separate-stderr metrics "$golden/metrics-two.arrows"
    [ "$stderr" = 'metrics: 400 rows in, 363 measured, 20 without a label, 18 without a prediction' ]
}

@test "--report: a page of all that fits, well-formed, with the numbers of --json" {
    metrics --json -q --bootstrap 20 --by group --report two.html "$golden/metrics-two.arrows" >m.json
    metrics --json -q --bootstrap 20 --by group "$golden/metrics-two.arrows" | cmp - m.json
    python3 "$TREE/tests/html_page.py" two.html >two
    while read -r name value baseline low high; do
        grep -qx "$name | $value | $baseline | $low to $high" two
    done < <(jq -r '. as $m | .intervals | to_entries[] | [.key, $m[.key], $m["baseline_" + .key], .value[0], .value[1]] | @tsv' m.json |
        awk '{ printf "%s %.4f %.4f %.4f %.4f\n", $1, $2, $3, $4, $5 }')
    for line in 'Rows measured: 363' 'By group' 'Thresholds' 'no | 253 | 0.8967 | 0.7549 | 0.8197'; do
        grep -qx "$line" two
    done
    grep -qE '^0.5987 \(best F1\) \| 0.6667 ' two
    [ "$(grep -c 'class="plot"' two.html)" = 4 ]
    metrics -q --report four.html "$golden/metrics-four.arrows" >four.txt
    python3 "$TREE/tests/html_page.py" four.html >four
    never grep -q Thresholds four
    metrics -q --report numbers.html "$golden/metrics-numbers.arrows" >numbers.txt
    python3 "$TREE/tests/html_page.py" numbers.html >numbers
    [ "$(grep -c 'class="plot"' numbers.html)" = 2 ]
    grep -qE "^rmse \| $(awk '$1 == "rmse" { print $2 }' numbers.txt) \| " numbers
}

@test "--report: names that would leave their place, many classes, a page that does not grow with the rows" {
    printf '{"y":"%s","prediction":"%s","by":"%s"}\n' '<script>' a '</td>' a '<script>' '\u001b' '' a '' >odd.jsonl
    metrics -q --label y --by by --report odd.html odd.jsonl >odd.txt
    is "$(grep -c '   (empty)$' odd.txt)" 3 # the class twice, the value
    python3 "$TREE/tests/html_page.py" odd.html >odd
    grep -qF '</td> | 1 | ' odd
    { echo y,prediction,by; seq 600 | awk '{ print "c" $1 % 300 ",c" $1 % 299 ",b" $1 % 200 }'; } >many.csv
    metrics -q --label y --by by --report many.html many.csv >many.txt
    python3 "$TREE/tests/html_page.py" many.html >many
    grep -qx 'And 200 classes more, which --json has.' many
    grep -qx 'And 100 values more, which --json has.' many
    for rows in 3000 30000; do
        { echo y,prediction; seq $rows | awk '{ print $1 + 0.5 "," $1 * 1.01 }'; } >r.csv
        metrics -q --label y --report r$rows.html r.csv >r.txt
        [ "$(wc -c <r$rows.html)" -lt 150000 ]
    done
}

@test "--report: where it cannot be, and nothing is left when the input breaks off" {
    in=$golden/metrics-two.arrows
    fails "metrics --report - '$in'" 64 '--report takes a file: standard output carries the metrics'
    fails "metrics --report x -o x '$in'" 64 "--report and --output name one file, 'x'"
    fails "metrics --report none/r.html '$in'" 73 "'none/r.html': No such file or directory"
    echo old >r.html
    head -c 3000 "$in" >cut.arrows
    fails 'metrics --report r.html cut.arrows' 65 'metrics: '
    fails "metrics --report r.html --fail-under rmse=1 '$in'" 64 "a classification has no 'rmse'"
    [ "$(cat r.html)" = old ]
    [ -z "$(find . -name '.r.html.*')" ]
    if [ -e /dev/full ]; then fails "metrics --report /dev/full '$in'" 74 "No space left on device"; fi
    fails "metrics --report r.html --fail-under accuracy=0.9 '$in' >t" 1 'below 0.9'
    python3 "$TREE/tests/html_page.py" r.html | grep -c '' >/dev/null
}
