# enrich: rows of a stream and of a table, by key and as of a time.
load helper

joined() { enrich -q "$@" | save -q --format csv -; }

tables() {
    printf 'user,plan,age\nu1,free,30\nu2,pro,41\nu3,,22\n' >users.csv
    printf 'id,user,x\n1,u2,5\n2,u9,6\n3,u1,7\n4,,8\n5,u2,9\n' >events.csv
}

@test "left, inner and anti, in the stream's order, with counts" {
    tables
    is "$(joined users.csv --on user events.csv)" 'id,user,x,plan,age
1,u2,5,pro,41
2,u9,6,,
3,u1,7,free,30
4,,8,,
5,u2,9,pro,41'
    is "$(joined users.csv --on user --how inner events.csv)" 'id,user,x,plan,age
1,u2,5,pro,41
3,u1,7,free,30
5,u2,9,pro,41'
    is "$(joined users.csv --on user --how anti events.csv)" 'id,user,x
2,u9,6
4,,8'
    run --separate-stderr enrich users.csv --on user --how inner events.csv -o out
    is "$(tail -1 <<<"$stderr")" 'enrich: 5 rows in, 3 out, 2 dropped (3 matched, 2 without a match (1 of them without a key))'
}

@test "a table or a stream from standard input, as text or as a stream" {
    tables
    load -q users.csv -o users.arrows
    joined users.csv --on user events.csv >wanted
    joined users.arrows --on user events.csv | cmp - wanted
    joined users.arrows --on user <events.csv | cmp - wanted
    load -q events.csv | joined users.csv --on user | cmp - wanted
    joined - --on user events.csv <users.arrows | cmp - wanted
    joined - --on user events.csv <users.csv | cmp - wanted
    fails 'enrich - --on user <users.csv' 64 'the table and the stream cannot both be standard input'
}

@test "a key twice names itself and both rows; --keep says which" {
    tables
    printf 'user,plan\nu1,a\nu2,b\nu1,c\n' >twice.csv
    fails 'enrich -q twice.csv --on user events.csv' 65 "enrich: a key of the table is not unique: 'u1' stands in its rows 1 and 3; --keep first or --keep last says which one counts"
    fails 'enrich -q --no-values twice.csv --on user events.csv' 65 'enrich: a key of the table is not unique: one stands in its rows 1 and 3;'
    is "$(joined twice.csv --on user --keep first events.csv | cut -d, -f4 | tr '\n' ' ')" 'plan b  a  b '
    is "$(joined twice.csv --on user --keep last events.csv | cut -d, -f4 | tr '\n' ' ')" 'plan b  c  b '
    # a key that is missing is none, and may stand there often
    printf 'user,plan\n,a\nu2,b\n,c\n' >none.csv
    run --separate-stderr enrich none.csv --on user events.csv -o out
    [[ "$stderr" == *'2 matched, 3 without a match (1 of them without a key); 2 rows of the table without a key)'* ]]
}

@test "several key columns, other names, names with an equals sign" {
    printf 'shop,day,open\n1,mo,yes\n1,tu,no\n2,mo,no\n' >hours.csv
    printf 'n,place,day\n1,2,mo\n2,1,tu\n3,2,tu\n4,1,\n' >visits.csv
    is "$(joined hours.csv --on place=shop,day visits.csv)" 'n,place,day,open
1,2,mo,no
2,1,tu,no
3,2,tu,
4,1,,'
    printf 'a=b,v\n1,x\n' >odd.csv
    printf 'a=b\n1\n2\n' >stream.csv
    is "$(joined odd.csv --on a=b stream.csv)" 'a=b,v
1,x
2,'
    fails 'enrich hours.csv --on place=shopp visits.csv' 65 "enrich: --on: the table: no column 'shopp' here; did you mean 'shop'?"
    fails 'enrich hours.csv --on plac=shop,day visits.csv' 65 "enrich: --on: no column 'plac' here; did you mean 'place'?"
    fails 'enrich hours.csv --on place=shop,day=shop visits.csv' 64 "--on names the table's column 'shop' twice"
}

