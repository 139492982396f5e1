# clean --numbers, --units, --dates, --times: columns of text become what they hold.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cat >a.csv <<'END1'
price,weight,when,label
"1.249,00 €","1,5 kg",01.03.2026 10:20,a
"2,49 €",500 g,2. März 2026,b
"-10,00 €",,31.12.1999 23:59:59,a
many,3 lb,31.02.2026,b
,"2,5",,a
END1
}

of() { clean -q --missing keep "$@" a.csv; }
column_of() { of "$@" | save -q --format csv - | tail -n +2 | tr '\n' ';'; }

@test "numbers, units and times, and what is none is missing" {
    of --numbers price=comma,weight=comma --units 'price=€,weight=g' --times when=dmy -o out.arrows
    save -q --format csv - <out.arrows >out.csv
    printf '%s\n' price,weight,when,label 1249,1500,2026-03-01T10:20:00,a 2.49,500,2026-03-02T00:00:00,b \
        -10,,1999-12-31T23:59:59,a ,1360.77711,,b ,2.5,,a | cmp - out.csv
    [ "$(show --json out.arrows | jq -c '[.columns[].type]')" = '["float64","float64","timestamp[us]","utf8"]' ]
}

@test "the closing line counts what was made and what could not be" {
    clean --missing keep --numbers price=comma --units 'price=EUR|€' --dates when=dmy a.csv 2>&1 >/dev/null | tail -n 1 |
        grep -qxF "clean: 5 rows in, 5 out (made numbers 3 (3 in 'price'), no number, set to missing 1 (1 in 'price'), made dates 1 (1 in 'when'), no date, set to missing 3 (3 in 'when'))"
}

@test "--bad-value drop drops the row, and score gives it a reason" {
    clean --numbers price=comma --units 'price=€' --bad-value drop --missing price=mean a.csv 2>said -o out.arrows
    tail -n 1 said | grep -qF "5 rows in, 4 out, 1 dropped (made numbers 3 (3 in 'price'), no number, dropped 1 (1 in 'price')"
    awk 'BEGIN { print "size,label"; for (i = 0; i < 40; i++) printf "\"%d,5 cm\",%s\n", i, i < 20 ? "small" : "large" }' >t.csv
    clean -q --label label --numbers size=comma --units size=m --bad-value drop t.csv | train -q --model logistic -o model
    printf 'size\n"1,5 cm"\n39 cm\n12 kg\nnone\n' >n.csv
    score -q model n.csv | pick -q prediction reason | save -q --format csv - >scored
    printf "%s\n" prediction,reason small, large, ",'size' is no number" ",'size' is no number" | cmp - scored
}

@test "counts of seconds and days become times, from text and from numbers" {
    printf 'u,m,e\n1772360430,1772360430250,46082.5\n' >c.csv
    clean -q --times u=unix,m=unix-ms,e=excel c.csv | save -q --format csv - | tail -n 1 |
        grep -qx '2026-03-01T10:20:30,2026-03-01T10:20:30.250000,2026-03-01T12:00:00'
}

@test "columns that are numbers or dates already stay" {
    printf 'n,d\n5,2026-03-01\n' >c.csv
    [ "$(clean -q --numbers n=comma --dates d=mdy c.csv | show --json | jq -c '[.columns[].type]')" = '["int64","date32"]' ]
}

@test "a date whose order is not told is none" {
    printf 'd\n03/04/2026\n13/04/2026\n' >c.csv
    [ "$(clean -q --missing keep --dates d c.csv | column /dev/stdin d | tr '\n' ',')" = ' , ,' ]
    [ "$(clean -q --missing keep --dates d=dmy c.csv | column /dev/stdin d | tr '\n' ',')" = '2026-04-03,2026-04-13,' ]
    [ "$(clean -q --missing keep --dates d=mdy c.csv | column /dev/stdin d | tr '\n' ',')" = '2026-03-04, ,' ]
}

