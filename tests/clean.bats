# clean: missing, bad and outlying values.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cat >a.csv <<'END'
id,age,score,city,plan,active,born,label
1,20,1.5,Paris,free,true,2001-01-01,yes
2,,2.5, Rome ,pro,false,2001-01-03,no
3,40,,,free,,,yes
4,31,4.5,Paris,team,true,2001-01-11,
5,1000,0.5,rome,zzz,true,2001-01-06,no
END
    command load -q a.csv -o a.arrows
}

csv() { save --format csv -; }
# closing FILE ARGUMENT...: the closing line, with the output as CSV in out.csv
closing() { clean "$@" 2>said -o out.arrows && csv <out.arrows >out.csv 2>/dev/null && cat said; }

@test "without options: median, mode, category, no row without a label" {
    [ "$(closing a.arrows)" = "clean: 5 rows in, 4 out, 1 dropped (no label 1 (1 in 'label'), filled 5 (1 in 'age': median 36, 1 in 'score': median 2, 1 in 'city': category, 1 in 'active': mode, 1 in 'born': median))" ]
    cat >wanted <<'END'
id,age,score,city,plan,active,born,label
1,20,1.5,Paris,free,true,2001-01-01,yes
2,36,2.5,Rome,pro,false,2001-01-03,no
3,40,2,missing,free,true,2001-01-04,yes
5,1000,0.5,rome,zzz,true,2001-01-06,no
END
    cmp wanted out.csv
}

@test "the types of the columns stay" {
    types() { show --json | grep -o '"type": *"[^"]*"' | head -n 8; }
    [ "$(clean -q a.arrows | types)" = "$(types <a.arrows)" ]
    [ "$(types <a.arrows | wc -l)" = 8 ]
}

@test "each rule for what is missing" {
    [ "$(clean -q --missing mean a.arrows | csv 2>/dev/null | sed -n 3p)" = '2,273,2.5,Rome,pro,false,2001-01-03,no' ]
    [ "$(clean -q --missing age=mode,city=mode a.arrows | column /dev/stdin age | sed -n 2p)" = 20 ]
    [ "$(clean -q --missing city=mode a.arrows | column /dev/stdin city | sed -n 3p)" = Paris ]
    [ "$(clean -q --missing age=constant=7,city=constant=x=y,active=constant=false,born=constant=2000-02-29 a.arrows | csv 2>/dev/null | sed -n 4p)" = \
        '3,40,2,x=y,free,false,2000-02-29,yes' ]
    [ "$(clean -q --missing keep a.arrows | csv 2>/dev/null | sed -n 4p)" = '3,40,,,free,,,yes' ]
    [ "$(closing --missing drop a.arrows)" = "clean: 5 rows in, 2 out, 3 dropped (no label 1 (1 in 'label'), dropped as missing 2 (1 in 'age', 1 in 'score'))" ]
}

@test "a rule without a column leaves those that it does not fit" {
    [ "$(clean -q --missing mean,age=drop a.arrows | csv 2>/dev/null | cut -d, -f1,4 | tr '\n' ' ')" = 'id,city 1,Paris 3,missing 5,rome ' ]
    [ "$(clean -q --missing constant=0 a.arrows | csv 2>/dev/null | sed -n 4p)" = '3,40,0,0,free,true,2001-01-04,yes' ]
}

@test "rows without a label stay on demand" {
    [ "$(clean -q --keep-unlabelled a.arrows | column /dev/stdin label | tr '\n' ,)" = 'yes,no,yes, ,no,' ]
    [ "$(clean -q --missing label=mode a.arrows | column /dev/stdin label | tr '\n' ,)" = 'yes,no,yes,no,no,' ]
}

@test "was-missing columns, where learning saw something missing" {
    [ "$(clean -q --flag-missing a.arrows | csv 2>/dev/null | sed -n '1p;3p' | cut -d, -f9- | tr '\n' ' ')" = \
        'age_missing,score_missing,city_missing,active_missing,born_missing true,false,false,false,false ' ]
    printf 'x,x_missing,label\n1,2,a\n,3,b\n' >b.csv
    fails 'clean --flag-missing b.csv >/dev/null' 65 "clean: --flag-missing would add a column 'x_missing', and there is one already"
}

