# normalize: numbers on a common scale.
load helper

golden=$BATS_TEST_DIRNAME/golden

csv() { save -q --format csv -; }
values() { pick -q "$2" <"$1" | csv | tail -n +2; }
# near A.csv B.csv: the same lines, numbers within 1e-6 (of their size where it is above 1), missing ones alike
near() {
    paste -d, "$1" "$2" | awk -F, '
        NR == 1 { next }
        { for (i = 1; i <= NF / 2; i++) {
            a = $i; b = $(i + NF / 2); size = b < 0 ? -b : b; size = size > 1 ? size : 1
            if ((a == "") != (b == "") || !((a - b) <= 1e-6 * size && (b - a) <= 1e-6 * size)) {
                print "line " NR ": " a " and " b; bad = 1 }
        } compared++ }
        END { exit bad || compared < 2 }'
    [ "$(wc -l <"$1")" = "$(wc -l <"$2")" ]
}

@test "every method gives scikit-learn's numbers" {
    for method in zscore minmax robust maxabs unit; do
        normalize -q --method $method "$golden/normalize.csv" | csv >out.csv
        near out.csv "$golden/normalize-$method.csv"
    done
    # the default is zscore
    normalize -q "$golden/normalize.csv" | csv >out.csv
    near out.csv "$golden/normalize-zscore.csv"
}

@test "mean 0 and deviation 1 behind zscore, of the population" {
    { echo x; seq 1 1000 | awk '{ print $1 * $1 }'; } >s.csv
    normalize -q s.csv -o s.arrows
    values s.arrows x | awk '{ s += $1; q += $1 * $1 } END { m = s / NR; v = q / NR - m * m; exit !(m < 1e-7 && m > -1e-7 && v > 1 - 1e-6 && v < 1 + 1e-6) }'
}

@test "what is no feature of numbers is left as it is" {
    printf 'id,w,x,flag,text,day,y\n7,2,1,true,a,2001-01-01,5\n8,4,3,false,b,2001-01-02,9\n' >r.csv
    normalize -q --weight w --label y r.csv | csv >out.csv
    printf 'id,w,x,flag,text,day,y\n7,2,-1,true,a,2001-01-01,5\n8,4,1,false,b,2001-01-02,9\n' | cmp - out.csv
    fails 'normalize --columns id r.csv >/dev/null' 64 "normalize: column 'id' has the role 'id', which 'normalize' never changes"
    fails 'normalize --columns text r.csv >/dev/null' 64 "normalize: column 'text' is utf8, which 'normalize' cannot take"
    fails 'normalize --columns xx r.csv >/dev/null' 64 "normalize: no column 'xx' here; did you mean 'x'?"
}

@test "only the columns that are named; a fixed scale" {
    printf 'a,b\n1,10\n2,20\n' >c.csv
    [ "$(normalize -q --columns b --method scale=10 c.csv | csv | tr '\n' ' ')" = 'a,b 1,1 2,2 ' ]
    [ "$(normalize -q -c b -m minmax c.csv | csv | tr '\n' ' ')" = 'a,b 1,0 2,1 ' ]
}

@test "constant columns become 0, also for values that come later" {
    printf 'a,b\n5,1\n5,2\n' >k.csv
    for method in zscore minmax robust; do
        [ "$(normalize -q --method $method --save-state k.json k.csv | csv | cut -d, -f1 | tr '\n' ' ')" = 'a 0 0 ' ]
        printf 'a,b\n77,1\n' >l.csv
        [ "$(normalize -q --state k.json l.csv | csv | cut -d, -f1 | tr '\n' ' ')" = 'a 0 ' ]
    done
    # half of the values are equal: the quartiles are too, but the column is not constant
    printf 'a\n5\n5\n5\n5\n9\n' >q.csv
    [ "$(normalize -q --method robust q.csv | csv | tr '\n' ' ')" = 'a 0 0 0 0 4 ' ]
}

@test "missing stays missing, NaN becomes it, and neither moves the mean" {
    printf 'x,y\n1,a\n,b\n3,c\nnan,d\n' >n.csv
    run --separate-stderr normalize n.csv -o n.arrows
    # shellcheck disable=SC2154 # bats sets it
    [[ "$stderr" == *"normalize: 4 rows in, 4 out (1 column, 1 NaN became missing)"* ]]
    [ "$(csv <n.arrows | tr '\n' ' ')" = 'x,y -1,a ,b 1,c ,d ' ]
    printf 'x,z\n3,4\n,5\n0,0\n' >u.csv
    [ "$(normalize -q --method unit u.csv | csv | tr '\n' ' ')" = 'x,z 0.6,0.8 ,1 0,0 ' ]
}

