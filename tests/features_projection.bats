# features of rows of numbers: principal components, random projection, polynomials, bins.
load helper

golden=$BATS_TEST_DIRNAME/golden

csv() { save -q --format csv -; }
# plain STREAM COLUMN...: the columns' numbers, without names, quotes and brackets, lists spread out
plain() { pick -q "${@:2}" <"$1" | csv | tail -n +2 | tr -d '"[]'; }
# near A B TOLERANCE: the same rows, numbers within the tolerance (of their size where it is above 1), missing ones alike
near() {
    paste -d, "$1" "$2" | awk -F, -v tolerance="$3" '
        NF % 2 { print "line " NR ": " $0; bad = 1 }
        { for (i = 1; i <= NF / 2; i++) {
            a = $i; b = $(i + NF / 2); size = b < 0 ? -b : b; size = size > 1 ? size : 1
            if ((a == "") != (b == "") || !((a - b) <= tolerance * size && (b - a) <= tolerance * size)) {
                print "line " NR ": " a " and " b; bad = 1 }
        } compared++ }
        END { exit bad || compared < 2 }'
    [ "$(wc -l <"$1")" = "$(wc -l <"$2")" ]
}
row() { tr '\n' ' ' | sed 's/ $//'; }

@test "components are scikit-learn's, signs too" {
    features -q --method pca --components 3 "$golden/features-rows.csv" -o p.arrows
    plain p.arrows pca >p.csv
    tail -n +2 "$golden/features-pca.csv" >wanted
    near p.csv wanted 2e-5
    features -q --method pca --components 3 --whiten --into p "$golden/features-rows.csv" -o w.arrows
    plain w.arrows p >w.csv
    tail -n +2 "$golden/features-pca-whiten.csv" >wanted
    near w.csv wanted 2e-5
    is "$(pick -q --rows 1 <p.arrows | csv | head -n 1)" 'kind,pca'
    is "$(pick -q --rows 1 <w.arrows | csv | head -n 1)" 'a,b,c,d,kind,p'
}

@test "polynomials and bins are scikit-learn's" {
    tail -n +2 "$golden/features-polynomial.csv" >wanted
    features -q --method polynomial --degree 3 -c a,b,c "$golden/features-rows.csv" -o p.arrows
    plain p.arrows 'a^2' 'a*b' 'a*c' 'b^2' 'b*c' 'c^2' 'a^3' 'a^2*b' 'a^2*c' 'a*b^2' 'a*b*c' 'a*c^2' 'b^3' 'b^2*c' 'b*c^2' 'c^3' >p.csv
    near p.csv wanted 1e-6
    is "$(pick -q --rows 1 <p.arrows | csv | head -n 1)" "$(head -n 1 "$golden/features-rows.csv"),a^2,a*b,a*c,b^2,b*c,c^2,a^3,a^2*b,a^2*c,a*b^2,a*b*c,a*c^2,b^3,b^2*c,b*c^2,c^3"
    tail -n +2 "$golden/features-interactions.csv" >wanted
    features -q --method polynomial --degree 3 --interactions-only -c a,b,c "$golden/features-rows.csv" -o p.arrows
    plain p.arrows 'a*b' 'a*c' 'b*c' 'a*b*c' >p.csv
    near p.csv wanted 1e-6
    features -q --method bins --bins 7 "$golden/features-rows.csv" | pick -q a b c d | csv | cmp - "$golden/features-bins.csv"
    features -q --method bins --bins 7 --equal-width "$golden/features-rows.csv" | pick -q a b c d | csv |
        cmp - "$golden/features-bins-width.csv"
}