@test "types of keys agree: widths and dictionaries do, numbers and text do not" {
    printf 'k,v\n1,a\n-2,b\n' >t.csv
    printf 'k\n-2\n1\n' >s.csv
    for type in int8 int16 int32 int64; do
        load -q --types k=$type s.csv -o s.arrows
        is "$(joined t.csv --on k s.arrows | tr '\n' ' ')" 'k,v -2,b 1,a '
    done
    fails 'load -q --types k=utf8 s.csv | enrich -q t.csv --on k' 65 "enrich: the key 'k' is utf8 in the stream and int64 in the table; load --types COLUMN=utf8 reads the table's as text"
    fails 'load -q --types k=utf8 t.csv | enrich -q - --on k s.csv' 65 "the key 'k' is int64 in the stream and utf8 in the table; load --types COLUMN=utf8 reads the stream's as text"
    fails 'load -q --types k=float64 s.csv | enrich -q t.csv --on k' 65 "the key 'k' is float64 in the stream: a key is whole numbers, text, bool, dates or times"
    fails 'load -q --types k=float64 t.csv | enrich -q - --on k s.csv' 65 "the key 'k' is float64 in the table"
    load -q --types k=uint64 t.csv --bad null -o u.arrows
    fails 'enrich -q u.arrows --on k s.csv' 65 "the key 'k' is int64 in the stream and uint64 in the table"
}

@test "a name on both sides is an error; --prefix settles it" {
    tables
    fails 'enrich -q users.csv --on user=plan --how left users.csv' 65 "the column 'user' is in the stream and in the table; --prefix TEXT"
    is "$(joined users.csv --on user --prefix u_ events.csv | head -1)" 'id,user,x,u_plan,u_age'
}

@test "roles: a label comes with the table, a second one is a feature" {
    printf 'id,label\n1,yes\n' >labels.csv
    printf 'id,x\n1,5\n' >rows.csv
    enrich -q labels.csv --on id rows.csv | show --json | jq -r '.columns[] | .name + " " + .role' | tail -1 | grep 'label label'
    printf 'id,y\n1,5\n' >labelled.csv
    enrich -q labels.csv --on id labelled.csv | show --json | jq -r '.columns[] | .name + " " + (.role // "feature")' | tail -1 | grep 'label feature'
}

