# audit: what is wrong with rows before a model learns them.
load helper

golden=$BATS_TEST_DIRNAME/golden

# Two classes told apart by a and b; `told` is the label, `left` is only there for one class, row 50 has a wrong label,
# row 60 a number far out. Sides: the first 150 rows are train; rows 160 and 170 repeat rows 10 and 20.
table() {
    awk 'BEGIN {
        print "id,a,b,kind,told,left,who,part,y"
        for (i = 1; i <= 240; i++) {
            j = i == 160 ? 10 : i == 170 ? 20 : i
            y = j % 2
            a = y * 8 + (j * 7 % 11) / 11; b = (j * 5 % 13) - y * 6
            label = i == 50 ? 1 - y : y
            printf "%d,%.3f,%s,%s,%s,%s,%s,%s,%s\n", i, a, i == 60 ? 5000 : b, substr("uvw", j % 3 + 1, 1),
                label ? "A" : "B", label ? j : "", i % 40, i <= 150 ? "train" : "test", label ? "yes" : "no"
        }
    }'
}
roles() { pick -q --role part=split --role who=group; }
row() { tr '\n' ' ' | sed 's/ $//'; }

@test "labels: thresholds, counts and rows are cleanlab's" {
    for name in two four; do
        audit -q --checks labels --json --top 0 "$golden/audit-$name.arrows" >out.json
        jq -r '.labels | (["thresholds"] + (.thresholds | map(tostring)) | @tsv),
            (.joint[] | ["joint"] + map(tostring) | @tsv),
            (.rows[] | ["row", (.row | tostring), (.quality | tostring)] | @tsv)' out.json |
            awk -F '\t' -v OFS='\t' '{ for (i = 2 + ($1 == "row"); i <= NF && $1 != "joint"; i++) $i = sprintf("%.6f", $i) } 1' >out.tsv
        diff out.tsv "$golden/audit-$name.tsv"
    done
}

@test "everything planted is found, and nothing else" {
    table | load -q --label y --id id - | roles >t.arrows
    audit -q --json --top 0 t.arrows >out.json
    is "$(jq -c '.split | .same, .checked, [.same_rows[] | [.row, .as]]' out.json | row)" '2 90 [[160,10],[170,20]]'
    is "$(jq -c '.split.groups, .split.sides[1].side' out.json | row)" '90 "test"' # each of the 40 is on both sides
    is "$(jq -c '[.columns.columns[] | select(.gives_away) | .column] | sort' out.json)" '["a","left","told"]'
    is "$(jq -c '[.columns.columns[] | select(.renamed) | .column]' out.json)" '["told"]'
    jq -e '.columns.columns[] | select(.column == "left") | .missing_explains > 0.9' out.json
    jq -e '.columns.columns[] | select(.column == "kind" or .column == "id") | .explains < 0.1' out.json
    audit -q --json --top 0 --drop told,left,b --checks labels t.arrows >labels.json
    is "$(jq -c '[.labels.rows[] | [.row, .label, .suggested]]' labels.json)" '[[50,"yes","no"]]'
    is "$(jq -c '[.outliers.rows[] | select(.far) | [.row, .column, .value]]' out.json)" '[[60,"b","5000"]]'
}

@test "the report says the same to a person" {
    table | load -q --label y --id id - | roles >t.arrows
    audit -q t.arrows >out
    for line in 'audit of 240 rows' 'split: 2 of 90 rows (2.22 %) stand on an earlier side as well; 90 have a group that does (100.00 %)' \
        '         160   row 10 of train' "columns: 3 of 6 give the label 'y' away (they explain 0.8 of it or more)"; do
        grep -qxF -- "$line" out || { echo "no line: $line"; cat out; return 1; }
    done
    grep -qE '   told: is the label under other names$' out
    grep -qE '   left: where it is missing tells the label$|   left: gives the label away$' out
    grep -qE '^ +60 .* b: 5000$' out
    run --separate-stderr audit --checks split t.arrows
    is "$stderr" 'audit: 240 rows in: split 2, groups 90'
}

