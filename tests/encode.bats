# encode: text, dates and times as numbers.
load helper

golden=$BATS_TEST_DIRNAME/golden

csv() { save -q --format csv -; }
# plain STREAM COLUMN...: the columns' numbers, without names, quotes and brackets, lists spread out
plain() { pick -q "${@:2}" <"$1" | csv | tail -n +2 | tr -d '"[]'; }
# near A B: the same rows, numbers within 1e-6 (of their size where it is above 1), missing ones alike
near() {
    paste -d, "$1" "$2" | awk -F, '
        NF % 2 { print "line " NR ": " $0; bad = 1 }
        { for (i = 1; i <= NF / 2; i++) {
            a = $i; b = $(i + NF / 2); size = b < 0 ? -b : b; size = size > 1 ? size : 1
            if ((a == "") != (b == "") || !((a - b) <= 1e-6 * size && (b - a) <= 1e-6 * size)) {
                print "line " NR ": " a " and " b; bad = 1 }
        } compared++ }
        END { exit bad || compared < 2 }'
    [ "$(wc -l <"$1")" = "$(wc -l <"$2")" ]
}
row() { tr '\n' ' ' | sed 's/ $//'; }

@test "one-hot, ordinal and frequency give what others give" {
    for method in onehot ordinal frequency; do
        encode -q --method $method --column city --column zip --min-count 1 "$golden/encode.csv" -o out.arrows
        plain out.arrows city zip >out.csv
        # behind the categories stands a place for any other value, which scikit-learn has not
        [ $method != onehot ] || { cut -d, -f1-5,7-11,13 <out.csv >cut.csv && mv cut.csv out.csv; }
        near out.csv "$golden/encode-$method.csv"
    done
}

@test "the mean of the label is scikit-learn's, by folds while learning and whole afterwards" {
    for label in two three number; do
        encode -q --method target -c city,zip --min-count 1 --label $label "$golden/encode.csv" \
            --save-state s.json -o out.arrows
        plain out.arrows city zip >out.csv
        near out.csv "$golden/encode-target-$label-folds.csv"
        encode -q --state s.json "$golden/encode.csv" -o out.arrows
        plain out.arrows city zip >out.csv
        near out.csv "$golden/encode-target-$label.csv"
    done
}

@test "a row's own label is in no number that it gets" {
    { echo t,y; for i in $(seq 60); do echo "v$((i % 3)),$((i * i % 7)).5"; done; } >a.csv
    for row in 2 17 60; do
        awk -F, -v OFS=, -v row=$row 'NR == row { $2 = $2 + 1000 } 1' a.csv >b.csv
        for part in a b; do
            encode -q --method target --label y $part.csv -o $part.arrows
            plain $part.arrows t | sed -n "$((row - 1))p" >$part.one
        done
        cmp a.one b.one
        never cmp -s a.arrows b.arrows
    done
}

@test "without options: text one-hot, times and bools as numbers, whole numbers as they are" {
    printf 't,b,d,n\nx,true,2001-01-01,1\ny,false,2001-01-03,2\nx,true,2001-01-01,3\ny,,2001-01-03,4\n' >d.csv
    is "$(encode -q --min-count 1 d.csv | csv | row)" 't,b,d,n "[1,0,0]",1,-1,1 "[0,1,0]",0,1,2 "[1,0,0]",1,-1,3 "[0,1,0]",,1,4'
    # one that train makes by itself has the same step in its plan
    { echo t,y; for i in $(seq 30); do echo "v$((i % 3)),$((i % 2))"; done; } >e.csv
    train -q --label y e.csv -o a.model
    encode -q --label y e.csv | train -q -o b.model
    show --json a.model | python3 -c 'import json,sys; print(json.load(sys.stdin)["plan"][-1])' >a.step
    show --json b.model | python3 -c 'import json,sys; print(json.load(sys.stdin)["plan"][-1])' >b.step
    grep -q "'stage': 'encode'" a.step
    cmp a.step b.step
}

@test "values that learning did not keep are counted and mapped" {
    printf 't,o,f,h,y\n' >l.csv
    for i in $(seq 12); do echo "v$((i % 2)),v$((i % 2)),v$((i % 2)),v$((i % 2)),$((i % 2))" >>l.csv; done
    encode -q --method onehot,o=ordinal,f=frequency,h=hash --width 4 l.csv --label y --save-state s.json >/dev/null
    printf 't,o,f,h,y\nnew,new,new,v1,0\nv1,v1,v1,v1,0\n,,,,1\n' >m.csv
    run --separate-stderr encode --state s.json m.csv -o m.arrows
    # shellcheck disable=SC2154 # bats sets it
    [[ "$stderr" == *"encode: 3 rows in, 3 out (4 columns, 3 values unknown (1 in 't', 1 in 'o', 1 in 'f'))"* ]]
    is "$(csv <m.arrows | row)" 't,o,f,h,y "[0,0,1]",-1,0,"[0,1,0,0]",0 "[0,1,0]",1,0.5,"[0,1,0,0]",0 "[0,0,1]",,0,"[0,0,0,0]",1'
}

