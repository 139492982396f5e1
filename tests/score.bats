# score: rows in, the same rows out with predictions; folders from cron.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # A table whose label follows from its columns: 240 rows, text, numbers, missing values, an id.
    awk 'BEGIN {
        print "user_id,age,city,income,note,label"
        split("Paris 北京 Lagos Lima", city, " ")
        for (i = 1; i <= 240; i++) {
            age = (i * 37) % 60 + 18; income = (i * 7919) % 1000 / 10
            printf "%d,%s,%s,%.1f,n%d,%s\n", i, i % 17 ? age : "", city[i % 4 + 1], income, i % 3, (age > 45) ? "yes" : "no"
        }
    }' >all.csv
    head -n 201 all.csv >train.csv
    { head -n 1 all.csv; tail -n 40 all.csv; } >test.csv
}

# The model that most tests score with.
trained() {
    load train.csv | clean -q | normalize -q | train -q --model logistic -o m
}

@test "one row out for each row in, with the columns that the page names" {
    trained
    score m test.csv -q >s
    [ "$(save --format csv - <s | wc -l)" = 41 ]
    run save --format csv - <s
    [ "${lines[0]}" = user_id,age,city,income,note,label,prediction,probability,reason,model ]
    [ "$(column s model | sort -u)" = "$(show m --json | sed -n 's/.*"digest": *"\([0-9a-f]*\)".*/\1/p')" ]
    [ "$(column s prediction | sort -u | tr '\n' ' ')" = 'no yes ' ]
}

@test "the input's columns are untouched" {
    trained
    score m test.csv -q | pick user_id age city income note label | save --format csv - >out.csv
    load test.csv | save --format csv - >in.csv
    cmp in.csv out.csv
}

@test "raw file, raw stream, prepared stream and any order of columns predict the same, to the byte" {
    load all.csv >all
    partition -q --seed 3 tr.arrows=0.8 te.arrows=0.2 <all
    clean -q --save-state c.json <tr.arrows >/dev/null
    clean -q --state c.json <tr.arrows | normalize -q --save-state n.json | train -q --model logistic -o m
    save --format csv - <te.arrows >te.csv
    score m te.csv -q | pick prediction probability reason model >a
    score m -q <te.arrows | pick prediction probability reason model >b
    clean -q --state c.json <te.arrows | score m -q | pick prediction probability reason model >c
    clean -q --state c.json <te.arrows | normalize -q --state n.json | score m -q | pick prediction probability reason model >d
    awk -F, -v OFS=, '{ print $6, $5, $4, $3, $2, $1 }' te.csv | score m -q | pick prediction probability reason model >e
    for f in a b c d e; do save --format csv - <$f >$f.csv; done
    [ "$(wc -l <a.csv)" -gt 30 ]
    for f in b c d e; do cmp a.csv $f.csv; done
}

@test "a row's prediction does not depend on its batch" {
    trained
    load test.csv >t
    score m -q <t | pick prediction probability | save --format csv - >whole
    for n in $(seq 40); do
        { head -n 1 test.csv; sed -n "$((n + 1))p" test.csv; } | load --like m | score m -q | pick prediction probability | save --format csv - | tail -n 1
    done >single
    tail -n +2 whole | cmp - single
}

@test "a model of files without a header or quotes scores such files, in any order of rows" {
    awk 'BEGIN { OFS = "\t"; for (i = 0; i < 120; i++) print (i * 7) % 50, i % 9 ? (i * 13) % 31 : "?", i % 3 ? "\"" "a" : "b\" c", ((i * 7) % 50 > 24 ? "yes" : "no") }' >train.data
    load -q train.data --no-header --columns age,chol,word,risk --missing '?' --quote none --label risk | clean -q | normalize -q | train -q --model logistic -o m
    awk 'BEGIN { OFS = "\t"; for (i = 0; i < 300; i++) print (i * 11) % 50, "?", "b\" c", "no" }' >new.data
    tac new.data >turned.data
    score m new.data >new 2>said
    [[ "$(cat said)" != *"without a prediction"* ]]
    score m -q turned.data >turned
    [ "$(column new prediction | sort -u | tr '\n' ' ')" = 'no yes ' ]
    column new probability | tac >wanted
    column turned probability | cmp - wanted
    [ "$(column new word | sort -u)" = '"b"" c"' ]
    metrics -q new | grep -q accuracy
    # and what save made of them
    load -q --like m new.data | save -q --format csv - >new.csv
    score m -q new.csv >again
    column new probability >wanted
    column again probability | cmp - wanted
}