@test "against a file: the same findings, whatever the types and the order of columns" {
    table >t.csv
    { head -1 t.csv; sed -n 152,241p t.csv; } | pick -q --drop part,who | load -q --label y --id id - -o test.arrows
    head -151 t.csv | pick -q y kind told b left id a | save -q --format csv - >train.csv
    is "$(audit -q --checks split --json --against train.csv test.arrows | jq -c '[.split.same_rows[] | [.row, .as, .side]]')" \
        '[[10,10,"train.csv"],[20,20,"train.csv"]]'
    pick -q --drop kind <train.csv >less.arrows
    fails 'audit -q --against less.arrows test.arrows' 65 "less.arrows: no column 'kind' here"
    head -1 train.csv >empty.csv
    fails 'audit -q --against empty.csv test.arrows' 65 'empty.csv: '
    fails 'audit -q --against nowhere.arrows test.arrows' 66 "'nowhere.arrows'"
}

@test "nearly the same text on both sides" {
    awk 'BEGIN {
        print "t,part"
        for (i = 0; i < 200; i++) {
            s = ""; for (k = 0; k < 30; k++) s = s sprintf("%d ", (i * 7919 + k * k * 104729 + i * k * 31) % 9973)
            line[i] = s; print "\"" s "\"," (i < 150 ? "train" : "test")
        }
        print "\"" line[3] "and one word more\",test"; print "\"" line[5] "\",test"; print "\"" line[160] "again\",test" }' >t.csv
    load -q --types t=utf8 t.csv | pick -q --role part=split >t.arrows
    audit -q --json --checks split t.arrows >out.json
    is "$(jq -c '.split | .same, .near, [.near_rows[] | [.row, .as]], [.same_rows[] | [.row, .as]]' out.json | row)" '1 1 [[201,4]] [[202,6]]'
    is "$(audit -q --checks split --near t=0.99 --json t.arrows | jq -c '.split.near')" 0
    fails 'audit -q --near x t.arrows' 65 "no column 'x' here"
}

@test "rows marked, and rows without what was found" {
    table | load -q --label y --id id - | roles >t.arrows
    audit -q --mark --drop told,left,b t.arrows >m.arrows
    is "$(show --json m.arrows | jq -c '[.columns[-4:][] | [.name, .role]]')" \
        '[["suspect","prediction"],["label_quality","prediction"],["label_suggested","prediction"],["outlier_score","prediction"]]'
    is "$(column m.arrows suspect | sed -n '160p;170p' | row)" 'split groups split groups'
    is "$(column m.arrows label_suggested | grep -n '[a-z]' | row)" '50:no'
    is "$(column m.arrows outlier_score | awk '$1 > 0 && $1 < 1' | wc -l)" 240
    run --separate-stderr audit --without split,labels --drop told,left t.arrows -o w.arrows
    is "$(column w.arrows id | awk '{ s += $1 } END { print NR, s }')" "237 $((240 * 241 / 2 - 50 - 160 - 170))"
    [[ "$stderr" == 'audit: 240 rows in, 237 out, 3 dropped (split 2, groups 90, labels 1, '* ]]
    # a model that learned from rows that were audited scores raw ones
    clean -q w.arrows | normalize -q | train -q -o model
    table | score -q model >/dev/null
    cat t.arrows | audit -q --mark --drop told,left,b >piped.arrows
    cmp m.arrows piped.arrows
}

@test "--without what was not looked for is an error, and no row comes out" {
    table >t.csv
    fails 'audit -q --without labels --drop y t.csv >out' 65 'audit: no column is the label: --label COLUMN names it'
    fails 'audit -q --without split --label y t.csv >out' 65 'audit: there is one side only'
    fails 'audit -q --without outliers --checks labels --label y t.csv >out' 64 \
        'audit: --without outliers is for the check outliers, which --checks leaves out'
    load -q --label y --id id t.csv | roles >t.arrows
    fails 'audit -q --without near --checks split t.arrows >out' 65 'audit: --without near: no columns are compared so (--near COLUMN)'
    fails 'pick -q --role who=feature <t.arrows | audit -q --without groups >out' 65 "audit: --without groups: no column has the role group"
}