@test "an order that is given; whole numbers by size; rare values pool" {
    printf 'size,n\nS,10\nL,9\nM,-3\nXL,10\n,\n' >o.csv
    is "$(encode -q --method ordinal --column size --order S,M,L o.csv | pick -q size | csv | row)" 'size 0 2 1 -1  '
    is "$(encode -q --method ordinal --column n --min-count 1 o.csv | pick -q n | csv | row)" 'n 2 1 0 2  '
    is "$(encode -q --method size=ordinal,n=ordinal --order size=L,S,n=9,10 o.csv | csv | row)" 'size,n 1,1 0,0 -1,-1 -1,1 ,'
    { echo t; for _ in 1 2 3 4 5 6 7 8 9; do echo a; done; echo b; } >r.csv
    is "$(encode -q --method frequency r.csv | csv | tail -n 2 | row)" '0.9 0'
    run --separate-stderr encode --method frequency r.csv -o x.arrows
    [[ "$stderr" == *"(1 column, 1 value pooled as rare (1 in 't'))"* ]]
}

@test "codes that came as floats are categories where they are named, the same as whole numbers" {
    printf 'c,n,y\n10.0,10,1\n9.0,9,2\n-3.0,-3,3\n-0.0,0,4\n2.5,5,5\n,,6\nnan,,7\n' >f.csv
    is "$(encode -q --method c=ordinal --min-count 1 f.csv --save-state s.json | pick -q c | csv | row)" 'c 4 3 0 1 2    '
    is "$(encode -q f.csv | pick -q c | csv | row)" 'c 10 9 -3 -0.0 2.5   nan'
    # what was learned from floats holds for whole numbers, and the reverse
    is "$(load -q --drop c f.csv | pick -q --rename n=c | encode -q --state s.json | pick -q c | csv | row)" 'c 4 3 0 1 -1    '
    is "$(load -q --drop c,y f.csv | pick -q --rename n=c | encode -q --method c=onehot --min-count 1 --save-state n.json | csv | head -2 | tail -1)" '"[0,0,0,0,1,0,0]"'
    is "$(encode -q --state n.json f.csv | pick -q c | csv | row)" 'c "[0,0,0,0,1,0,0]" "[0,0,0,1,0,0,0]" "[1,0,0,0,0,0,0]" "[0,1,0,0,0,0,0]" "[0,0,0,0,0,1,0]" "[0,0,0,0,0,0,1]" "[0,0,0,0,0,0,1]"'
    # and through a model, from raw text
    { echo c,y; for i in $(seq 60); do echo "$((i % 3)).0,$((i % 3 == 1))"; done; } >m.csv
    encode -q --method c=onehot --label y m.csv | train -q -o model
    printf 'c\n0.0\n1\n2.0\n' | score -q model | pick -q prediction | csv | row >scored
    is "$(cat scored)" 'prediction 0 1 0'
}

@test "hash is XXH3: place and sign" {
    printf 't\nLima\nOslo\n\n"a,b"\n' >h.csv
    # by python-xxhash: Lima 4f79b449209a9079, Oslo f4d72f358f6a0af3, "a,b" da4ff4feb37737fe
    encode -q --method hash --width 8 h.csv -o h.arrows
    is "$(plain h.arrows t | row)" '0,1,0,0,0,0,0,0 0,0,0,-1,0,0,0,0 0,0,0,0,0,0,0,0 0,0,0,0,0,0,-1,0'
}

@test "parts of times lie on circles" {
    printf 'at,day\n2024-02-29T18:00:00,2024-02-29\n1969-12-31T00:00:00,1969-12-31\n,\n' >c.csv
    encode -q --method cyclic c.csv -o c.arrows
    python3 - <<'P' >wanted
from math import sin, cos, pi
import datetime
for d, h in ((datetime.date(2024, 2, 29), 18), (datetime.date(1969, 12, 31), 0)):
    length = 29 if d.month == 2 else 31
    year = 366 if d.year == 2024 else 365
    turns = [d.weekday() / 7, (d.day - 1) / length, (d.month - 1) / 12, (d.timetuple().tm_yday - 1) / year]
    print(",".join(str(f(2 * pi * t)) for t in [h / 24] + turns + turns for f in (sin, cos)))
P
    plain c.arrows at day >all
    head -n 2 all >out
    near out wanted
    is "$(tail -n 1 all)" ,
    encode -q --method at=cyclic --parts hour,month c.csv -o c.arrows
    echo -1,0,0.5,0.8660254 >wanted
    echo 0,1,-0.5,0.8660254 >>wanted
    plain c.arrows at | head -n 2 >out
    near out wanted
    printf 'at,day\n2024-02-29T18:00:00,2024-02-29\n' >c.csv
    fails 'encode --method day=cyclic --parts hour c.csv >/dev/null' 64 "encode: column 'day' has none of --parts"
    # a span of time is no moment, whatever its unit
    printf 'day\n2024-02-29\n2024-03-01\n' | encode -q --save-state day.json >/dev/null
    printf 'day\n1\n2\n' | load -q --types day=duration - -o span.arrows
    fails 'encode --state day.json span.arrows >/dev/null' 65 "encode: column 'day' is duration[us] here and was date32 when 'encode' learned"
}