@test "texts too long to be counted: no mode, and what is missing stays so" {
    long=$(head -c 600000 /dev/zero | tr '\0' x)
    printf 'a,t\n1,%s\n2,%s\n3,\n' "$long" "$long" | load -q -o c.arrows
    tells 'clean --missing t=mode --drop-constant --save-state s.json c.arrows -o d.arrows' 0 'clean: 3 rows in, 3 out'
    clean -q --state s.json c.arrows -o e.arrows
    cmp d.arrows e.arrows
    is "$(column d.arrows t | tail -n 1)" ' '
}

@test "a mode is the whole text, though it holds a NUL" {
    printf '{"k":"a\\u0000b"}\n{"k":"a\\u0000b"}\n{"k":null}\n' | load -q -o c.arrows
    clean -q --missing k=mode --save-state s.json c.arrows -o d.arrows
    is "$(save -q --format jsonl - <d.arrows | sort -u)" '{"k":"a\u0000b"}'
    clean -q --state s.json c.arrows | cmp - d.arrows
}

@test "ranges and allowed values: null, drop, clip" {
    [ "$(clean -q --range age=..100 a.arrows | column /dev/stdin age | tr '\n' ' ')" = '20 31 40 31 ' ]
    [ "$(clean -q --range age=30..100 --bad-value clip a.arrows | column /dev/stdin age | tr '\n' ' ')" = '30 36 40 100 ' ]
    is "$(clean -q --range age=30.5..40.9 --bad-value clip a.arrows | column /dev/stdin age | tr '\n' ' ')" '31 36 40 40 '
    tells 'clean --range age=30.5..30.9 --bad-value clip a.arrows' 64 \
        "clean: option '--range': column 'age' is int64, for which clipping to that range is not possible"
    [ "$(closing --range 'age=..100,born=2001-01-02..' --allow 'plan=free|pro|team' --bad-value drop a.arrows)" = \
        "clean: 5 rows in, 2 out, 3 dropped (no label 1 (1 in 'label'), dropped as out of range or not allowed 2 (1 in 'age', 1 in 'born'), filled 5 (1 in 'age': median 31, 1 in 'score': median 2, 1 in 'city': category, 1 in 'active': mode, 1 in 'born': median))" ]
    [ "$(clean -q --allow 'plan=free|pro|team' a.arrows | column /dev/stdin plan | tr '\n' ' ')" = 'free pro free missing ' ]
    [ "$(clean -q --allow 'age=20|40' --missing keep a.arrows | column /dev/stdin age | tr '\n' ,)" = '20, ,40, ,' ]
}

@test "float32: what it cannot hold does not become infinite" {
    printf 'x,n\n0.5,1\n,2\n-3,3\n' | load -q --types x=float32 -o f.arrows
    printf 'x,n\n1e39,1\n1e39,2\n' | load -q -o g.arrows
    is "$(clean -q --range x=..0.1 --bad-value clip --missing keep f.arrows | column /dev/stdin x | tr '\n' ,)" '0.099999994, ,-3,'
    tells 'clean --range x=1e39.. --bad-value clip f.arrows' 64 \
        "clean: option '--range': column 'x' is float32, for which clipping to that range is not possible"
    tells 'clean --missing x=constant=1e39 f.arrows' 64 \
        "clean: option '--missing': column 'x' is float32, for which '1e39' is not possible"
    clean -q --save-state s.json g.arrows -o h.arrows
    is "$(clean -q --state s.json f.arrows | column /dev/stdin x | tr '\n' ,)" '0.5,1e+39,-3,'
}

@test "outliers: iqr, zscore, mad; clip, null, drop" {
    { echo x; seq 1 19; echo 1000; } >o.csv
    # quartiles 5.75 and 15.25: bounds -8.5 and 29.5, of whole numbers -8 and 29
    [ "$(clean -q --outliers iqr o.csv | column /dev/stdin x | tail -n 1)" = 29 ]
    [ "$(clean -q --outliers iqr --outlier-factor 1 o.csv | column /dev/stdin x | tail -n 1)" = 24 ]
    # median 10.5, median absolute deviation 5: 10.5 + 3.5 * 5 / 0.6745 = 36.4
    [ "$(clean -q --outliers mad o.csv | column /dev/stdin x | tail -n 1)" = 36 ]
    [ "$(clean -q --outliers zscore o.csv | column /dev/stdin x | tail -n 1)" = 706 ]
    [ "$(clean -q --outliers iqr --outlier-action null o.csv | column /dev/stdin x | tail -n 1)" = 10 ]
    [ "$(closing --outliers iqr --outlier-action drop o.csv | tail -n 1)" = "clean: 20 rows in, 19 out, 1 dropped (dropped as outliers 1 (1 in 'x'))" ]
    [ "$(clean -q --outliers iqr --outlier-columns age a.arrows | column /dev/stdin score | tail -n 1)" = 0.5 ]
}