@test "bins by given edges, as places, and of columns with few values" {
    printf 'a,b\n1,5\n2,5\n,5\n3,5\n-inf,5\n9,5\n' >b.csv
    is "$(features -q --method bins --edges 2,3 -c a b.csv | csv | row)" 'a,b 0,5 1,5 ,5 2,5 0,5 2,5'
    is "$(features -q --method bins --edges 2,3 -c a --one-hot --into k b.csv | pick -q k | csv | row)" \
        'k "[1,0,0]" "[0,1,0]"   "[0,0,1]" "[1,0,0]" "[0,0,1]"'
    run --separate-stderr features --method bins --bins 4 b.csv -o o.arrows
    # shellcheck disable=SC2154 # bats sets it
    [[ "$stderr" == *"features: 6 rows in, 6 out (2 columns to 4 bins, 1 of them to fewer, as they have fewer values)"* ]]
    is "$(pick -q b <o.arrows | csv | row)" 'b 0 0 0 0 0 0'
    is "$(show --json o.arrows | python3 -c 'import json,sys; print(json.load(sys.stdin)["columns"][1]["categories"])')" "{'edges': []}"
    # constants of which a share and the rest are more than the whole
    printf '%s\n' a,b,c 8.47433736937,7.6377461897661405,0.1 8.47433736937,7.6377461897661405,0.1 >c.csv
    features -q --method bins --equal-width c.csv -o o.arrows
    is "$(show --json o.arrows | python3 -c 'import json,sys; print([c["categories"]["edges"] for c in json.load(sys.stdin)["columns"]])')" '[[], [], []]'
}

@test "a projection keeps lengths, needs no second look at its input, and takes sparse columns" {
    features -q --method projection --components 200 --seed 1 "$golden/features-rows.csv" -o p.arrows
    paste -d, <(tail -n +2 "$golden/features-rows.csv" | cut -d, -f1-4) <(plain p.arrows projection) | awk -F, '
        { before = after = 0
          for (i = 1; i <= 4; i++) before += $i * $i
          for (i = 5; i <= NF; i++) after += $i * $i
          sum += after / before } END { if (!(sum / NR > 0.8 && sum / NR < 1.2)) { print sum / NR; exit 1 } }'
    for distribution in gaussian achlioptas sparse; do
        features -q --method projection --components 5 --distribution $distribution "$golden/features-rows.csv" -o $distribution
        features -q --method projection --components 5 --distribution $distribution <(cat "$golden/features-rows.csv") |
            cmp - $distribution
    done
    never cmp -s gaussian achlioptas
    never cmp -s sparse achlioptas
    printf 'text,n\none two,1\n...,2\n,3\ntwo two,4\n' >t.csv
    features -q --method counts --column text t.csv | features -q --method projection --components 2 -c text -o t.arrows
    is "$(plain t.arrows projection | sed -n 2,3p | tr '\n' ';')" '0,0; ;'
    plain t.arrows projection | awk -F, 'NR == 1 { a = $1 } NR == 4 { exit !($1 != 0 && $1 != a) }'
}

@test "the numbers of a projection have the shares and the sizes of their distribution" {
    # each row has a single 1, so that what comes out is the matrix itself
    awk 'BEGIN { for (i = 0; i < 100; i++) printf "%sc%d", (i ? "," : ""), i; print ""
        for (r = 0; r < 100; r++) { for (i = 0; i < 100; i++) printf "%s%d", (i ? "," : ""), r == i; print "" } }' >unit.csv
    # of 5,000 numbers: the mean of a row's sum of squares, the share of zeros, the greatest size
    numbers() { plain r.arrows projection | awk -F, '{ for (i = 1; i <= NF; i++) { n++; s += $i; q += $i * $i; z += $i == 0; a = $i < 0 ? -$i : $i; m = a > m ? a : m } }
        END { if (n != 5000 || s / n > 0.01 || s / n < -0.01) { print n, s / n; exit 1 } printf "%.9f %.9f %.6f\n", q / NR, z / n, m }'; }
    features -q --method projection --components 50 unit.csv -o r.arrows
    numbers | awk '{ exit !($1 > 0.9 && $1 < 1.1 && $2 == 0 && $3 > 0.4) }'
    features -q --method projection --components 50 --distribution achlioptas unit.csv -o r.arrows
    numbers | awk '{ print; exit !($1 > 0.9 && $1 < 1.1 && $2 > 0.64 && $2 < 0.69 && $3 == 0.244949) }' # sqrt(3 / 50)
    features -q --method projection --components 50 --distribution sparse unit.csv -o r.arrows
    numbers | awk '{ print; exit !($1 > 0.8 && $1 < 1.2 && $2 > 0.88 && $2 < 0.92 && $3 == 0.447214) }' # sqrt(10 / 50)
}

