# features --method row and window: statistics of a row's numbers, and of what a series had up to a row.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    GOLDEN=$BATS_TEST_DIRNAME/golden
}

# near WANTED: the table of standard input has the header of WANTED, and its numbers to 1e-9 of their size
near() {
    awk -F, -v wanted="$1" '
        { if ((getline line < wanted) < 1) { print NR ": a row too many"; bad = 1; exit }
          n = split(line, w, ","); if (n != NF) { print NR ": " NF " columns, wanted " n; bad = 1 } }
        NR == 1 && $0 != line { print $0 "\nwanted: " line; bad = 1 }
        NR > 1 { for (i = 1; i <= NF; i++) {
            d = $i - w[i]; s = w[i] < 0 ? -w[i] : w[i]; s = s < 1e-3 ? 1e-3 : s
            if (($i == "") != (w[i] == "") || d > 1e-9 * s || d < -1e-9 * s) { print NR ", " i ": " $i ", wanted " w[i]; bad = 1 }
        } }
        END { if (NR < 2 || (getline line < wanted) > 0) { print "rows are missing"; bad = 1 } exit bad }'
}
# made FILE COLUMN... -- OPTION...: the columns that features makes, as CSV
made() {
    local file=$1 columns=()
    shift
    while [ "$1" != -- ]; do columns+=("$1"); shift; done
    shift
    features -q -m window "$@" "$file" | pick -q "${columns[@]}" | save -q --format csv -
}
series() { made "$GOLDEN/windows.csv" "$@" --by g --time t; }
# the new columns of x, a row's values by commas, rows by blanks
cells() { features -q -m window "$@" | pick -q 'x_*' | save -q --format csv - | tail -n +2 | tr -d ' ' | tr '\n' ' '; }

@test "rows: pandas, each series by itself, over what is there" {
    series 'x_*' -- --column x --window 6 --statistics count,mean,sum,deviation,minimum,maximum,median,q0.9,q0,lag2,diff3 |
        near "$GOLDEN/windows-rows.csv"
    series 'v_*' -- --column v --window 9 --min-rows 4 --ddof 1 --statistics deviation,skewness,kurtosis |
        near "$GOLDEN/windows-sample.csv"
}

@test "spans of time, tumbling ones, and without the row itself: SciPy on each window" {
    all=count,missing,mean,deviation,skewness,kurtosis,range,median,slope
    series 'x_*' -- --column x --window 2h --statistics $all | near "$GOLDEN/windows-span.csv"
    series 'x_*' -- --column x --window 120m --statistics $all | sed '1s/120m/2h/g' >minutes
    awk -F, 'NR > 1 && $9 != "" { $9 = sprintf("%.15g", $9 * 60) } { OFS = ","; $1 = $1; print }' minutes |
        near "$GOLDEN/windows-span.csv" # a slope is for each unit of the span
    series 'x_*' -- --column x --window 2h --before --statistics $all | near "$GOLDEN/windows-span-before.csv"
    series 'x_*' -- --column x --window 4h --tumbling --statistics $all | near "$GOLDEN/windows-tumbling.csv"
    series 'v_*' -- --column v --window 5 --tumbling --statistics sum,count | near "$GOLDEN/windows-tumbling-rows.csv"
}

@test "row: SciPy and pandas on each row" {
    all=count,missing,sum,mean,median,deviation,skewness,kurtosis,minimum,maximum,range,q0.1,q0.75
    features -q -m row --statistics $all "$GOLDEN/windows-wide.csv" | pick -q 'row_*' | save -q --format csv - |
        near "$GOLDEN/windows-row.csv"
    features -q -m row --ddof 1 --prefix g --statistics count,deviation,skewness,kurtosis "$GOLDEN/windows-wide.csv" |
        pick -q 'g_*' | save -q --format csv - |
        awk -F, 'BEGIN { OFS = "," } $1 < 4 && NR > 1 { $2 = $3 = $4 = "" } { print $2, $3, $4 }' |
        near "$GOLDEN/windows-row-sample.csv"
}

@test "row: tensors are looked into, beside plain numbers" {
    printf '{"v": [1, 2, 3, 4], "a": 10, "s": "x"}\n{"v": [0, 0, 0, 0], "a": null, "s": "y"}\n' >v.jsonl
    load -q --types 'v=fixed_list<float64>[4]' v.jsonl -o v.arrows
    [ "$(features -q -m row --statistics count,mean,maximum v.arrows | pick -q 'row_*' | save -q --format csv - | tail -n +2 | tr '\n' ' ')" = '5,4,10 4,0,0 ' ]
    [ "$(features -q -m row --column v --statistics count,mean,median v.arrows | pick -q 'row_*' | save -q --format csv - | tail -n +2 | tr '\n' ' ')" = '4,2.5,2.5 4,0,0 ' ]
}

