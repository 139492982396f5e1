# pick: columns chosen, dropped, renamed, reordered; roles; the first rows.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cat >t.csv <<'CSV'
id,f1,f2,city,y
1,0.5,10,Lyon,a
2,,20,Zürich,b
3,2.5,30,,a
CSV
    load -q t.csv -o t.arrows
}
as_csv() { save -q --format csv -; }
names() { as_csv | head -n 1; }

@test "without a name: every byte of the columns as it came" {
    pick -q <t.arrows | cmp - t.arrows
}

@test "names, in the order in which they are named, each once" {
    [ "$(pick -q y id <t.arrows | names)" = y,id ]
    [ "$(pick -q y id y 'i*' <t.arrows | names)" = y,id ]
    pick -q city f1 <t.arrows | as_csv >out
    printf 'city,f1\nLyon,0.5\nZürich,\n,2.5\n' | diff - out
}

@test "patterns, in the order of the stream; a name that looks like one is that column" {
    [ "$(pick -q 'f*' <t.arrows | names)" = f1,f2 ]
    [ "$(pick -q '?d' 'f[2-9]' <t.arrows | names)" = id,f2 ]
    printf 'a*,ab\n1,2\n' >s.csv
    [ "$(pick -q 'a*' <s.csv | names)" = 'a*' ]
    [ "$(pick -q --drop 'f*,y' <t.arrows | names)" = id,city ]
    [ "$(pick -q 'f*' --drop f1 <t.arrows | names)" = f2 ]
}

@test "rename: by the old name, unique, also with the sign in a name" {
    [ "$(pick -q --rename f1=x,y=label2 <t.arrows | names)" = id,x,f2,city,label2 ]
    printf 'a=b,c\n1,2\n' >s.csv
    [ "$(pick -q --rename a=b=d <s.csv | names)" = d,c ]
    fails 'pick --rename f1=f2 <t.arrows' 64 "pick: --rename 'f1=f2': a column of the new name is there already"
    fails 'pick --rename f9=x <t.arrows' 65 "pick: --rename: no column 'f9' here; did you mean 'f1'?"
    fails 'pick --rename f1= <t.arrows' 64 'the new name is empty'
    fails 'pick --rename f1 <t.arrows' 64 "option '--rename' takes OLD=NEW, not 'f1'"
}

@test "roles: by the new name; the names of other roles are an error" {
    pick -q --rename y=left --role left=label,id=group <t.arrows | show --json >out
    grep -A3 '"name": "left"' out | grep '"role": "label"'
    grep -A3 '"name": "id"' out | grep '"role": "group"'
    fails 'pick --role y=lable <t.arrows' 64 "pick: --role 'y=lable': the roles are feature, label, id"
    pick -q --label f1 --id f2 <t.arrows | show | grep -cE '^(f1 +float64 +label|f2 +int64 +id|y +utf8 +feature) ' | grep -x 3
}

@test "rows: the first ones, none, more than there are" {
    [ "$(pick -q --rows 2 id <t.arrows | as_csv | tr '\n' ' ')" = 'id 1 2 ' ]
    [ "$(pick -q --rows 0 id <t.arrows | as_csv)" = id ]
    [ "$(pick -q -n 99 id <t.arrows | as_csv | wc -l)" = 4 ]
    fails 'pick --rows x <t.arrows' 64 "pick: option '--rows' takes a whole number of 0 or more, not 'x'"
    fails 'pick --rows -1 <t.arrows' 64 "of 0 or more, not '-1'"
}

@test "rows: what stands before is not read to its end, and a small one is not killed" {
    seq 1 3000000 | sed '1i n' >big.csv
    run bash -c 'load -q big.csv | pick -q --rows 5 | save -q --format csv -; echo "${PIPESTATUS[*]}"'
    [ "${lines[5]}" = 5 ]
    [ "${lines[6]}" = '141 0 0' ]
    for _ in 1 2 3 4 5; do load -q t.csv | pick -q --rows 1 | as_csv >out; done
    # a live producer that says no more is not waited for
    run timeout 5 bash -c '(cat t.arrows; sleep 60) | pick -q --rows 1 >out & wait $!; kill -- -$$ 2>/dev/null; save -q --format csv - <out'
    [ -s out ]
}

@test "the plan: a choice is replayed, the first rows are not; nothing chosen is no step" {
    [ "$(pick -q <t.arrows | show | grep ^plan)" = "$(show t.arrows | grep ^plan)" ]
    pick -q id 'f*' --rename f1=x --rows 2 <t.arrows | show --json >out
    grep '"pipeline": "load | pick id .f\*. --rename f1=x | pick --rows 2"' out
    [ "$(grep -c '"replay": "skip"' out)" = 1 ]
    pick -q id 'f*' <t.arrows | show --json | grep -c '"as": "f2"'
}