@test "rows with a missing value become missing, and are told" {
    printf 'a,b,kind\n1,2,x\n3,,x\n5,1,x\nnan,1,y\n2,2,y\n' >m.csv
    run --separate-stderr features --method pca --components 1 m.csv -o m.arrows
    [[ "$stderr" == *"features: 5 rows in, 5 out (2 columns of 2 numbers a row, 2 rows with a missing value, 1 component with "*" % of their variance)"* ]]
    is "$(pick -q pca <m.arrows | csv | tr -d '"0-9.-' | tr '\n' ';')" 'pca;[]; ;[]; ;[];'
    is "$(features -q --method polynomial m.csv | pick -q 'a*b' | csv | row)" 'a*b 2   5   4'
    # what learning did not see of these rows makes no difference
    printf 'a,b,kind\n1,2,x\n5,1,x\n2,2,y\n' >n.csv
    features -q --method pca --components 1 m.csv | pick -q pca | csv | awk 'NR == 1 || NF' | grep . >a
    features -q --method pca --components 1 n.csv | pick -q pca | csv >b
    cmp a b
}

@test "the same bytes for a pipe and any threads, from a state and in score" {
    for how in 'pca --components 3' 'pca --whiten' 'projection --components 7' 'polynomial' 'bins --bins 5' 'bins --one-hot'; do
        # shellcheck disable=SC2086 # several words
        set -- features -q --method $how
        "$@" "$golden/features-rows.csv" --save-state s.json -o a.arrows
        "$@" <"$golden/features-rows.csv" | cmp - a.arrows
        taskset -c 0 "$@" "$golden/features-rows.csv" | cmp - a.arrows
        features -q --state s.json "$golden/features-rows.csv" | cmp - a.arrows
        features -q --state s.json --label kind "$golden/features-rows.csv" | clean -q --missing drop | train -q --seed 1 -o m.model
        score -q m.model <"$golden/features-rows.csv" | pick -q prediction | csv >all
        { head -n 1 "$golden/features-rows.csv"; sed -n 18p "$golden/features-rows.csv"; } | score -q m.model |
            pick -q prediction | csv | tail -n 1 >one
        sed -n 18p all | cmp - one
    done
}

@test "states of parts merge to that of the whole" {
    head -n 101 "$golden/features-rows.csv" >p.csv
    { head -n 1 p.csv; tail -n +102 "$golden/features-rows.csv"; } >q.csv
    for how in 'pca --components 2' 'projection --components 7' 'polynomial' 'bins --bins 5' 'bins --equal-width'; do
        # shellcheck disable=SC2086 # several words
        set -- features -q --method $how
        for part in p q; do "$@" $part.csv --save-state $part.json >/dev/null; done
        features --merge p.json q.json --save-state both.json
        "$@" "$golden/features-rows.csv" | csv | tail -n +2 | sed 's/,[xyz]//' | tr -d '"[]' >a
        features -q --state both.json "$golden/features-rows.csv" | csv | tail -n +2 | sed 's/,[xyz]//' | tr -d '"[]' | sed 's/^[xyz],//' >b
        sed -i 's/^[xyz],//' a
        near a b 1e-4
    done
    features -q --method pca --components 3 p.csv --save-state other.json >/dev/null
    features -q --method pca --components 2 q.csv --save-state q.json >/dev/null
    fails 'features --merge other.json q.json --save-state x.json' 65 'features: q.json: the states were learned with different options'
}