@test "as of a time: the last row not later, equal times known, nothing from the future, whatever the order" {
    printf '%s\n' k,t,v a,2024-01-01T10:00:00,1 a,2024-01-01T09:00:00,0 b,2024-01-01T10:00:00,5 b,,6 >t.csv
    printf '%s\n' k,t a,2024-01-01T09:30:00 a,2024-01-01T10:00:00 a,2024-01-01T08:00:00 b,2024-01-03T08:00:00 a, >s.csv
    is "$(joined t.csv --on k --as-of t s.csv)" 'k,t,v
a,2024-01-01T09:30:00,0
a,2024-01-01T10:00:00,1
a,2024-01-01T08:00:00,
b,2024-01-03T08:00:00,5
a,,'
    is "$(joined t.csv --on k --as-of t --within 1h --prefix p_ s.csv | cut -d, -f3,4 | tr '\n' ' ')" \
        'p_t,p_v 2024-01-01T09:00:00,0 2024-01-01T10:00:00,1 , , , '
    is "$(joined t.csv --on k --as-of t --within 46h s.csv | tail -2 | head -1)" 'b,2024-01-03T08:00:00,5'
    is "$(joined t.csv --on k --as-of t --within 2759m s.csv | tail -2 | head -1)" 'b,2024-01-03T08:00:00,'
    printf '%s\n' k,t,v a,2,x a,1,y a,2,z >twice.csv
    printf '%s\n' k,t a,1 a,2 a,3 >n.csv
    fails 'enrich -q twice.csv --on k --as-of t n.csv' 65 "'a' stands in its rows 1 and 3 with the same time"
    is "$(joined twice.csv --on k --as-of t --keep first n.csv | tr '\n' ' ')" 'k,t,v a,1,y a,2,x a,3,x '
    is "$(joined twice.csv --on k --as-of t --keep last n.csv | tr '\n' ' ')" 'k,t,v a,1,y a,2,z a,3,z '
    is "$(joined twice.csv --on k --as-of t --keep last --within 0.5 n.csv | tr '\n' ' ')" 'k,t,v a,1,y a,2,z a,3, '
    load -q --types t=float64 n.csv -o n.arrows
    load -q --types t=float64 twice.csv -o tf.arrows
    is "$(joined tf.arrows --on k --as-of t --keep last --within 0.5 n.arrows | tr '\n' ' ')" 'k,t,v a,1,y a,2,z a,3, '
    # numbers that no int64 holds come behind those that one does
    printf '%s\n' k,t,v a,1,x a,9223372036854775813,y | load -q --types t=uint64 - -o tu.arrows
    printf '%s\n' k,t a,10 a,9223372036854775812 a,9223372036854775820 | load -q --types t=uint64 - -o nu.arrows
    is "$(joined tu.arrows --on k --as-of t nu.arrows | cut -d, -f3 | tr '\n' ' ')" 'v x x y '
    is "$(joined tu.arrows --on k --as-of t --within 9 nu.arrows | cut -d, -f3 | tr '\n' ' ')" 'v x  y '
    fails 'enrich -q t.csv --on k --as-of t --within 5x s.csv' 64 "--within takes a duration"
    fails 'enrich -q twice.csv --keep last --on k --as-of t --within 5d n.csv' 64 "the column 't' is a plain number"
    fails 'enrich -q t.csv --on k --as-of t n.csv' 65 "the time 't' is int64 in the stream and timestamp[us] in the table"
    fails 'enrich -q t.csv --on k --as-of t=k s.csv' 65 "--as-of: the column 'k' of the table is no time and no number"
    fails 'enrich -q t.csv --on k --within 5d s.csv' 64 '--within goes with --as-of'
}

# Rows in which the label follows from the table's columns.
customers() {
    seq 0 199 | awk 'BEGIN { print "user,plan,age" } { print $1 "," ($1 % 3 ? "free" : "pro") "," $1 % 50 }' >users.csv
    seq 1 600 | awk 'BEGIN { print "id,user,x,label" } { u = $1 * 7919 % 210; print $1 "," u "," $1 % 17 "," (u % 3 ? "no" : "yes") }' >events.csv
}

@test "score does it again: byte for byte what the pipeline gives, row by row too" {
    customers
    enrich -q users.csv --on user --how inner events.csv | train -q -o model.bin
    score -q model.bin events.csv -o raw.arrows
    enrich -q users.csv --on user --how inner events.csv | score -q model.bin -o pipe.arrows
    pick -q id prediction probability <pipe.arrows | save -q --format csv - >pipe
    pick -q id prediction probability reason <raw.arrows | save -q --format csv - >raw
    grep -v 'no row' raw | sed 's/,[^,]*$//' | cmp - pipe
    is "$(grep -c 'the table has no row for it' raw)" "$(enrich -q users.csv --on user --how anti events.csv | save -q --format csv - | tail -n +2 | wc -l)"
    sed -n 5p raw >wanted
    { head -1 events.csv; sed -n 5p events.csv; } | score -q model.bin | pick -q id prediction probability reason | save -q --format csv - | tail -1 | cmp - wanted
    # the folder and the program are not in the plan
    show --json model.bin >shown
    never grep -q users.csv shown
}