@test "limits" {
    table | load -q --label y --id id - | roles >t.arrows
    audit -q --fail-over split=2 --fail-over 'groups=100%' --fail-over columns=50% t.arrows >/dev/null
    fails 'audit -q --fail-over split=1 t.arrows >out' 1 'audit: split: 2 of 90, more than 1'
    [ -s out ]
    fails 'audit -q --fail-over split=2% t.arrows >out' 1 'audit: split: 2 of 90, more than 2 %'
    fails 'audit -q --checks outliers --fail-over near=0 t.arrows' 1 'near: was not looked for, and --fail-over asks for it'
    fails 'audit -q --mark --fail-over split=1 t.arrows -o m.arrows' 1 'split: 2 of 90'
    [ -s m.arrows ]
    fails 'audit --fail-over split t.arrows' 64 "takes NAME=COUNT or NAME=SHARE%, not 'split'"
    fails 'audit --fail-over leaks=0 t.arrows' 64 "'leaks' is none of split, near, groups, labels, outliers and columns"
    fails 'audit --fail-over split=-1 t.arrows' 64 "not 'split=-1'"
}

@test "what cannot be checked: an error when asked for, else said in the report" {
    printf 'x,v\n1,a\n2,b\n3,a\n4,b\n' >t.csv
    fails 'audit -q --checks split t.csv' 65 'there is one side only: --against FILE names the other, or a column has the role split'
    fails 'audit -q --checks columns t.csv' 65 'no column is the label: --label COLUMN names it'
    fails 'audit -q --checks labels t.csv' 65 'no column is the label: --label COLUMN names it'
    fails 'audit -q --checks labels --label v t.csv' 65 '4 rows have a label, fewer than the 5 folds'
    is "$(audit -q --label v --json t.csv | jq -c '.not_checked | keys, .labels')" '["columns","labels","split"]
"4 rows have a label, fewer than the 5 folds"'
    audit -q --label v t.csv | grep -qxF 'labels: not checked: 4 rows have a label, fewer than the 5 folds'
    awk 'BEGIN { print "x,y"; for (i = 0; i < 20; i++) print i ",only" }' >one.csv
    fails 'audit -q --checks labels --label y one.csv' 65 "the label 'y' has one class only"
    awk 'BEGIN { print "x,y"; for (i = 0; i < 200; i++) print i ",0." i }' >number.csv
    fails 'audit -q --checks labels --label y number.csv' 65 "the label 'y' is a number, and only classes are judged"
    jq -e '.columns.columns[0].explains > 0.5' <<<"$(audit -q --label y --json number.csv)"
    awk 'BEGIN { print "x,y"; for (i = 0; i < 20; i++) print i "," }' >none.csv
    fails 'audit -q --checks labels --label y none.csv' 65 'none of the 20 rows has a label'
    awk 'BEGIN { print "x,y"; for (i = 0; i < 20; i++) print "text " i "," i % 2 }' >text.csv
    fails 'audit -q --checks labels --label y text.csv' 65 'no feature has values that recur or are numbers to learn from'
    awk 'BEGIN { print "x,g,y"; for (i = 0; i < 20; i++) print i ",one," i % 2 }' >group.csv
    fails 'load -q --label y group.csv | pick -q --role g=group | audit -q --checks labels' 65 'all rows with a label are of one group'
    printf 'text,y\na b,1\nc d,0\n' | augment -q --label y --swap 1 - -o made.arrows
    fails 'audit -q --checks split made.arrows' 65 'there is one side only'
    printf 'text,y\nb a,1\ne f,0\n' | audit -q --label y --checks split --json --against made.arrows - | jq -e '.split.same == 1'
    printf 'text,y\nb a,1\ne f,0\n' | load -q --label y - -o others.arrows
    audit -q --checks split --json --against others.arrows made.arrows | jq -e '.split.same == 1'
    augment -q --swap 1 others.arrows | audit -q --checks split --json --against made.arrows - |
        jq -e '.split | .same == 2 and (has("groups") | not)'
    awk 'BEGIN { print "x,s,y"; for (i = 0; i < 20; i++) print i ",train," i % 2 }' >side.csv
    fails 'pick -q --role s=split <side.csv | audit -q --checks split' 65 "column 's', the split, has one value only"
    fails 'pick -q --role s=split <side.csv | audit -q --against t.csv' 64 "the column 's' has the role split already"
    head -1 t.csv >empty.csv
    fails 'audit -q empty.csv' 65 ''
    fails 'audit </dev/null' 66 ''
}