@test "options and columns that cannot be" {
    printf 'a,b,t\n1,2,x\n3,4,y\n' >c.csv
    fails 'features --method pca --components 3 c.csv >/dev/null' 64 'features: --components 3: the columns make 2 numbers a row, and no more components'
    fails 'features --method pca -c t c.csv >/dev/null' 64 "features: column 't' is utf8, which 'features' cannot take"
    fails 'features --method pca --degree 3 c.csv >/dev/null' 64 "features: 'features --method pca' has no option 'degree'"
    fails 'features --method projection --distribution normal c.csv >/dev/null' 64 "features: option '--distribution' takes one of gaussian, achlioptas, sparse, not 'normal'"
    fails 'features --method polynomial -c a --interactions-only c.csv >/dev/null' 64 'features: --interactions-only makes nothing of one column: it takes two or more'
    fails 'features --method polynomial --degree 17 c.csv >/dev/null' 64 "features: option '--degree'"
    fails 'features --method bins --edges 3,2 c.csv >/dev/null' 64 "features: option '--edges' takes numbers that ascend, and '2' does not"
    fails 'features --method bins --edges 3,inf c.csv >/dev/null' 64 "features: option '--edges' takes finite numbers, not 'inf'"
    fails 'features --method bins --edges 3 --bins 2 c.csv >/dev/null' 64 'features: --edges says where the bins are: --bins and --equal-width cannot stand beside it'
    fails 'features --method bins --into k c.csv >/dev/null' 64 'features: --into names one new column, and 2 become bins: choose one with --column'
    fails 'features --method pca --into t c.csv >/dev/null' 64 "features: a column 't' is there already"
    { seq -s, 400 | sed 's/[0-9]*/c&/g'; seq -s, 400; } >wide.csv
    fails 'features --method polynomial wide.csv >/dev/null' 64 'features: 400 columns to degree 2 make 80200 new ones, and 10000 are the most: choose fewer with --column, or take --interactions-only'
    printf 't\nx\n' >text.csv
    for method in pca projection polynomial bins; do
        fails "features --method $method text.csv >/dev/null" 65 'features: no column of numbers here to make features of'
    done
    printf 'a,b\n,2\n1,\n' >m.csv
    fails 'features --method pca m.csv >/dev/null' 65 'features: no row without a missing value to learn components from'
    printf 'a,b\n1,2\n3,inf\n' >i.csv
    fails 'features --method pca i.csv >/dev/null' 65 "features: column 'b', row 2: a number that is infinite or out of float32's range; clean, put in front, takes infinite ones as missing"
    fails 'features --method projection i.csv >/dev/null' 65 "features: column 'b', row 2: a number that is infinite"
    printf 'a,b\n1,2\n1e30,1e30\n' >l.csv
    fails 'features --method polynomial l.csv >/dev/null' 65 "features: column 'a^2', row 2: a number that is infinite or out of float32's range; normalize, put in front, scales numbers"
    printf 'a,b\n1,2\ninf,0\n' >i.csv
    fails 'features --method polynomial --interactions-only i.csv >/dev/null' 65 "features: column 'a*b', row 2: a number that is infinite"
}

@test "a constant column and rows that are all the same have no variance, and nothing is NaN" {
    printf 'a,b\n' >s.csv
    for i in 1 2 3 4; do echo "$i,7" >>s.csv; done
    is "$(features -q --method pca --whiten s.csv | csv | tr -d '"[]' | awk -F, 'NR > 1 { print ($1 != 0) " " $2 }' | row)" '1 0 1 0 1 0 1 0'
    # two columns that say the same: the third component has no variance, and is no rounding blown up to 1
    awk 'BEGIN { print "a,b,c"; for (i = 0; i < 300; i++) print i * 7919 % 101 / 7 "," i * 7919 % 101 / 7 * 3 "," i * 31 % 53 }' >s.csv
    features -q --method pca --components 3 --whiten s.csv -o o.arrows
    plain o.arrows pca | awk -F, '{ bad += $1 == 0 || $2 == 0 || $3 != 0 } END { exit bad > 6 || NR != 300 }'
    printf 'a,b\n3,7\n3,7\n' >s.csv
    run --separate-stderr features --method pca s.csv -o o.arrows
    [[ "$stderr" == *"2 components; all rows are equal, or nearly)"* ]]
    is "$(csv <o.arrows | row)" 'pca "[0,0]" "[0,0]"'
    printf 'a,b\n3,7\n' >s.csv
    is "$(features -q --method pca s.csv | csv | row)" 'pca "[0,0]"'
}

@test "rows far from 0 have the components that they have near it, also when the first of them is missing" {
    awk 'BEGIN { print "a,b"; for (i = 0; i < 500; i++) print i * 7919 % 101 / 8 "," (i * 7919 % 101 + i * 31 % 53) / 8 }' >near.csv
    awk -F, 'NR == 1 { print; print ",5" } NR > 1 { printf "%.3f,%.3f\n", $1 + 1e9, $2 - 1e9 }' near.csv >far.csv
    features -q --method pca near.csv -o n.arrows
    features -q --method pca far.csv -o f.arrows
    plain n.arrows pca >a
    plain f.arrows pca | tail -n +2 >b
    near a b 1e-5
}