@test "the largest probability is the prediction's" {
    trained
    score m test.csv -q | pick prediction probability | save --format csv - | tail -n +2 >rows
    [ "$(wc -l <rows)" = 40 ]
    awk -F'[][,":{}]+' '{ if (($1 == "no") != ($2 >= $3)) bad++; s = $2 + $3; if (s < 0.999999 || s > 1.000001) bad++ } END { exit bad > 0 }' rows
}

@test "a missing label is no error, a missing feature column is one that names it" {
    trained
    cut -d, -f1-5 test.csv >nolabel.csv
    [ "$(score m nolabel.csv -q | save --format csv - | wc -l)" = 41 ]
    cut -d, -f1,3-6 test.csv >noage.csv
    tells 'score m noage.csv' 65 "load: noage.csv: it has no column 'age'
score: stopped: load failed"
    tells 'load -q noage.csv | score m' 65 "score: replaying 'clean': no column 'age' here, which 'clean' learned from"
}

@test "columns that the model does not know pass through" {
    trained
    awk -F, -v OFS=, '{ print $0, NR == 1 ? "extra" : "e" NR }' test.csv >more.csv
    score m more.csv -q >s
    [ "$(column s extra | head -n 1)" = e2 ]
    score m test.csv -q | pick prediction probability | save --format csv - >a
    pick prediction probability <s | save --format csv - | cmp - a
}

@test "a stream that was cleaned with other numbers is refused" {
    trained
    tells 'load -q test.csv | clean -q | score m' 65 "score: the input has been through 'clean' (step 1 of its plan) fitted on other data than the model; give the raw rows, or use clean --state"
}

@test "a value that is not of its column's type: no prediction, a reason, the row stays" {
    trained
    sed '3s/^\([0-9]*\),[0-9]*,/\1,old,/' test.csv >bad.csv
    score m bad.csv >s 2>said
    [ "$(column s prediction | wc -l)" = 40 ]
    [ "$(column s prediction | sed -n 2p | tr -d ' ')" = '' ]
    [[ "$(column s reason | sed -n 2p)" == *"'age'"* ]]
    [ "$(column s reason | grep -c '[^ ]')" = 1 ]
    grep -q '1 without a prediction' said
}

@test "--row-id makes the same id of the same row, and only where there is none" {
    trained
    pick -q --drop user_id <<<"$(cat test.csv)" >noid
    score m -q --row-id <noid >a
    score m -q --row-id test.csv >b
    [ "$(column a row_id | sort -u | wc -l)" -gt 30 ]
    [[ "$(column a row_id | head -n 1)" =~ ^[0-9a-f]{16}$ ]]
    tells 'pick row_id <b' 65 "pick: no column 'row_id' here"
}

@test "scored twice is refused" {
    trained
    score m test.csv -q >s
    tells 'score m <s' 65 "score: the input has a column 'prediction' already, which score would add; drop it with pick --drop prediction"
}

@test "a regression predicts numbers and has no probability" {
    load train.csv --label income --drop label | clean -q | normalize -q | train -q --model linear -o m
    score m test.csv -q >s
    run save --format csv - <s
    [ "${lines[0]}" = user_id,age,city,income,note,label,prediction,reason,model ]
    column s prediction | awk '{ exit !($1 > -1000 && $1 < 1000) }'
}