@test "a table too large for the plan is given to score by name" {
    customers
    python3 -c 'import sys
for i, line in enumerate(open("users.csv")): print(line.rstrip() + "," + ("text" if i == 0 else "x" * 100000))' >large.csv
    enrich -q large.csv --on user --name people --how inner events.csv | pick -q '*' --drop text | train -q -o model.bin
    [ "$(stat -c %s model.bin)" -lt 100000 ]
    fails 'score -q model.bin events.csv' 64 "the table 'people' was too large for the plan and has to be given: score --table people=FILE"
    enrich -q large.csv --on user --name people --how inner events.csv | score -q model.bin --table people=large.csv | pick -q id prediction probability | save -q --format csv - >pipe
    score -q model.bin --table people=large.csv events.csv | pick -q id prediction probability reason | save -q --format csv - | grep -v 'no row' | sed 's/,[^,]*$//' | cmp - pipe
    fails 'score -q model.bin --table folk=large.csv events.csv' 64 "no step of the plan has a table of the name 'folk'; there is 'people'"
    fails 'score -q model.bin --table people events.csv' 64 "option '--table' takes NAME=FILE, not 'people'"
    fails 'score -q model.bin --table people=large.csv --table people=large.csv events.csv' 64 "the table 'people' is given twice"
    fails 'score -q model.bin --table people=users.csv events.csv' 65 "it has no column 'text'"
    # types are those of training, whatever the file looks like now: numbers that could be text
    sed 's/^0,/00999,/' large.csv >zeros.csv
    score -q model.bin --table people=zeros.csv events.csv -o out.arrows
    load -q large.csv --types age=utf8 -o other.arrows
    fails 'score -q model.bin --table people=other.arrows events.csv' 65 "the table 'people': column 'age' is utf8 here and was int64"
    fails 'enrich -q large.csv --on user events.csv | enrich -q large.csv --on user --prefix b_' 64 "a step before this one has a table of the name 'table'"
}

@test "a table may be given in the place of the one in the plan" {
    customers
    enrich -q users.csv --on user --how inner events.csv | train -q -o model.bin
    head -3 users.csv >few.csv
    score -q model.bin --table table=few.csv events.csv | column /dev/stdin reason | grep -c 'no row' >without
    [ "$(cat without)" -gt 500 ]
}

@test "an empty table, an empty stream, nothing at all" {
    tables
    head -1 users.csv >empty.csv
    load -q users.csv --types user=utf8 | pick -q --rows 0 -o none.arrows
    is "$(joined none.arrows --on user events.csv | tail -1)" '5,u2,9,,'
    load -q events.csv | pick -q --rows 0 -o nothing.arrows
    is "$(joined users.csv --on user nothing.arrows)" 'id,user,x,plan,age'
    fails 'enrich users.csv --on user </dev/null' 66 'no input at all'
    fails 'enrich nowhere.csv --on user events.csv' 66 "cannot read 'nowhere.csv'"
    fails 'enrich --on user' 64 'no table given: enrich TABLE --on KEY [FILE...]'
    fails 'enrich users.csv events.csv' 64 '--on says which columns are the key'
    fails 'head -c 200 none.arrows | enrich - --on user events.csv' 65 'enrich:'
    fails 'enrich users.csv --on user events.csv >/dev/full' 74 'No space left on device'
    # what stays in memory asks for no folder of temporary files
    TMPDIR=/no/such/folder joined users.csv --on user events.csv >out
    is "$(sed -n 2p out)" '1,u2,5,pro,41'
}

# A table of 2 MB and a stream, keys in no order, some missing.
large() {
    seq 0 39999 | awk 'BEGIN { print "k,shop,t,city,v" } { k = $1 * 7919 % 40000; print (k % 17 ? k : "") ",s" k % 7 "," k * 31 % 1000 ",city" k % 3 "," k / 8 }' >table.csv
    seq 0 29999 | awk 'BEGIN { print "id,k,shop,at,w" } { k = $1 * 3571 % 50000; print $1 "," ($1 % 23 ? k : "") ",s" k % 7 "," k * 17 % 1000 "," $1 % 100 }' >stream.csv
    load -q table.csv -o table.arrows
    load -q stream.csv -o stream.arrows
}