@test "what the places stand for goes along, and normalize leaves them" {
    encode -q --method city=onehot,zip=target --label three --min-count 1 "$golden/encode.csv" -o e.arrows
    grep -aq '"values":\["Lima","Oslo","Paris","a,b","Ägypten"\],"other":5,"missing":6' e.arrows
    grep -aq '"slots":\["low","mid","top"\]' e.arrows
    is "$(pick -q zip --rename zip=code <e.arrows | show --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["columns"][0])')" \
        "{'name': 'code', 'type': 'fixed_list<float32>[3]', 'role': 'feature', 'missing': 0, 'categories': {'slots': ['low', 'mid', 'top']}}"
    normalize -q --method minmax e.arrows | pick -q city zip | csv >a
    pick -q city zip <e.arrows | csv >b
    cmp a b
}

@test "score encodes raw rows as the pipeline did, with the mean of all rows" {
    encode -q --method city=target,zip=frequency --label two --min-count 2 "$golden/encode.csv" --save-state s.json |
        clean -q --missing drop | train -q --seed 1 --drop three -o m.model
    encode -q --state s.json --label two "$golden/encode.csv" | score -q m.model | pick -q prediction >b.arrows
    score -q m.model <"$golden/encode.csv" | pick -q prediction | csv >a.csv
    csv <b.arrows >b.csv
    cmp a.csv b.csv
    for row in 1 77 200; do
        { head -n 1 "$golden/encode.csv"; sed -n "$((row + 1))p" "$golden/encode.csv"; } | score -q m.model |
            pick -q prediction | csv | tail -n 1 >one
        sed -n "$((row + 1))p" a.csv | cmp - one
    done
}

@test "states of parts merge to that of the whole" {
    command load -q "$golden/encode.csv" -o g.arrows
    { head -n 71 "$golden/encode.csv"; } >p.csv
    { head -n 1 p.csv; tail -n +72 "$golden/encode.csv"; } >q.csv
    for label in two three number; do
        set -- --method city=target,zip=onehot,three=frequency,two=ordinal --label $label --min-count 20
        [ $label = number ] || set -- --method city=target,zip=onehot --label $label --min-count 20
        for part in p q; do
            command load -q --like g.arrows $part.csv | encode -q "$@" --save-state $part.json >/dev/null
        done
        encode --merge p.json q.json --save-state both.json
        encode -q "$@" g.arrows --save-state whole.json >/dev/null
        encode -q --state both.json g.arrows -o a.arrows
        encode -q --state whole.json g.arrows -o b.arrows
        for column in city zip; do
            plain a.arrows $column >a
            plain b.arrows $column >b
            near a b
        done
    done
    encode -q --method target -c city --label two g.arrows --save-state other.json >/dev/null
    fails 'encode --merge both.json other.json --save-state x.json' 65 'encode: other.json: the states were learned with different options'
    { echo t; printf '%s\n' a a a a a b b b b b; } | encode -q --save-state few.json >/dev/null
    sed 's/"rows":10/"rows":2305843009213693951/' few.json >many.json
    fails 'encode --merge many.json many.json many.json many.json many.json --save-state x.json' 65 "encode: many.json: column 't': more rows than can be counted"
}

@test "the same bytes however the input is batched" {
    command load -q "$golden/encode.csv" -o one.arrows
    head -n 51 "$golden/encode.csv" | command load -q --like one.arrows -o a.arrows
    { head -n 1 "$golden/encode.csv"; tail -n +52 "$golden/encode.csv"; } | command load -q --like one.arrows -o b.arrows
    set -- --method city=target,zip=hash --label number
    encode -q "$@" one.arrows --save-state s1.json | csv >1.csv
    encode -q "$@" a.arrows b.arrows --save-state s2.json | csv >2.csv
    encode -q "$@" < <(cat one.arrows) | csv >3.csv
    cmp s1.json s2.json
    cmp 1.csv 2.csv
    cmp 1.csv 3.csv
}