@test "a cut model, a cut stream, no model: an error and no output" {
    trained
    load test.csv >t
    head -c 900 m >cut
    tells 'score cut -o out <t' 65 "score: 'cut' is no model: it is cut short within its header"
    tells 'head -c 2000 t | score m -o out' 65 'score: standard input: the stream is cut: it ends within a message'
    tells 'score none -o out <t' 66 "score: 'none': No such file or directory"
    tells 'score' 64 'score: no model given: score MODEL [FILE...]'
    [ ! -e out ]
}

@test "what is no model is refused by its begin: rows of any size, a pipe whose writer is gone" {
    trained
    load test.csv >t
    truncate -s 1T rows
    tells 'score rows -o out <t' 65 "score: 'rows' is no model: it does not begin as a model does; the model comes first: score MODEL [FILE...]"
    mkfifo pipe
    { head -n 9 test.csv >pipe; } &
    tells 'timeout 20 score pipe -o out <t' 65 "score: 'pipe' is no model: it does not begin as a model does"
    { cat m >pipe; } &
    score -q pipe t | cmp - <(score -q m t)
    [ ! -e out ]
}

# ---- From cron

@test "--in: each file once, whole, named after its input" {
    trained
    mkdir in
    cp test.csv in/a.csv
    cp train.csv in/b.csv
    run score m --in in --out out --settle 0
    [ "$status" = 0 ]
    [[ "$output" == *'2 files scored'* ]]
    [ "$(ls out)" = "$(printf 'a.csv.arrows\nb.csv.arrows\nfailed')" ]
    score m test.csv -q | save --format csv - >want
    save --format csv - <out/a.csv.arrows | cmp - want
    before=$(stat -c '%Y %i' out/*.arrows)
    cp test.csv in/c.csv
    run score m --in in --out out --settle 0
    [[ "$output" == *'1 file scored, 2 scored before'* ]]
    [ "$before" = "$(stat -c '%Y %i' out/a.csv.arrows out/b.csv.arrows)" ]
}

@test "--in: unfinished, hidden and fresh files wait" {
    trained
    mkdir in
    for f in .a.csv a.csv.tmp a.csv.part; do cp test.csv in/$f; done
    run score m --in in --out out --settle 0
    [ "$status" = 0 ]
    [[ "$output" == *'0 files scored, 2 waiting'* ]]
    cp test.csv in/fresh.csv
    run score m --in in --out out --settle 3600
    [[ "$output" == *'0 files scored, 3 waiting'* ]]
    [ -z "$(ls out/*.arrows 2>/dev/null)" ]
}

@test "--in: a bad file is set aside with its reason, and the rest goes on" {
    trained
    mkdir in
    cut -d, -f1,3-6 test.csv >in/a.csv
    cp test.csv in/b.csv
    printf 'PK\003\004 no table\000' >in/c.bin
    run score m --in in --out out --settle 0
    [ "$status" = 65 ]
    [ -e out/b.csv.arrows ]
    [ ! -e out/a.csv.arrows ] && [ ! -e in/a.csv ] && [ -e out/failed/a.csv ]
    grep -q age out/failed/a.csv.reason
    cut -d, -f1,3-6 test.csv | cmp - out/failed/a.csv
    run score m --in in --out out --settle 0
    [ "$status" = 0 ]
}

@test "--in: a changed file is reported, its result stays" {
    trained
    mkdir in
    cp test.csv in/a.csv
    score m --in in --out out --settle 0 -q
    sum=$(cksum <out/a.csv.arrows)
    touch -d '2020-01-01' in/a.csv
    run score m --in in --out out --settle 0
    [ "$status" = 0 ] && [[ "$output" != *changed* ]]
    cp train.csv in/a.csv
    run score m --in in --out out --settle 0
    [ "$status" = 0 ] && [[ "$output" == *'in/a.csv: changed after it was scored'* ]]
    [ "$sum" = "$(cksum <out/a.csv.arrows)" ]
    rm out/a.csv.arrows
    score m --in in --out out --settle 0 -q
    [ "$(column out/a.csv.arrows prediction | wc -l)" = 200 ]
}

@test "--in: two at once exclude each other" {
    trained
    mkdir in out
    exec 8>out/.lock
    flock 8
    fails 'score m --in in --out out' 75 'another run holds'
    exec 8>&-
    score m --in in --out out -q
}

@test "--in: killed at any moment and run again, every file is scored once and whole" {
    trained
    mkdir in
    for i in 1 2 3 4 5 6; do cp train.csv in/$i.csv; done
    for ms in 5 10 20 30 40 60 80 120; do
        timeout -s KILL "0.0$ms" score m --in in --out out --settle 0 -q 2>/dev/null || true
        for f in out/*.arrows; do
            [ ! -e "$f" ] || [ "$(column "$f" prediction | wc -l)" = 200 ]
        done
    done
    score m --in in --out out --settle 0 -q
    [ "$(ls out/*.arrows | wc -l)" = 6 ]
    for f in out/*.arrows; do [ "$(column "$f" prediction | wc -l)" = 200 ]; done
    [ -z "$(ls -A out/.work)" ]
}

@test "--in: nothing goes to standard output, whatever fails" {
    mkdir in
    for wrong in 'nowhere --in in --out out' "$TREE/examples/customers.csv --in in --out out" 'm --in in' 'm --in nowhere --out out'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr score $wrong
        [ "$status" != 0 ]
        [ -z "$output" ]
        [[ $stderr == 'score: '* ]]
    done
}

@test "--in and --out go together, and are two folders" {
    trained
    mkdir in
    fails 'score m --in in' 64 'go together'
    fails 'score m --in in --out in' 64 'the same'
    fails 'score m --in nowhere --out out' 66 nowhere
    fails 'score m --in in --out out x.csv' 64 'only operand'
}

@test "a missing value that no step fills: the reason stands at its own row, however far down" {
    awk 'BEGIN { print "a,b,label"; for (i = 0; i < 400; i++) print i % 7 "," i % 11 "," (i % 7 > 3) }' >t.csv
    load t.csv | train -q --model logistic -o m
    awk -F, -v OFS=, 'NR == 202 || NR == 390 { $2 = "" } { print }' t.csv >gap.csv
    score m gap.csv -q >s
    [ "$(column s reason | grep -n '[^ ]' | tr '\n' ' ')" = "201:'b' is missing 389:'b' is missing " ]
    [ "$(column s prediction | grep -c '[01]')" = 398 ]
    score m t.csv -q | pick prediction | save --format csv - | sed '202d;390d' >whole
    pick prediction <s | save --format csv - | sed '202d;390d' | cmp - whole
}

@test "a row that the model can compute no number for: no prediction, a reason, never inf or NaN" {
    awk 'BEGIN { print "x,label"; for (i = 0; i < 60; i++) print i + 0.5 "," 3 * i + 0.5 }' | load -q | train -q -o m
    printf 'x\n1\n3e38\n-3e38\n2\n' | score m >s 2>said
    is "$(pick -q prediction reason <s | save -q --format jsonl -)" '{"prediction":2,"reason":null}
{"prediction":null,"reason":"what the model computes for it is not a finite number"}
{"prediction":null,"reason":"what the model computes for it is not a finite number"}
{"prediction":5,"reason":null}'
    grep -q '2 without a prediction' said
    # infinite outputs have no softmax
    awk 'BEGIN { print "a,b,c,y"; for (i = 0; i < 90; i++) { x = i / 1000; print x "," x "," x "," (i < 30 ? "p" : i < 60 ? "q" : "r") } }' | load -q >t
    train -q --net 'dense 3' --lr 1 --epochs 20 -o m t
    printf 'a,b,c\n3e38,3e38,3e38\n' | score -q m | pick -q prediction probability reason >s
    is "$(save -q --format jsonl - <s)" '{"prediction":null,"probability":null,"reason":"what the model computes for it is not a finite number"}'
}
