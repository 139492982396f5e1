# What all programs share: messages, -o, signals, terminals, text input, spilling, failures that travel down the pipe.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    printf 'n,city\n1,Lyon\n2,\n3,Graz\n' >t.csv
    command load -q t.csv -o t.arrows
}
load() { command load "$@"; }
on_terminal() { script -qec "$1" /dev/null </dev/null | tr -d '\r'; } # what a person sees

@test "on a terminal there is a table, not bytes; of many rows the first" {
    script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip 'no pseudo-terminal is to be had here'
    on_terminal 'pick -q <t.arrows' >out
    printf '    n  city\nint64  utf8\n-----  ----\n    1  Lyon\n    2  null\n    3  Graz\n3 rows, 2 columns\n' | diff - out
    seq 1 3000 | sed '1i n' | load -q -o many.arrows
    on_terminal 'pick -q <many.arrows' >out
    [ "$(wc -l <out)" = 24 ]
    [ "$(tail -n 1 out)" = '... 3000 rows in all, 20 shown' ]
    run on_terminal 'cat t.csv | train'
    [ "$status" = 64 ]
    [[ $output == *'train: standard output is a terminal, and what train writes is not for reading: name a file with -o' ]]
}

@test "one failing stage speaks, the others say that they stopped; every status tells" {
    run --separate-stderr bash -c 'load nowhere.csv | pick | pick | save --format csv -; echo "${PIPESTATUS[*]}"'
    [ "$output" = '66 65 65 65' ]
    [[ ${stderr_lines[0]} = "load: "*nowhere.csv* ]]
    [ "${#stderr_lines[@]}" = 4 ]
    [ "$(printf '%s\n' "${stderr_lines[@]:1}" | sort | tr '\n' ' ')" = 'pick: stopped: load failed pick: stopped: load failed save: stopped: load failed ' ]
}

@test "the text of a failure travels with the stream" {
    load nowhere.csv 2>/dev/null | pick 2>/dev/null | pick 2>/dev/null >broken || true
    grep -aq 'load: .*nowhere.csv' broken
    never grep -aq 'load: load:' broken
    fails 'pick <broken' 65 'pick: stopped: load failed'
}

@test "a stage that is killed: no result, a reason, a status" {
    seq 1 200000 | sed '1i n' >big.csv
    for signal in KILL TERM; do
        echo old >out
        run --separate-stderr bash -c "{ cat big.csv; sleep 1; } | { load -q & pid=\$!; sleep 0.2; kill -$signal \$pid; wait; } 0<&0 | pick -q -o out"
        [ "$status" != 0 ]
        [ "$(cat out)" = old ]
        [[ $stderr == *'pick: '* ]]
    done
    [ -z "$(find . -name '.out.*')" ]
}

@test "signals that end a program: death by the signal, no temporary file left, the old file stays" {
    [ "${WEIR_SANITIZED:-}" != tsan ] || skip 'ThreadSanitizer holds signals back'
    ulimit -c 0
    echo old >out
    mkfifo in
    for signal in TERM INT HUP QUIT ALRM USR1 USR2; do
        # a shell has its background jobs ignore SIGINT and SIGQUIT: env gives them back
        env --default-signal=INT,QUIT pick -q -o out <in &
        pid=$!
        exec 7>in
        head -c -8 t.arrows >&7
        for _ in $(seq 100); do [ -z "$(find . -name '.out.*')" ] || break; sleep 0.05; done
        [ -n "$(find . -name '.out.*')" ]
        kill -$signal $pid
        status=0
        wait $pid || status=$?
        exec 7>&-
        [ "$status" = $((128 + $(kill -l $signal))) ]
        [ "$(cat out)" = old ]
        [ -z "$(find . -name '.out.*')" ]
    done
}

@test "a crash is told, with status 70, and leaves no temporary file" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'a sanitizer has its own word for it'
    mkfifo in
    for signal in SEGV FPE SYS ABRT; do
        pick -q -o out <in 2>said &
        pid=$!
        exec 7>in
        head -c -8 t.arrows >&7
        for _ in $(seq 100); do [ -z "$(find . -name '.out.*')" ] || break; sleep 0.05; done
        kill -$signal $pid
        status=0
        wait $pid || status=$?
        exec 7>&-
        [ "$status" = 70 ]
        grep -qE '^pick: (crashed|a library gave up); no output is left$' said
        [ -z "$(find . -name '*out*')" ]
    done
}

@test "a reader that goes away: quiet, by SIGPIPE" {
    seq 1 2000000 | sed '1i n' | load -q -o big.arrows
    run --separate-stderr bash -c 'pick <big.arrows | head -c 10 >/dev/null; echo "${PIPESTATUS[0]}"'
    [ "$output" = 141 ]
    [ -z "$stderr" ]
}