@test "what a window is: the last rows, the row itself left out, tumbling, too few" {
    printf 'x\n1\n2\n\n4\n5\n6\n7\n' >s.csv
    [ "$(cells --window 3 --statistics sum,count,missing s.csv)" = '1,1,0 3,2,0 3,2,1 6,2,1 9,2,1 15,3,0 18,3,0 ' ]
    [ "$(cells --window 3 --before --statistics sum,lag1,diff1 s.csv)" = ',, 1,1, 3,2,1 3,, 6,4, 9,5,1 15,6,1 ' ]
    [ "$(cells --window 3 --tumbling --statistics sum,count s.csv)" = '1,1 3,2 3,2 4,1 9,2 15,3 7,1 ' ]
    [ "$(cells --window 3 --tumbling --before --statistics sum s.csv)" = ' 1 3  4 9  ' ]
    [ "$(cells --window 3 --min-rows 3 --statistics mean s.csv)" = '     5 6 ' ]
    [ "$(cells --window 1000 --statistics sum s.csv)" = '1 3 3 7 12 18 25 ' ] # longer than the data
    [ "$(cells --statistics lag2,diff1 s.csv)" = ', ,1 1, 2, ,1 4,1 5,1 ' ]    # no window is needed
}

@test "columns are named after column, statistic and window, and nothing else changes" {
    printf 'a,b,label\n1,2,u\n3,4,v\n' >s.csv
    is "$(features -q -m window --window 2 --label label s.csv | save -q --format csv -)" 'a,b,label,a_mean_2,a_deviation_2,a_minimum_2,a_maximum_2,b_mean_2,b_deviation_2,b_minimum_2,b_maximum_2
1,2,u,1,0,1,1,2,0,2,2
3,4,v,2,1,1,3,3,1,2,4'
    is "$(features -q -m window --window 2 --column b --statistics sum,lag1 --prefix p s.csv | features -q -m window --window 3 --column b --statistics sum | save -q --format csv - | head -n 1)" 'a,b,label,p_b_sum_2,p_b_lag1,b_sum_3'
    fails 'features -m window --window 2 s.csv | features -m window --window 2 --column a >/dev/null' 64 "features: a column 'a_mean_2' is there already"
}

@test "constant windows, ties and large numbers: no digit is lost, and nothing is NaN" {
    printf 'x\n0.1\n0.1\n0.1\n0.1\n0.3\n' >c.csv
    is "$(cells --window 3 --statistics mean,deviation,skewness,kurtosis,slope c.csv | cut -d ' ' -f 1-4)" '0.1,0,0,0, 0.1,0,0,0,0 0.1,0,0,0,0 0.1,0,0,0,0'
    awk 'BEGIN { print "x"; for (i = 0; i < 200; i++) printf "%.10f\n", i == 50 ? -5 : i % 7 ? 1e9 + i % 2 / 1024 : 1e9 }' >far.csv
    is "$(features -q -m window --window 4 --statistics deviation far.csv | column /dev/stdin x_deviation_4 | awk 'NR == 150 || NR == 200 { printf "%.13g\n", $1 }')" '0.0004228639666916
0.00048828125'
    printf 'x\n1e308\n-1e308\n1e308\ninf\nnan\n1\n' >large.csv
    [ "$(cells --window 2 --statistics maximum,deviation,count large.csv)" = '1e+308,0,1 1e+308,,2 1e+308,,2 1e+308,0,1 ,,0 1,0,1 ' ]
    [ "$(features -q -m row --statistics sum,deviation,count large.csv | pick -q 'row_*' | save -q --format csv - | sed -n '2p;5,6p' | tr '\n' ' ')" = '1e+308,0,1 ,,0 ,,0 ' ]
}

@test "a series that comes back after long goes on, and batches of any size give the same bytes" {
    awk 'BEGIN { print "g,x"; for (i = 0; i < 9000; i++) print (i % 3000 < 2000 ? "s" : i % 3000) "," (i * 7919 % 1009) / 7 }' >s.csv
    all=mean,deviation,kurtosis,median,slope,minimum,lag9
    features -q -m window --by g --window 50 --column x --statistics $all s.csv | save -q --format csv - >whole
    for first in $(seq 1 450 9000); do
        { head -n 1 s.csv; tail -n +2 s.csv | sed -n "$first,$((first + 449))p"; } | load -q --types g=utf8 >"part.$first"
    done
    # shellcheck disable=SC2046 # numbers
    cat $(seq -f 'part.%.0f' 1 450 9000) | features -q -m window --by g --window 50 --column x --statistics $all |
        save -q --format csv - | cmp - whole
}