@test "errors: no such column, no input, a broken stream, each told once" {
    fails 'pick idd <t.arrows' 65 "pick: no column 'idd' here; did you mean 'id'?"
    fails "pick 'z*' <t.arrows" 65 "pick: no column matches 'z*'"
    fails 'pick </dev/null' 66 'pick: standard input: no input at all'
    run --separate-stderr bash -c 'pick nope <t.arrows | pick | save --format csv -; echo "${PIPESTATUS[*]}"'
    [ "$output" = '65 65 65' ]
    [ "${stderr_lines[0]}" = "pick: no column 'nope' here" ]
    [ "${stderr_lines[1]} ${stderr_lines[2]}" = 'pick: stopped: pick failed save: stopped: pick failed' ]
}

@test "a stream cut at every byte is an error and leaves the old file" {
    size=$(stat -c %s t.arrows)
    echo old >out
    for cut in $(seq 0 23 "$size") $((size - 9)) $((size - 8)) $((size - 1)); do
        run sh -c "head -c $cut t.arrows | pick -q -o out"
        [ "$status" != 0 ]
        [ "$(cat out)" = old ]
    done
    [ "$(find . -type f | wc -l)" = 3 ]
}

@test "a full disk, a closed output, a read-only folder" {
    fails 'pick <t.arrows >/dev/full' 74 'No space left on device'
    fails 'pick <t.arrows >&-' 74 'Bad file descriptor'
    fails 'pick -o no/such/folder <t.arrows' 73 'no/such/folder'
}

@test "-o: the input's own file is replaced when all is there" {
    cp t.arrows u.arrows
    pick -q id -o u.arrows <u.arrows
    [ "$(names <u.arrows)" = id ]
    pick -q -o v.arrows <t.arrows
    cmp v.arrows t.arrows
}

# Decimals, maps, intervals, unions, run-end encoded values and views of lists, with texts, views and codes within, stand
# between other columns in tests/fixtures/refused; tests/interchange.py makes them.
refused='decimal,map,interval,union,dense union,run-end encoded,list view,views in a map,codes in a map,decimals in a list,codes of decimals'
refused_in() { echo "column '$1': its type is $2, which no program here handles; pick --drop leaves it out"; }

@test "columns of types that are refused: left out, the others are whole" {
    for file in "$TREE"/tests/fixtures/refused/*.arrows; do
        pick -q --drop "$refused" <"$file" >kept
        is "$(names <kept)" 'id,after decimal,after map,after interval,after union,after run-end encoded,after list view,last'
        is "$(save -q --format jsonl - <kept | jq -c '[.[]] | unique')" '[1,"x"]
[null,2]
[3,"longer than twelve bytes"]'
        is "$(pick -q id last <"$file" | as_csv)" 'id,last
1,x
2,
3,longer than twelve bytes'
        as_csv <kept >wanted
        dedup -q --drop "$refused" <"$file" | as_csv | cmp - wanted
        load -q --drop "$refused" "$file" | as_csv | cmp - wanted
    done
}

@test "columns of types that are refused: handed on, or to another program, an error; cut within them too" {
    file=$TREE/tests/fixtures/refused/plain.arrows
    tells "pick -q id decimal <'$file'" 65 "pick: $(refused_in decimal decimal)"
    tells "pick -q map --rename map=m <'$file'" 65 "pick: $(refused_in m map)"
    tells "pick -q 'decimals in a list' <'$file'" 65 "pick: $(refused_in 'decimals in a list' decimal)"
    for program in clean show 'save --format csv -' 'clean --drop map'; do
        tells "$program <'$file'" 65 "${program%% *}: standard input: $(refused_in decimal decimal)"
    done
    says 65 "load: $file: $(refused_in decimal decimal)" "$file"
    size=$(stat -c %s "$file")
    for cut in $(seq 100 331 "$size"); do
        fails "head -c $cut '$file' | pick -q id" 65 'standard input'
    done
}

@test "text is read by load, with its options" {
    [ "$(pick -q id <t.csv | names)" = id ]
    pick -q --label y <t.csv | show | grep -E '^y +utf8 +label'
    fails 'printf "a,b\n1,\"\n" | pick | pick' 65 'pick: stopped: load failed'
}

@test "a live stream flows: a row out before the next comes in" {
    mkfifo in
    pick -q <in >out &
    {
        cat t.arrows
        for _ in $(seq 100); do
            [ ! -s out ] || break
            sleep 0.05
        done
        wc -c <out >seen
        sleep 0.1
    } >in
    wait $!
    [ "$(cat seen)" -gt 500 ]
}