@test "conversion comes before ranges and what means missing" {
    [ "$(column_of --numbers price=comma --units 'price=€' --range price=0..100 --dates when=dmy --units weight=kg | cut -d';' -f2)" = '2.49,0.5,2026-03-02,b' ]
    printf 'p\n0 mmHg\n120 mmHg\n80 mmHg\n' >p.csv
    [ "$(clean -q --units p=mmHg --means-missing p=0 p.csv | column /dev/stdin p | tr '\n' ' ')" = '100 120 80 ' ]
}

@test "dates of eight digits, midnights and dates become what is asked for" {
    printf 'n,d,t,u,label\n20260301,2026-03-01,2026-03-01 00:00:00,2026-03-01T00:00:00Z,1\n20260230,2026-03-02,2026-03-02 00:00:01,2026-03-02T00:00:00Z,2\n,,,,3\n' >c.csv
    clean --missing keep --dates n=dmy,t,u --times d c.csv 2>said | save -q --format csv - >out.csv
    printf '%s\n' n,d,t,u,label 2026-03-01,2026-03-01T00:00:00,2026-03-01,2026-03-01,1 \
        ,2026-03-02T00:00:00,,2026-03-02,2 ,,,,3 | cmp - out.csv
    tail -n 1 said | grep -qF "(made dates 4 (1 in 'n', 1 in 't', 2 in 'u'), no date, set to missing 2 (1 in 'n', 1 in 't'), made times 2 (2 in 'd'))"
    printf 'n\n20260301\n1e300\n20260302.5\n' >f.csv
    [ "$(clean -q --missing keep --dates n f.csv | column /dev/stdin n | tr '\n' ,)" = '2026-03-01, , ,' ]
}

@test "a number that is none is missing, and no bad time" {
    printf 'u,label\nnan,1\ninf,2\n0,3\n1.5,4\n' >c.csv
    clean --missing keep --times u=unix --bad-value drop c.csv 2>&1 >/dev/null | tail -n 1 |
        grep -qxF "clean: 4 rows in, 4 out (made times 2 (2 in 'u'))"
}

@test "points that load took for decimal signs are not read as commas in silence" {
    printf 'p;label\n1.234;1\n12;2\n' >c.csv
    fails 'clean --numbers p=comma c.csv >/dev/null' 64 "clean: column 'p' is float64: its points were read as decimal signs, and 'comma' says that they are none; have it read as text (load --types p=utf8)"
    [ "$(load -q --types p=utf8 c.csv | clean -q --numbers p=comma | column /dev/stdin p | tr '\n' ' ')" = '1234 12 ' ]
    [ "$(clean -q --numbers p c.csv | column /dev/stdin p | tr '\n' ' ')" = '1.234 12 ' ]
}

@test "what cannot be is said" {
    fails 'clean --numbers priec a.csv >/dev/null' 64 "clean: no column 'priec' here; did you mean 'price'?"
    fails 'clean --units price a.csv >/dev/null' 64 "clean: option '--units': 'price' is not COLUMN=UNIT"
    fails 'clean --units "price=€|" a.csv >/dev/null' 64 "clean: option '--units': a unit has no name"
    fails 'clean --numbers price --dates price a.csv >/dev/null' 64 "clean: column 'price' cannot become two things: --numbers, --units, --dates and --times name it once"
    fails 'load -q --id price a.csv | clean --numbers price >/dev/null' 64 "clean: column 'price' has the role 'id', which 'clean' never changes"
    fails 'clean --numbers price=Komma a.csv >/dev/null' 64 "clean: option '--numbers': 'Komma' is none of point, comma"
    fails 'clean --dates when=DMY a.csv >/dev/null' 64 "clean: option '--dates': 'DMY' is none of ymd, dmy, mdy, unix, unix-ms, excel"
    fails 'clean --times when=iso a.csv >/dev/null' 64 "clean: option '--times': 'iso' is none of ymd, dmy, mdy, unix, unix-ms, excel"
    printf 'b\ntrue\nfalse\n' >b.csv
    fails 'clean --dates b b.csv >/dev/null' 64 "clean: column 'b' is bool, of which no date can be made"
}