@test "trim and case: of any script, and empty is missing" {
    printf 'a,b\n" \xc2\xa0\xc3\x84rger\xe3\x80\x80",x\n"\t",y\n"\xce\xa3\xce\x9f\xce\xa6\xce\x9f\xce\xa3",z\n' >t.csv
    [ "$(closing --trim --case lower t.csv | tail -n 1)" = "clean: 3 rows in, 3 out (case 2 (2 in 'a'), trimmed 2 (2 in 'a'), left empty 1 (1 in 'a'), filled 1 (1 in 'a': category))" ]
    [ "$(column out.arrows a | tr '\n' ' ')" = 'ärger missing σοφοσ ' ]
    [ "$(clean -q --trim --case upper t.csv | column /dev/stdin a | tr '\n' ' ')" = 'ÄRGER missing ΣΟΦΟΣ ' ]
    [ "$(clean -q --trim a.arrows | column /dev/stdin city | tr '\n' ,)" = 'Paris,Rome,missing,rome,' ]
}

@test "columns without a value, and constant ones" {
    printf 'a,b,c,d,label\n1,,x,5,p\n2,,x,5,q\n3,,,,p\n' >k.csv
    command load -q --types b=int64 k.csv -o k.arrows
    run sh -c 'clean k.arrows 2>&1 >/dev/null | tail -n 1'
    [[ "$output" == *"columns left out, without any value: 'b')" ]]
    [ "$(clean -q k.arrows | csv 2>/dev/null | sed -n 4p)" = 3,missing,5,p ]
    # d is constant once its missing value is the median; c has two categories
    [ "$(clean -q --drop-constant k.arrows | csv 2>/dev/null | sed -n '1p;4p' | tr '\n' ' ')" = 'a,c,label 3,missing,p ' ]
    [ "$(clean -q --missing b=keep k.arrows | csv 2>/dev/null | head -n 1)" = a,b,c,d,label ]
}

@test "NaN and infinity are missing" {
    printf 'x\n1.5\nnan\n-inf\n2.5\ninf\n' >n.csv
    [ "$(clean -q --missing mean n.csv | column /dev/stdin x | tr '\n' ' ')" = '1.5 2 2 2.5 2 ' ]
}

@test "a median is exact, whatever the order and the batches" {
    { echo x; seq 1 300001 | awk '{ print ($1 * 7919) % 300007 / 7 }'; echo; } >big.csv
    # the line left empty is dropped by load; the middle one by sort
    wanted=$(tail -n +2 big.csv | grep . | sort -n | sed -n 150001p)
    { cat big.csv; echo '""'; } >big2.csv
    command load -q --types x=float64 big2.csv >b.arrows
    got=$(clean -q b.arrows --save-state s.json | tail -c 100 | wc -c; sed 's/.*"fill"://;s/[,}].*//' s.json)
    [ "$(printf '%.4f' "$(echo "$got" | tail -n 1)")" = "$(printf '%.4f' "$wanted")" ]
}

@test "a median of dates is a date, also of those that are counted in milliseconds" {
    printf 'd,e\n2026-01-01,2026-01-01\n2026-01-02,2026-01-02\n,\n' >d.csv
    for rule in median mean; do
        is "$(load -q --types d=date64 d.csv | clean -q --missing $rule | save -q --format csv - | tail -n 1)" 2026-01-01,2026-01-01
    done
}