@test "score makes the same windows of raw rows as the pipeline that trained" {
    awk 'BEGIN { print "g,t,x,label"; for (i = 0; i < 400; i++) printf "%d,2026-01-%02dT%02d:00:00Z,%g,%s\n", i % 3, 1 + int(i / 24), i % 24, (i * 7919 % 13) + i % 3 * 10, (i % 3 > 1 ? "b" : "a") }' >s.csv
    load -q --label label s.csv | pick -q --role g=group,t=time -o s.arrows
    features -q -m window --window 12h --statistics mean,median,slope,diff1 s.arrows | clean -q -o ready.arrows
    train -q --model logistic ready.arrows -o model
    score -q model s.arrows | pick -q prediction 'probability*' | save -q --format csv - >raw
    score -q model ready.arrows | pick -q prediction 'probability*' | save -q --format csv - >ready
    cmp raw ready
    [ "$(wc -l <raw)" = 401 ]
}

@test "a state holds the options and the columns, and states of the same merge" {
    printf 'x,y\n1,1\n2,2\n' >a.csv
    printf 'x,y,z\n1,1,5\n2,2,5\n' >b.csv
    features -q -m window --window 2 --statistics sum --save-state s.json a.csv | save -q --format csv - >first
    features -q --state s.json --drop z b.csv | save -q --format csv - | cmp - first # z was not there
    features -q -m window --window 2 --statistics sum --save-state t.json a.csv >/dev/null
    features -q --merge --save-state u.json s.json t.json
    cmp u.json s.json
    features -q -m window --window 2 --statistics sum --save-state t.json b.csv >/dev/null
    fails 'features --merge --save-state u.json s.json t.json >/dev/null' 65 'features: t.json: the states are of different columns'
    fails 'features --state s.json --window 3 a.csv >/dev/null' 64 'features: --window cannot stand beside --state'
}

@test "time that goes backwards within a series is an error, with its row" {
    printf 'when,g,x\n2026-01-01,a,1\n2026-01-03,b,1\n2026-01-02,a,2\n2026-01-02,b,2\n' >s.csv
    load -q s.csv | pick -q --role when=time,g=group -o s.arrows
    for window in 2 7d; do
        fails "features -m window --window $window s.arrows >/dev/null" 65 "features: row 4: the time in 'when' goes backwards, and --method window takes rows in their order; sort them by time first"
    done
    fails 'features -m window --window 2 --time when s.csv >/dev/null' 65 "features: row 3: the time in 'when' goes backwards"
}

@test "units and zones: moments are what they are, whatever counts them" {
    printf 't,x\n2026-03-29T00:30:00+01:00,1\n2026-03-29T01:30:00+01:00,2\n2026-03-29T03:30:00+02:00,4\n' >z.csv # one hour apart each
    [ "$(cells --time t --window 90m --statistics sum z.csv)" = '1 3 6 ' ]
    sed 's/+0[12]:00//' z.csv >local.csv
    for unit in s ms us ns; do
        [ "$(load -q --types "t=timestamp[$unit]" local.csv | cells --time t --window 90m --statistics sum)" = '1 3 4 ' ]
    done
    printf 't,x\n2026-01-01,1\n2026-01-02,2\n2026-01-04,4\n,8\n2026-01-05,16\n' >d.csv
    [ "$(cells --time t --window 36h --statistics sum,slope d.csv)" = '1, 3,0.041666666666666664 4, , 20,0.5 ' ]
    features -m window --time t --window 2d d.csv 2>said >/dev/null
    is "$(tail -n 1 said)" 'features: 5 rows in, 5 out (1 series, 1 row without a time)'
    [ "$(cells --time t --window 2d --tumbling --statistics sum d.csv)" = '1 3 4  16 ' ] # from 1970-01-01 on
    printf 't,x\n1969-12-28,1\n1969-12-30,2\n1969-12-31,4\n1970-01-01,8\n' >e.csv
    [ "$(cells --time t --window 2d --tumbling --statistics sum e.csv)" = '1 2 6 8 ' ] # and before it
    fails 'features -m window --time t --window 36h --tumbling --column x d.csv >/dev/null' 64 "features: --window 36h --tumbling: the column 't' does not count so finely"
    fails 'features -m window --time t --window 1h --tumbling --column x d.csv >/dev/null' 64 "features: --window 1h --tumbling: the column 't' does not count so finely"
}

