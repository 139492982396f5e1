# show: streams and models for people, and as JSON.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    printf 'id,name,x,y\n1,Zoë,0.5,a\n2,,1.5,b\n3,李雷,,a\n' >t.csv
    load -q --label y t.csv -o t.arrows
}

@test "a stream: the table, the columns, the size, the plan" {
    show t.arrows >out
    cat >wanted <<'TEXT'
   id  name        x  y
int64  utf8  float64  utf8
   id                 label
-----  ----  -------  -----
    1  Zoë       0.5  a
    2  null      1.5  b
    3  李雷     null  a

column  type     role     missing
id      int64    id             0
name    utf8     feature        1
x       float64  feature        1
y       utf8     label          0

TEXT
    head -n 14 out | diff wanted -
    grep -E '^3 rows, 4 columns, [0-9]+ bytes in 1 batch$' out
    grep -E '^plan  load --label y$' out
}

@test "the plan is the command again: commas, backslashes and quotes in names" {
    printf '%s\n' '"a,b","it'"'"'s",c\,d\\e,n' '1,,,,x' ',2,3,4,' >odd.csv
    # shellcheck disable=SC1003 # backslashes of the options' own
    clean -q --missing 'a\,b=mean' --missing 'd\\\\e=mode,c\\=mean' --missing "it's=mode" odd.csv >one.arrows
    show one.arrows | sed -n 's/^plan *load | //p' >again
    bash -c "$(cat again) -q odd.csv" >two.arrows
    cmp one.arrows two.arrows
}

@test "--rows: how many, none" {
    [ "$(show --rows 1 t.arrows | sed -n 5p)" = '    1  Zoë       0.5  a' ]
    [ "$(show --rows 0 t.arrows | head -n 1)" = 'column  type     role     missing' ]
}

@test "--json: what a program wants to know" {
    show --json t.arrows >out
    jq=$(command -v jq || true)
    if [ -n "$jq" ]; then
        [ "$(jq -c '[.kind, .rows, .complete, .columns[2].missing, .head[2].name, .head[2].x]' out)" = '["stream",3,true,1,"李雷",null]' ]
    else
        grep '"rows": 3' out && grep '"name": "李雷"' out
    fi
}

@test "standard input, a pipe, a FIFO, text, several files" {
    cat t.arrows | show | cmp - <(show t.arrows)
    show <t.arrows | cmp - <(show t.arrows)
    mkfifo f
    cat t.arrows >f &
    show f | cmp - <(show t.arrows)
    show --label y t.csv 2>/dev/null | grep '^3 rows'
    show t.arrows t.arrows | grep '^6 rows'
}

@test "control characters are shown, not sent" {
    printf 'a\x1b[31m,b\n1,\x1b]0;x\x07\n' | load -q | show >out
    grep -F 'a\x1b[31m' out
    grep -F '\x1b]0;x\x07' out
    never grep "$(printf '\033')" out
}

@test "a broken stream is shown as far as it came, and is an error" {
    size=$(stat -c %s t.arrows)
    run --separate-stderr sh -c "head -c $((size - 20)) t.arrows | show"
    [ "$status" = 65 ]
    [[ $output == *'the stream is broken off here'* ]]
    [[ $stderr == 'show: standard input: '* ]]
}

@test "a model: form, label, classes, layers, features, training" {
    seq 0 99 | awk 'BEGIN { print "a,b,y" } { print $1 "," $1 % 7 "," ($1 > 50 ? "yes" : "no") }' |
        load -q --label y | normalize -q | train -q --net 'dense 8 relu | dense 2' --epochs 1 --seed 1 -o m
    show m >out
    grep -E '^label +y \(utf8\)$' out
    grep -E '^classes +\["no", "yes"\]$' out
    grep -E '^dense 8 relu +\[8\] +24$' out
    grep -E '^  options.optimizer +adam$' out
    grep -E '^  epochs +1: \{"loss"' out
    grep -E '^plan +load --label y \| normalize$' out
    grep -E '^a +float32 +1$' out
    show <m | cmp - out
    cat m | show | cmp - out
    show --json m >j
    grep '"kind": "model"' j
    grep '"parameters": 42' j
    head -c 300 m >cut
    fails 'show cut' 65 "show: 'cut': "
}

@test "errors" {
    fails 'show nowhere.arrows' 66 "show: cannot read 'nowhere.arrows': No such file or directory"
    fails 'mkdir empty; show empty' 65 'load: empty: it holds no pictures and no texts'
    fails 'show </dev/null' 66 'show: standard input: no input at all'
    fails 'show t.arrows >/dev/full' 74 'No space left on device'
}