@test "a state is used on other rows, and learns nothing from them" {
    clean -q --save-state s.json a.arrows >/dev/null
    printf 'born,id,city,age,score,plan,active\n,9,,,,,\n' >new.csv
    printf 'id,age,score,city,plan,active,born,label\n1,20,1.5,Paris,free,true,2001-01-01,yes\n' >types.csv
    command load -q --types age=int64,score=float64,city=utf8,plan=utf8,active=bool,born=date32 new.csv |
        clean -q --state s.json | pick age score city plan active born | csv >out 2>/dev/null
    [ "$(tail -n 1 out)" = 36,2,missing,missing,true,2001-01-04 ]
    fails 'pick id city <a.arrows | clean --state s.json >/dev/null' 65 "no columns 'age', 'score', 'plan', 'active', 'born' here, which 'clean' learned from"
    fails 'clean --state s.json --trim a.arrows >/dev/null' 64 "--trim cannot stand beside --state: the state holds the options it was learned with"
    command load -q --types age=utf8 a.csv -o text.arrows
    fails 'clean --state s.json text.arrows >/dev/null' 65 "column 'age' is utf8 here and was int64 when 'clean' learned"
}

@test "states of two parts merge to that of the whole" {
    partition --seed 3 p.arrows=0.5 q.arrows=0.5 <a.arrows 2>/dev/null
    clean -q --missing mean,city=mode --save-state whole.json a.arrows >/dev/null
    clean -q --missing mean,city=mode --save-state p.json p.arrows >/dev/null
    clean -q --missing mean,city=mode --save-state q.json q.arrows >/dev/null
    clean --merge p.json q.json --save-state both.json
    clean -q --state whole.json a.arrows | csv >whole.csv 2>/dev/null
    clean -q --state both.json a.arrows | csv >both.csv 2>/dev/null
    cmp whole.csv both.csv
    fails 'clean --merge p.json q.json' 64 "--merge takes the files of states as operands, and --save-state FILE"
    clean -q --save-state other.json a.arrows >/dev/null
    fails 'clean --merge p.json other.json --save-state x.json' 65 "other.json: the states were learned with different options"
    normalize -q --save-state n.json a.arrows >/dev/null
    sed -E 's/"rows":[0-9]+/"rows":2305843009213693951/g' p.json >many.json
    fails 'clean --merge many.json many.json many.json many.json many.json --save-state x.json' 65 \
        "many.json: the states are of more rows than can be counted"
    fails 'clean --merge p.json n.json --save-state x.json' 65 "n.json: it is a state of 'normalize', not of 'clean'"
    clean -q --outliers iqr --save-state o.json a.arrows >/dev/null
    fails 'clean --merge o.json o.json --save-state x.json' 65 "states with --outliers cannot be merged: each cut its own rows at its own bounds"
}

@test "what cannot be is said" {
    fails 'clean --missing age=foo a.arrows >/dev/null' 64 "clean: option '--missing': 'age=foo' is none of drop, mean, median, mode, constant=VALUE, category, keep, nor COLUMN= and one of these"
    fails 'clean --missing agee=mean a.arrows >/dev/null' 64 "clean: no column 'agee' here; did you mean 'age'?"
    fails 'clean --missing id=mean a.arrows >/dev/null' 64 "clean: column 'id' has the role 'id', which 'clean' never changes"
    fails 'clean --missing city=mean a.arrows >/dev/null' 64 "clean: option '--missing': column 'city' is utf8, for which mean is not possible"
    fails 'clean --missing age=constant=x a.arrows >/dev/null' 64 "clean: option '--missing': column 'age' is int64, for which 'x' is not possible"
    fails 'clean --range age=9..1 a.arrows >/dev/null' 64 "clean: option '--range': column 'age': '9..1' is no range LOW..HIGH"
    fails 'clean --range city=1..9 a.arrows >/dev/null' 64 "clean: option '--range': column 'city' is utf8, for which a range is not possible"
    fails 'clean --range 1..9 a.arrows >/dev/null' 64 "clean: option '--range': '1..9' has no COLUMN= in front"
    fails 'clean --allow "age=1|x" a.arrows >/dev/null' 64 "clean: option '--allow': column 'age': 'x' is no value of its type"
    fails 'clean --outlier-factor 2 a.arrows >/dev/null' 64 "clean: --outlier-factor, --outlier-action and --outlier-columns need --outliers"
    fails 'clean --state none.json a.arrows >/dev/null' 66 "none.json"
    echo '{}' >bad.json
    fails 'clean --state bad.json a.arrows >/dev/null' 65 "clean: bad.json: it is no saved state of a stage"
}

@test "an empty table stays one" {
    echo 'a,b,label' >e.csv
    run sh -c 'clean e.csv 2>&1 >/dev/null | tail -n 1'
    [[ "$output" == "clean: 0 rows in, 0 out"* ]]
}