@test "options and columns that cannot be" {
    printf 't,x,y,d\na,1.5,1,2001-01-01\n' >c.csv
    fails 'encode --method foo c.csv' 64 "encode: option '--method' takes onehot, ordinal, frequency, hash, target or cyclic, or COLUMN= and one of them, not 'foo'"
    fails 'encode --method t=foo c.csv' 64 "not 't=foo'"
    fails 'encode --method d=ordinal c.csv >/dev/null' 64 "encode: column 'd' is date32, which 'encode' cannot take"
    fails 'encode --method x=cyclic c.csv >/dev/null' 64 "encode: column 'x' is float64, which 'encode' cannot take"
    fails 'encode --method t=cyclic c.csv >/dev/null' 64 "encode: column 't' is utf8, which 'encode' cannot take"
    fails 'encode --method tt=hash c.csv >/dev/null' 64 "encode: no column 'tt' here; did you mean 't'?"
    fails 'encode --method target --id y c.csv >/dev/null' 64 'encode: --method target needs a label: name its column with --label'
    fails 'encode --method target --label y,x c.csv >/dev/null' 64 'encode: --method target takes one label, and there are several'
    fails 'encode --method target --label y c.csv >/dev/null' 65 'encode: the label has one class, and --method target needs two or more'
    fails 'encode --method target --label d c.csv >/dev/null' 64 "encode: the label 'd' is date32, which has neither classes nor a mean"
    fails 'encode --order a,b c.csv >/dev/null' 64 'encode: --order needs a column with --method ordinal'
    fails 'encode --parts hour c.csv >/dev/null' 64 'encode: --parts needs a column with --method cyclic'
    fails 'encode --width 8 c.csv >/dev/null' 64 'encode: --width needs a column with --method hash'
    fails 'encode --smoothing 5 c.csv >/dev/null' 64 'encode: --smoothing needs a column with --method target'
    fails 'encode --folds 3 --method hash c.csv >/dev/null' 64 'encode: --folds needs a column with --method target'
    fails 'encode --method cyclic --parts minute c.csv' 64 "encode: option '--parts' takes hour, weekday, day, month and yearday, not 'minute'"
    fails 'encode --method ordinal --order a,a c.csv >/dev/null' 64 "encode: option '--order' has 'a' twice for column 't'"
    { echo t,y; seq 101 | sed 's/.*/v&,c&/'; } >many.csv
    fails 'encode --method target --label y many.csv >/dev/null' 65 'encode: the label has more than 100 classes, too many for --method target'
    printf 't,y\na,1\nb,inf\n' >i.csv
    fails 'encode --method target --label y i.csv >/dev/null' 65 'encode: the label, row 2: an infinite number; clean, put in front, takes it as missing'
    # classes that are not counted would be missing in every mean
    awk 'BEGIN { for (i = 0; i < 600000; i++) long = long "l"; print "t,y"; print "a," long; print "a,x\nb,z" }' >long.csv
    fails 'encode --method target --label y long.csv >/dev/null' 65 "encode: the label's classes are long texts: one has 512 KiB at most, and all together 2048 KiB"
    awk 'BEGIN { for (i = 0; i < 500000; i++) long = long "l"; print "t,y"; for (i = 0; i < 6; i++) print "a," long i; print "a,x\nb,z" }' >long.csv
    fails 'encode --method target --label y long.csv >/dev/null' 65 "encode: the label's classes are long texts"
}

@test "nothing but what is named is left when the input breaks off" {
    command load -q "$golden/encode.csv" -o g.arrows
    head -c 2000 g.arrows >cut.arrows
    fails 'encode -o out.arrows --save-state s.json cut.arrows' 65 'encode: '
    [ ! -e out.arrows ] && [ ! -e s.json ]
}

@test "memory does not grow with the rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    for rows in 1500000 4500000; do # batches are full, and as many on their way as can be, at the first
        seq $rows | awk 'BEGIN { print "t,w,y" } { print "c" $1 * 7919 % 5000 "," $1 % 50 "," $1 % 9 / 2 }' |
            load -q - -o many.arrows
        for how in 'frequency --column t' 'onehot --column w' 'hash --column t' 'target --column t --label y'; do
            # shellcheck disable=SC2086 # several words
            peak encode -q --method $how many.arrows >"peak.${how%% *}.$rows"
        done
    done
    for method in frequency onehot hash target; do
        # what is on its way between two threads differs from run to run by some 40 MiB; 16 bytes a row would be more
        [ "$(cat peak.$method.4500000)" -le "$(($(cat peak.$method.1500000) + 45000))" ]
    done
}