@test "numbers whose squares no float32 has are said, in the first run of rows and behind it" {
    for at in 1 300; do
        seq 400 | awk -v at=$at 'BEGIN { print "a,b,c" } { print (NR >= at ? 1e20 * (NR % 7) : NR % 7) "," NR % 5 ",1" }' >large.csv
        fails 'features --method pca large.csv >/dev/null' 65 "features: the numbers are too large: their products are out of float32's range; normalize, put in front, scales them"
    done
    is "$(normalize -q large.csv | features -q --method pca | csv | wc -l)" 401
    printf 'a,b\n3e38,3e38\n-3e38,3e38\n1,2\n' >far.csv
    fails 'features --method projection --components 3 far.csv >/dev/null' 65 "features: the numbers are too large: what becomes of them is out of float32's range; normalize, put in front, scales them"
    # in score it is the row's own matter
    seq 40 | awk 'BEGIN { print "a,b,y" } { print NR % 7 + 0.5 "," NR % 5 + 0.5 "," (NR % 7 > 3 ? "u" : "v") }' >s.csv
    load -q --label y s.csv | features -q --method projection --components 3 | train -q --model logistic -o m.model
    is "$(printf 'a,b\n1,2\n3e38,3e38\n1,2\n' | score -q m.model | pick -q prediction reason | csv | row)" \
        "prediction,reason v, ,what becomes of its numbers is out of float32's range v,"
}

@test "states that were tampered with are refused" {
    features -q --method pca --components 2 "$golden/features-rows.csv" --save-state s.json >/dev/null
    sed 's/"components":"2"/"components":"9"/' s.json >t.json
    fails 'features --state t.json x' 65 'its columns make fewer numbers a row than there are components'
    sed 's/"variances":\[[^]]*\]/"variances":[1]/' s.json >t.json
    fails 'features --state t.json x' 65 "its 'variances' are not those of 2 components"
    sed 's/"blobs":\["....../"blobs":["AADAfw/' s.json >t.json
    fails 'features --state t.json x' 65 "its '"
    features -q --method bins --bins 3 -c a "$golden/features-rows.csv" --save-state s.json >/dev/null
    sed 's/"edges":\[[^]]*\]/"edges":[2,1]/' s.json >t.json
    fails 'features --state t.json x' 65 "its 'edges' do not ascend"
    for how in '--bins 3' --equal-width; do
        # shellcheck disable=SC2086 # several words
        features -q --method bins $how -c a "$golden/features-rows.csv" --save-state s.json >/dev/null
        python3 -c 'import json; s = json.load(open("s.json")); del s["step"]["state"]["merge"]; json.dump(s, open("t.json", "w"))'
        features -q --state t.json "$golden/features-rows.csv" >/dev/null
        fails 'features --merge s.json t.json --save-state u.json' 65 'features: t.json: a state without its part for merging cannot be merged'
    done
}

@test "nothing but what is named is left when the input breaks off" {
    command load -q "$golden/features-rows.csv" -o g.arrows
    head -c 6000 g.arrows >cut.arrows
    for method in pca projection polynomial bins; do
        fails "features --method $method -o out.arrows --save-state s.json cut.arrows" 65 'features: '
        [ ! -e out.arrows ] && [ ! -e s.json ]
    done
}

@test "memory does not grow with the rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    for rows in 200000 600000; do
        seq $rows | awk 'BEGIN { print "a,b,c,d" } { print $1 * 7919 % 5000 "," $1 % 50 "," $1 % 9 / 2 "," $1 * $1 % 77 }' |
            load -q - -o many.arrows
        for method in pca projection polynomial bins; do
            peak features -q --method $method many.arrows >"peak.$method.$rows"
        done
    done
    for method in pca projection polynomial bins; do
        # 16 bytes a row more would be 6 MiB and what they wait in
        [ "$(cat peak.$method.600000)" -le "$(($(cat peak.$method.200000) + 6000))" ] || {
            echo "$method: $(cat peak.$method.200000) $(cat peak.$method.600000)"
            false
        }
    done
    # much of each row, from the first one on
    seq 10000 | awk 'BEGIN { print "a,b,c,d" } { print $1 % 3 "," $1 % 5 "," $1 % 7 "," $1 % 11 }' >few.csv
    [ "$(peak features -q --method projection --components 8000 few.csv)" -le 140000 ]
    [ "$(peak features -q --method polynomial --degree 12 few.csv)" -le 140000 ]
}