@test "--memory: what does not fit goes to the disk, and the same rows come out in the same order" {
    large
    mkdir tmp
    # keys are dealt otherwise in every run, and by every --memory: nothing of it shows
    for how in '--on k,shop' '--on k --prefix z_ --how inner' '--on k --how anti' \
        '--on k,shop --as-of at=t --within 300' '--on shop --as-of at=t --keep last --prefix p_ --how inner'; do
        # shellcheck disable=SC2086 # several words
        enrich $how table.arrows stream.arrows -o held.arrows 2>held
        # shellcheck disable=SC2086
        TMPDIR=$PWD/tmp enrich $how --memory 1M table.arrows stream.arrows -o spilled.arrows 2>spilled
        cmp <(save -q --format csv - <held.arrows) <(save -q --format csv - <spilled.arrows)
        TMPDIR=$PWD/tmp enrich -q $how --memory 2M table.arrows stream.arrows | cmp - spilled.arrows
        is "$(cat spilled)" "$(cat held)"
        is "$(show --json spilled.arrows | jq -c .columns)" "$(show --json held.arrows | jq -c .columns)"
    done
    is "$(ls -A tmp)" ''
    { cat table.csv; echo 1,s0,1,x,1; } >twice.csv
    [[ "$(enrich -q --memory 1M twice.csv --on k --prefix p_ stream.csv 2>&1 >/dev/null)" == "enrich: a key of the table is not unique: '1' stands in its rows "*' and 40001; --keep first'* ]]
    fails 'TMPDIR=/no/such/folder enrich --memory 1M table.arrows --on k,shop stream.arrows' 73 /no/such/folder
    fails 'enrich -q --memory 1M table.arrows --on w=k stream.arrows --prefix p_ >/dev/full' 74 'No space left on device'
}

@test "--memory: no row is lost where rows of one key take more than a batch holds" {
    seq 0 399 | awk 'BEGIN { print "k,v"; for (i = 0; i < 3000; i++) long = long "x" } { print $1 "," $1 long }' | load -q - -o table.arrows
    for part in 0 1 2; do
        seq $((part * 1000)) $((part * 1000 + 999)) | awk 'BEGIN { print "n,k" } { print $1 "," ($1 % 5 ? 7 : $1 % 400) }' >"$part.csv"
    done
    enrich -q table.arrows --on k 0.csv 1.csv 2.csv | save -q --format csv - >held
    TMPDIR=$PWD enrich -q --memory 1M table.arrows --on k 0.csv 1.csv 2.csv | save -q --format csv - >spilled
    is "$(cut -d, -f1 spilled | tail -n +2)" "$(seq 0 2999)"
    cmp held spilled
}

@test "memory: the table's, however long the stream; and --memory when the table is larger" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    seq 0 99999 | awk 'BEGIN { print "k,city,v" } { print $1 ",city" $1 % 3 "," $1 / 8 }' | load -q - -o table.arrows
    for rows in 100000 1000000; do
        seq $rows | awk 'BEGIN { print "k,w" } { print $1 % 100003 "," $1 % 100 }' | load -q - -o stream.arrows
        peak enrich -q --on k table.arrows stream.arrows >held.$rows
        peak enrich -q --on k --memory 4M table.arrows stream.arrows >dealt.$rows
    done
    [ "$(cat held.1000000)" -le "$(($(cat held.100000) + 4096))" ]
    [ "$(cat dealt.1000000)" -le 32768 ]
    # a table of which most rows have no key
    seq 0 149999 | awk 'BEGIN { print "k,v" } { printf "%s,%0200d\n", $1 % 50 ? "" : $1, $1 }' | load -q --types v=utf8 - -o table.arrows
    seq 0 50 49950 | sed '1i k' >stream.csv
    [ "$(peak enrich -q --on k --memory 4M table.arrows stream.csv)" -le 32768 ]
}