@test "wrong options" {
    fails 'audit --checks all t' 64 "option '--checks': 'all' is none of split, columns, labels and outliers"
    fails 'audit --without columns t' 64 "option '--without': 'columns' is none of split, near, groups, labels and outliers"
    fails 'audit --mark --json t' 64 '--json is not for --mark and --without'
    fails 'audit --checks labels --against a t' 64 '--against is for the check split, which --checks leaves out'
    fails 'audit --folds 1 t' 64 "'--folds'"
    table >t.csv
    fails 'audit -q --mark t.csv | audit -q --mark >/dev/null' 65 "--mark: there is a column 'suspect' already"
    fails 'audit -q --mark --checks split t.csv | train -q -o m' 65 'train: stopped: audit failed'
}

@test "empty columns, lists, one row: what there is nothing to say of" {
    awk 'BEGIN { print "x,empty,y"; for (i = 0; i < 40; i++) print i ",," i % 2 }' >t.csv
    audit -q --label y --top 0 t.csv >out
    grep -qE 'empty: has no value at all$|left aside for their types: .empty. ' out
    printf '{"x":1,"l":[1,2],"y":"a"}\n{"x":2,"l":[3],"y":"b"}\n' >l.jsonl
    audit -q l.jsonl | grep -qxF "columns left aside for their types: 'l' (list<int64>)"
    printf 'x\n1\n' >one.csv
    is "$(audit -q --json one.csv | jq -c .outliers.found)" 0
    printf '{"l":[1,2]}\n{"l":[3]}\n' >l.jsonl
    fails 'audit -q l.jsonl' 65 'no check can be made: no column is a feature with numbers or texts'
}

@test "a number beyond what a float holds is far out, not missing" {
    awk 'BEGIN { print "x,z,y"; for (i = 0; i < 400; i++) print (i == 100 ? "1e200" : i == 200 ? "-1e300" : i * 7 % 400) "," i * 11 % 400 "," (i % 2 ? "p" : "q") }' >far.csv
    audit -q --checks outliers,columns --label y far.csv >text
    grep -E '^outliers: [0-9]+ of 400 rows .*: 2 with a value 5 times' text
    grep -E '^ +101 +0\.[0-9]{4} +[0-9.]+e\+36   x: 3\.4028235e\+38$' text
    grep -E '^ +201 +0\.[0-9]{4} +[0-9.]+e\+36   x: -3\.4028235e\+38$' text
    audit -q --checks columns --json --label y far.csv | grep -c '"column": "x".*"missing": 0, '
}

@test "names and values are escaped, or kept out" {
    awk 'BEGIN { print "\"a\033[1m\",part,y"; for (i = 0; i < 60; i++)
        printf "%s,%s,\"%s\033[31m\"\n", i == 7 ? 99999 : i % 5, i % 3 ? "secret-train" : "test", i % 2 ? "secret-a" : "b" }' >t.csv
    load -q --label y t.csv | pick -q --role part=split >t.arrows
    audit -q --top 0 t.arrows >out
    never grep -q "$(printf '\033')" out
    grep -qF 'a\x1b[1m' out
    for form in '' --json; do
        audit -q --no-values --top 0 $form t.arrows >out 2>&1
        never grep -qE 'secret|99999' out
    done
}

@test "the same bytes for a seed, whatever the threads and memory; others for another" {
    table | load -q --label y --id id - | roles >t.arrows
    audit -q --json --top 0 t.arrows >a
    taskset -c 0 audit -q --json --top 0 --memory 1M t.arrows >b
    cmp a b
    audit -q --json --top 0 --seed 1 t.arrows >c
    never cmp -s a c
}

@test "a cut stream and a full disk" {
    table | load -q --label y --id id - | roles >t.arrows
    size=$(wc -c <t.arrows)
    for part in 1 3 5 9; do
        head -c $((size * part / 10)) t.arrows >cut
        run --separate-stderr audit cut
        [ "$status" = 65 ]
        [ -z "$output" ]
        fails "audit -q --against cut t.arrows" 64 'role split already'
        pick -q --role part=feature <t.arrows >plain.arrows
        fails "audit -q --against cut plain.arrows" 65 ''
    done
    fails 'audit -q t.arrows >/dev/full' 74 'No space left on device'
    fails 'audit -q --mark t.arrows >/dev/full' 74 'No space left on device'
    echo before >kept
    fails 'audit -q --checks labels --drop y -o kept t.arrows' 65 'no column is the label'
    is "$(cat kept)" before
}