@test "input that was cut or killed makes no whole stream" {
    features -q -m window --by g --column x --window 3 "$GOLDEN/windows.csv" >whole
    load -q "$GOLDEN/windows.csv" >in.arrows
    size=$(wc -c <in.arrows)
    for at in $(seq 1 97 $((size - 1))) $((size - 1)); do
        run bash -c "head -c $at in.arrows | features -q -m window --by g --column x --window 3 | save -q --format csv - >out.csv"
        [ "$status" != 0 ] || { echo "cut at $at"; return 1; }
    done
    fails 'features -q -m window --window 3 in.arrows >/dev/full' 74 'features: cannot write'
}

@test "what cannot be is said" {
    printf 'x,s,label\n1,a,b\n' >m.csv
    printf 'x,z\n1,2\n' >two.csv
    fails 'features m.csv >/dev/null' 64 'features: --method is needed: what features to make'
    fails 'features -m window m.csv >/dev/null' 64 'features: --window is needed: a number of rows, or a span of time such as 7d'
    for window in 0 1000001 7x -1d 0h d infd ''; do
        fails "features -m window --window '$window' m.csv >/dev/null" 64 "features: option '--window' takes a number of rows from 1 to 1000000, or a span of time such as 90s, 30m, 12h, 7d or 2w, not '$window'"
    done
    fails 'features -m window --window 3 --statistics mode m.csv >/dev/null' 64 "features: option '--statistics' takes count, missing, sum, mean, median, deviation, skewness, kurtosis, minimum, maximum, range and q0 to q1, and slope, lag1 and diff1 (or another number of rows), not 'mode'"
    for wrong in q1.5 q qnan lag lag0 lag-1 diff1000001 lagx; do
        fails "features -m window --window 3 --statistics $wrong m.csv >/dev/null" 64 "not '$wrong'"
    done
    fails 'features -m row --statistics lag1 m.csv >/dev/null' 64 "and q0 to q1, not 'lag1'"
    fails 'features -m window --window 3 --statistics mean,mean m.csv >/dev/null' 64 "features: option '--statistics' names 'mean' twice"
    fails 'features -m row --window 3 m.csv >/dev/null' 64 "features: 'features --method row' has no option 'window'"
    fails 'features -m window --window 3 --into y m.csv >/dev/null' 64 "features: 'features --method window' has no option 'into'"
    fails 'features -m window --window 3 --column s m.csv >/dev/null' 64 "features: column 's' is utf8, which 'features' cannot take"
    fails 'features -m row --column s m.csv >/dev/null' 64 "features: column 's' is utf8, which 'features' cannot take"
    fails 'features -m window --window 3 --column x --label x m.csv >/dev/null' 64 "features: column 'x' has the role 'label', which 'features' never changes"
    fails 'features -m window --window 3d m.csv >/dev/null' 64 'features: --window 3d needs a time: name the column by --time, or give it the role time'
    fails 'features -m window --window 3d --time x two.csv >/dev/null' 64 "features: --window 3d: the column 'x' is a plain number; give a number of rows, or make a time of it by clean --times"
    fails 'features -m window --window 3 --time s m.csv >/dev/null' 64 "features: option '--time': column 's' is utf8, and no time; clean --times makes one of text"
    fails 'features -m window --window 3 --by town m.csv >/dev/null' 64 "features: option '--by': no column 'town' here"
    fails 'features -m window --window 3 --min-rows 0 m.csv >/dev/null' 64 "features: option '--min-rows'"
    fails 'features -m window --window 3 --min-rows 4 m.csv >/dev/null' 64 "features: --min-rows 4 is more than a window of 3 rows has"
    printf 's\na\n' >t.csv
    fails 'features -m window --window 3 t.csv >/dev/null' 64 'features: there is no column of numbers to take'
}

@test "memory does not grow with the rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    for rows in 200000 600000; do
        seq $rows | awk 'BEGIN { print "g,t,x" }
            { printf "%d,2026-01-%02dT%02d:%02d:%02d,%d\n", $1 % 50, $1 / 86400 + 1, $1 / 3600 % 24, $1 / 60 % 60, $1 % 60, $1 * 7919 % 5000 }' |
            load -q - -o many.arrows
        peak features -q -m row --column g,x --statistics mean,median many.arrows >"peak.row.$rows"
        for window in 500 1h; do
            peak features -q -m window --by g --time t --column x --window $window --statistics mean,median,slope many.arrows >"peak.$window.$rows"
        done
    done
    for what in row 500 1h; do
        # 16 bytes a row more would be 6 MiB
        [ "$(cat peak.$what.600000)" -le "$(($(cat peak.$what.200000) + 6000))" ] || {
            echo "$what: $(cat peak.$what.200000) $(cat peak.$what.600000)"
            false
        }
    done
}