@test "an infinite number is an error that names column and row" {
    printf 'x,y\n1,a\ninf,b\n' >i.csv
    fails 'normalize i.csv >/dev/null' 65 "normalize: column 'x', row 2: an infinite number; clean, put in front, takes it as missing"
    printf 'x,y\n1,a\n1e300,b\n' >i.csv
    fails 'normalize --method scale=1 i.csv >/dev/null' 65 "normalize: column 'x', row 2: a number that is infinite or out of float32's range"
    printf 'x\n1\n3e38\n' >large.csv
    fails 'normalize --method scale=-0.5 large.csv >/dev/null' 65 "normalize: column 'x', row 2: a number that is infinite or out of float32's range"
    # whether a number is too large is not for the other rows of its batch to say
    printf 'x,y\n1e39,0\n1,0\n' >one.csv
    printf 'x,y\n1e39,0\nNaN,0\n' >two.csv
    is "$(normalize -q --method unit one.csv | csv | sed -n 2p)" 1,0
    is "$(normalize -q --method unit two.csv | csv | sed -n 2p)" 1,0
}

@test "images: 1/255 by default, one mean for the whole column with zscore" {
    # two images of 2 x 2 as IDX
    printf '\0\0\010\003\0\0\0\002\0\0\0\002\0\0\0\002\0\063\146\231\0\0\377\377' >img
    command load -q img -o img.arrows
    [ "$(normalize -q img.arrows | csv | tail -n +2 | tr -d '[]" \n')" = 0,0.2,0.4,0.60,0,1,1 ]
    normalize -q --method zscore img.arrows --save-state z.json >/dev/null
    grep -q '"center":102.0,"deviation":102.0' z.json
    [ "$(normalize -q --method unit img.arrows | csv | tail -n 1 | tr -d '[]"')" = 0,0,0.70710677,0.70710677 ]
}

@test "a state is used on other rows; states of parts merge to that of the whole" {
    command load -q "$golden/normalize.csv" -o g.arrows
    head -n 101 "$golden/normalize.csv" >p.csv
    { head -n 1 p.csv; tail -n +102 "$golden/normalize.csv"; } >q.csv
    for method in zscore minmax robust maxabs unit scale=3; do
        for part in p q; do
            command load -q --like g.arrows $part.csv | normalize -q --method $method --save-state $part.json >/dev/null
        done
        normalize --merge p.json q.json --save-state both.json
        normalize -q --method $method g.arrows | csv >whole.csv
        normalize -q --state both.json g.arrows | csv >both.csv
        near both.csv whole.csv
    done
    fails 'normalize --state both.json --method unit g.arrows >/dev/null' 64 "normalize: --method cannot stand beside --state: the state holds the options it was learned with"
    # what is a number in each part alone, and not in all
    echo 1.7e308 | sed '1i x' | normalize -q --method minmax --save-state p.json >/dev/null
    echo -1.7e308 | sed '1i x' | normalize -q --method minmax --save-state q.json >/dev/null
    fails 'normalize --merge p.json q.json --save-state sum.json >/dev/null' 65 "normalize: q.json: column 'x': its numbers are too large to be summed up"
    [ -z "$(normalize --merge p.json q.json --save-state sum.json 2>/dev/null || true)" ]
    never [ -e sum.json ]
    printf 'x\n1e308\n1.5e308\n' >h.csv
    fails 'normalize -q --method minmax h.csv --save-state h.json >/dev/null' 65 "normalize: column 'x': the numbers are too large to be summed up"
    pick -q far tail <g.arrows >less.arrows
    normalize -q --save-state w.json g.arrows >/dev/null
    fails 'normalize --state w.json less.arrows >/dev/null' 65 "normalize: no columns 'normal', 'whole' here, which 'normalize' learned from"
}

@test "the same bytes however the input is batched" {
    command load -q "$golden/normalize.csv" -o one.arrows
    pick -q --rows 100 <one.arrows >a.arrows
    normalize -q one.arrows --save-state s1.json >/dev/null
    head -n 51 "$golden/normalize.csv" | command load -q --like one.arrows -o a.arrows
    { head -n 1 "$golden/normalize.csv"; tail -n +52 "$golden/normalize.csv"; } | command load -q --like one.arrows -o b.arrows
    normalize -q a.arrows b.arrows --save-state s2.json >/dev/null
    cmp s1.json s2.json
}

@test "options that cannot be" {
    fails 'normalize --method foo x' 64 "normalize: option '--method' takes zscore, minmax, robust, maxabs, unit or scale=NUMBER (not 0), not 'foo'"
    fails 'normalize --method scale=0 x' 64 "not 'scale=0'"
    fails 'normalize --merge' 64 "normalize: --merge takes the files of states as operands, and --save-state FILE"
    echo 1 | sed '1i x' >x.csv
    fails 'normalize --save-state o -o o x.csv' 64 "normalize: --save-state and --output name one file, 'o'"
    fails 'normalize --save-state - x.csv >/dev/null' 64 'normalize: --save-state takes a file: standard output carries the stream'
    never [ -e o -o -e - ]
}

@test "nothing but what is named is left when the input breaks off" {
    command load -q "$golden/normalize.csv" -o g.arrows
    head -c 2000 g.arrows >cut.arrows
    fails 'normalize -o out.arrows --save-state s.json cut.arrows' 65 'normalize: '
    [ ! -e out.arrows ] && [ ! -e s.json ]
}
