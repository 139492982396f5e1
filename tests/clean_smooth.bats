# clean --smooth and --means-missing: series, their filters, and values that stand for missing ones.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# near WANTED COLUMN: the numbers of standard input and those of WANTED differ by less than 1e-9 of their size
near() {
    paste -d, - "$1" | tr -d '"' | awk -F, '{ d = $1 - $2; s = $2 < 0 ? -$2 : $2; if (($1 == "") != ($2 == "") || d > 1e-9 * s || d < -1e-9 * s) { print NR ": " $0; bad = 1 } }
        END { exit bad || NR == 0 }'
}
smoothed() { clean -q --missing keep --smooth "$@" "$GOLDEN/smooth.csv" | save -q --format csv - | tail -n +2 | cut -d, -f2; }

@test "median and exponential are those of pandas, each series by itself, over what is there" {
    GOLDEN=$BATS_TEST_DIRNAME/golden
    smoothed x=median:5 --smooth-by series | near "$GOLDEN/smooth-median-5.csv"
    smoothed x=median:4 --smooth-by series | near "$GOLDEN/smooth-median-4.csv"
    smoothed x=exponential:0.3 --smooth-by series | near "$GOLDEN/smooth-exponential.csv"
}

@test "the role group makes series, and without it all rows are one" {
    printf 'g,x\na,1\nb,100\na,3\nb,300\n' >s.csv
    by_role=$(load -q s.csv | pick -q --role g=group | clean -q --smooth x=exponential:0.5 | column /dev/stdin x | tr '\n' ' ')
    [ "$by_role" = '1 100 2 200 ' ]
    [ "$(clean -q --smooth x=exponential:0.5 s.csv | column /dev/stdin x | tr '\n' ' ')" = '1 50.5 26.75 163.375 ' ]
}

@test "smoothing comes behind the rules, and rows that they drop are no part of the series" {
    printf 'x,y\n10,1\n999,2\n,3\n20,4\n' >s.csv
    clean --range x=0..100 --bad-value drop --missing x=drop --smooth x=exponential:0.5 s.csv 2>said | column /dev/stdin x >x
    [ "$(tr '\n' ' ' <x)" = '10 15 ' ]
    tail -n 1 said | grep -qxF "clean: 4 rows in, 2 out, 2 dropped (dropped as missing 1 (1 in 'x'), dropped as out of range or not allowed 1 (1 in 'x'), smoothed 1 (1 in 'x'))"
}

@test "score smooths rows as the pipeline that trained did, whatever the batches" {
    awk 'BEGIN { print "g,x,label"; for (i = 0; i < 300; i++) print (i % 3) "," (i % 3) * 10 + (i * 7919 % 13) "," (i % 3 > 1 ? "b" : "a") }' >s.csv
    load -q --label label s.csv | pick -q --role g=group -o s.arrows
    clean -q --smooth x=median:7 s.arrows -o clean.arrows
    train -q --model logistic clean.arrows -o model
    score -q model s.arrows | pick -q prediction 'probability*' | save -q --format csv - >raw
    score -q model clean.arrows | pick -q prediction 'probability*' | save -q --format csv - >ready
    cmp raw ready
    [ "$(wc -l <raw)" = 301 ]
}

@test "time that goes backwards within a series is an error, with its row" {
    printf 'when,g,x\n2026-01-01,a,1\n2026-01-03,b,1\n2026-01-02,a,2\n2026-01-02,b,2\n' >s.csv
    load -q s.csv | pick -q --role when=time,g=group -o s.arrows
    fails 'clean --smooth x=median:3 s.arrows >/dev/null' 65 "clean: row 4: the time in 'when' goes backwards, and --smooth takes rows in their order; sort them by time first"
    pick -q --role g=feature -o one.arrows <s.arrows
    fails 'clean --smooth x=median:3 one.arrows >/dev/null' 65 "clean: row 3: the time in 'when' goes backwards, and --smooth takes rows in their order; sort them by time first"
}

@test "a row is named by its place in the input, also behind rows that are gone" {
    printf 'k,x,t\nu,9,2026-01-01\n1,1,2026-01-03\n2,2,2026-01-02\n' >s.csv
    echo '{"rules":[{"column":"x","range":[null,1],"action":"fail"}]}' >f.json
    load -q s.csv | pick -q --role t=time -o s.arrows
    fails 'clean --numbers k --bad-value drop --smooth x=median:3 s.arrows >/dev/null' 65 "clean: row 3: the time in 't' goes backwards"
    fails 'clean --numbers k --bad-value drop --rules f.json s.arrows >/dev/null' 65 "clean: row 3: 'x' breaks rule 1"
}

@test "a median between the largest numbers is no overflow" {
    printf 'x,y\n1e308,a\n-1e308,b\n1.5e308,a\n,b\n-1.5e308,a\n' >s.csv
    [ "$(clean -q s.csv | column /dev/stdin x | sed -n 4p)" = 0 ]
    [ "$(clean -q --smooth x=median:2 s.csv | column /dev/stdin x | sed -n 2,3p | tr '\n' ' ')" = '0 2.5e+307 ' ]
}

@test "values that mean missing are taken away before anything is learned" {
    printf 'p,city,label\n0,Paris,a\n10,unknown,b\n30,Rome,a\n-1,,b\n20,Paris,a\n' >m.csv
    clean --means-missing 'p=0|-1,city=unknown' m.csv 2>said | save -q --format csv - >out
    printf 'p,city,label\n20,Paris,a\n10,missing,b\n30,Rome,a\n20,missing,b\n20,Paris,a\n' | cmp - out
    grep -qF "meant missing 3 (2 in 'p', 1 in 'city')" said
    clean -q --means-missing p=0 --range p=0..100 --bad-value drop m.csv | column /dev/stdin p | tr '\n' ' ' | grep -qx '20 10 30 20 '
}

@test "what cannot be is said" {
    printf 'x,city,label\n1,a,b\n' >m.csv
    fails 'clean --smooth x=mean:3 m.csv' 64 "clean: option '--smooth': 'x=mean:3' is neither COLUMN=median:WINDOW with 2 <= WINDOW <= 1001 nor COLUMN=exponential:ALPHA with 0 < ALPHA < 1"
    fails 'clean --smooth x=median:1 m.csv' 64 "clean: option '--smooth': 'x=median:1' is neither COLUMN=median:WINDOW with 2 <= WINDOW <= 1001 nor COLUMN=exponential:ALPHA with 0 < ALPHA < 1"
    fails 'clean --smooth x=median:3,x=exponential:.5 m.csv' 64 "clean: option '--smooth': column 'x' is named twice"
    fails 'clean --smooth city=median:3 m.csv >/dev/null' 64 "clean: option '--smooth': column 'city' is utf8, and only numbers can be smoothed"
    fails 'clean --smooth z=median:3 m.csv >/dev/null' 64 "clean: option '--smooth': no column 'z' here"
    fails 'clean --label x --smooth x=median:3 m.csv >/dev/null' 64 "clean: option '--smooth': column 'x' is the label"
    fails 'clean --smooth-by city m.csv >/dev/null' 64 "clean: --smooth-by needs --smooth"
    fails 'clean --smooth x=median:3 --smooth-by town m.csv >/dev/null' 64 "clean: option '--smooth-by': no column 'town' here"
    fails 'clean --means-missing x=a m.csv >/dev/null' 64 "clean: option '--means-missing': column 'x': 'a' is no value of its type"
}