@test "text input: load's options, its errors, standard input and files, compressed too" {
    pick -q n <t.csv | save -q --format csv - >out
    printf 'n\n1\n2\n3\n' | cmp - out
    cat t.csv | pick -q n | save -q --format csv - | cmp - out
    shuffle -q t.csv t.csv | show --json | grep '"rows": 6'
    gzip -c t.csv | pick -q n | save -q --format csv - | cmp - out
    shuffle -q <(cat t.csv) | show --json | grep '"rows": 3'
    printf 'n\n1\n' >-x,y.csv
    shuffle -q -- -x,y.csv | show --json | grep '"rows": 1'
    printf '"a,b",c\\d\n1,2\n' >odd.csv
    shuffle -q --label 'a\,b' --drop 'c\\d' odd.csv | show | grep -E '^a,b +int64 +label'
    fails 'pick --label nope <t.csv' 65 'pick: stopped: load failed'
    fails 'shuffle nowhere.csv' 66 "shuffle: cannot read 'nowhere.csv': No such file or directory"
}

@test "roles: replaced, not added to; an unknown column" {
    pick -q --label n <t.arrows >l.arrows
    shuffle -q --label city l.arrows | show | grep -E '^n +int64 +feature'
    fails 'load --lable n t.csv >/dev/null' 64 "load: unknown option '--lable'; did you mean '--label'?"
    fails 'shuffle --label cty t.arrows' 65 "shuffle: --label: no column 'cty' here; did you mean 'city'?"
    fails 'shuffle --drop cty t.arrows' 65 "shuffle: --drop: no column 'cty' here; did you mean 'city'?"
}

@test "streams that do not agree: named, with the difference" {
    printf 'n,town\n1,Lyon\n' | load -q -o u.arrows
    fails 'shuffle t.arrows u.arrows' 65 'shuffle: u.arrows does not follow on t.arrows: column 2'
}

@test "learning from a pipe: the same as from a file; a full or missing folder is named" {
    seq 1 50000 | awk 'BEGIN { print "a,b" } { print $1 "," $1 % 7 }' | load -q -o big.arrows
    normalize -q big.arrows >a
    cat big.arrows | TMPDIR=/no/such/folder normalize -q | cmp - a # memory is enough
    for i in $(seq 50); do cat big.arrows; done >more.arrows
    normalize -q more.arrows >a
    cat more.arrows | TMPDIR=$PWD normalize -q | cmp - a
    [ -z "$(find . -newer a -name '*weir*')" ]
    fails 'cat more.arrows | TMPDIR=/no/such/folder normalize' 73 '/no/such/folder'
}

@test "learning from a pipe fails at once, though more may come" {
    seq 1 100000 | sed '1i x' >good.csv
    sed '$s/.*/inf/' good.csv | load -q --types x=float64 -o bad.arrows # time enough to wait for more meanwhile
    load -q --types x=float64 good.csv -o good.arrows
    mkfifo pipe
    exec 4<>pipe
    cat good.arrows good.arrows good.arrows bad.arrows >&4 &
    fails 'timeout 20 normalize <pipe' 65 "column 'x', row 400000: an infinite number"
    exec 4>&-
}

@test "a spill that outgrows its room: the folder is named" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'ulimit and the sanitizer do not go together'
    seq 1 200000 | sed '1i n' | load -q -o big.arrows
    for i in $(seq 25); do cat big.arrows; done >more.arrows
    fails "trap '' XFSZ; ulimit -f 100; cat more.arrows | TMPDIR=$PWD normalize >/dev/null" 74 \
        "the input cannot be kept for a second reading in '$PWD' (\$TMPDIR names another folder): File too large"
}

@test "control characters never reach the terminal" {
    fails "pick \"\$(printf 'a\\033c\\nb')\" <t.arrows" 65 "no column 'a\\x1bc\\nb' here"
    run ! bash -c "pick \"\$(printf 'a\\033c')\" <t.arrows 2>&1 >/dev/null | grep \"\$(printf '\\033')\""
}

@test "-q: no closing line; without it one" {
    run --separate-stderr pick <t.arrows
    [ "$stderr" = 'pick: 3 rows in, 3 out' ]
    run --separate-stderr pick -q <t.arrows
    [ -z "$stderr" ]
}

@test "-o: the mode is kept, links are followed, devices are written to" {
    echo old >target
    chmod 640 target
    ln -s target link
    pick -q -o link <t.arrows
    [ -L link ]
    [ "$(stat -c %a target)" = 640 ]
    cmp target t.arrows
    pick -q -o /dev/null <t.arrows
    [ -c /dev/null ]
    fails 'pick -o /dev/full <t.arrows' 74 'No space left on device'
    mkfifo f
    cat f >got &
    pick -q -o f <t.arrows
    wait
    cmp got t.arrows
}
