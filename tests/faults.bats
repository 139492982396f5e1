# Faults made on purpose: a few of each campaign of tests/faults, which `make faults` runs in full.
load helper

# campaign NAME ARGUMENTS...: no line of it is `not ok`
campaign() {
    name=$1
    shift
    run sh "$TREE/tests/faults/$name.sh" "$@"
    printf '%s\n' "$output" | sed 's/^/# /'
    [ "$status" = 0 ]
}
# what the tests below work on: a table, a stream of it, a model, and what score makes of them
inputs() {
    head -n 41 "$TREE/examples/customers.csv" >t.csv
    load -q --label churned t.csv | clean -q | normalize -q -o t.arrows
    train -q --model logistic -o m t.arrows
    score -q m t.arrows -o s.arrows
}
# every program once, as it writes to standard output
commands() {
    cat <<'END'
load -q t.csv
pick -q age <t.arrows
shuffle -q t.arrows
sample -q --rows 5 t.arrows
clean -q t.arrows
normalize -q t.arrows
train -q --model logistic t.arrows
score -q m t.arrows
audit -q t.arrows
profile -q t.arrows
metrics -q s.arrows
show t.arrows
save -q --format csv - <s.arrows
save -q --format jsonl - <s.arrows
partition -q -- -=1 <t.arrows
weir clean -q t.arrows
END
}
unsanitized() { [ "${WEIR_SANITIZED:-}" != tsan ] || skip 'the shim and this sanitizer do not go together'; }

@test "no memory at one allocation: an error in words, or the right output" {
    unsanitized
    campaign memory 4
}

@test "reads, writes and other calls that fail: an error in words, or the right output" {
    unsanitized
    campaign calls 8
}

@test "a stage killed at a random byte: no model, no output, a reason" {
    unsanitized
    campaign kill 12
}

@test "a stream or a model that is cut, or has another bit: an error, or the same result" {
    campaign damage 5
}

@test "score --in --out killed and run again: each file once and whole, one at a time" {
    unsanitized
    campaign inbox 12
}

@test "training killed over and over and resumed: the bytes of the run that was let alone" {
    campaign resume 5
}

@test "a full disk as standard output: status 74, for every program, its help too" {
    inputs
    while read -r command; do
        fails "$command >/dev/full" 74 'No space left on device'
    done < <(commands)
    for program in "$TREE"/cmd/*.c; do
        program=$(basename "$program" .c)
        fails "$program --help >/dev/full" 74 'No space left on device'
        fails "$program --version >/dev/full" 74 'No space left on device'
    done
}

@test "a reader that leaves: the writer ends by SIGPIPE without a word" {
    seq 1 60000 | awk 'BEGIN { print "n,label" } { print $1 "," $1 % 2 }' | load -q -o t.arrows
    head -c 500000 t.arrows >/dev/null
    train -q --model logistic -o m t.arrows
    score -q m t.arrows -o s.arrows
    save -q --format csv t.csv <t.arrows
    while read -r command; do
        case $command in train* | metrics* | profile* | show* | sample* | audit*) continue ;; esac # these write less than a pipe holds
        run --separate-stderr bash -c "${command/ age / n } | head -c 10 >/dev/null; echo \${PIPESTATUS[0]}"
        [ "$output:$stderr" = 141: ] || { echo "$command: $output $stderr"; false; }
    done < <(commands)
}

@test "closed standard descriptors: an error, or the output as ever" {
    inputs
    while read -r command; do
        sh -c "$command" >want
        sh -c "$command 2>&-" >out # nowhere to say anything, nothing to say
        cmp out want
        run sh -c "$command >&-"
        [ "$status" = 74 ] && [ -n "$output" ] || { echo "$command >&-: $status $output"; false; }
        run sh -c "exec <&-; ${command%%<*}"
        case $command in
        *'<'*) [ "$status" -ge 64 ] && [ "$status" -le 75 ] && [ -n "$output" ] ;;
        *) [ "$status" = 0 ] ;;
        esac || { echo "$command <&-: $status $output"; false; }
    done < <(commands)
    pick -q age <t.arrows -o want
    pick -q age <t.arrows -o out >&-
    cmp out want
    # no file that is opened takes the place of a closed one, which is written to and closed as if it were that
    for command in 'load t.csv -o' 'clean --label churned t.csv -o' 'train --model logistic t.arrows -o' \
        'score m t.arrows -o' 'show t.arrows -o' 'save --format csv <t.arrows'; do
        sh -c "$command want"
        for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
            rm -f out
            sh -c "exec $closed; $command out"
            cmp out want || { echo "$command $closed"; false; }
        done
    done
}

# closing COMMAND: how many times its program, the first word, closes a descriptor; the last one is standard output.
closing() {
    rm -f counts
    WEIR_FAULT='' WEIR_FAULT_IN=${1%% *} WEIR_FAULT_COUNT=$PWD/counts LD_PRELOAD=$WEIR_BUILD/faults/shim.so sh -c "$1" >want
    awk '$1 == "close" { print $2; exit }' counts
}

@test "standard output that cannot be closed: what was written may be lost, and the status says so" {
    unsanitized
    inputs
    WEIR_BUILD=${WEIR_BUILD:-$TREE/build}
    export ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0
    { commands; echo 'pick --help'; echo 'train --version'; } | grep -v '^weir ' >runs
    while read -r command; do
        last=$(closing "$command")
        [ "$last" -ge 1 ]
        export WEIR_FAULT=close=$last:EIO WEIR_FAULT_IN=${command%% *}
        fails "LD_PRELOAD=$WEIR_BUILD/faults/shim.so; export LD_PRELOAD; $command >out" 74 \
            "${command%% *}: standard output: Input/output error"
        unset WEIR_FAULT WEIR_FAULT_IN
        cmp out want
    done <runs
}

@test "a full folder of temporary files is not taken for a full output" {
    unsanitized
    WEIR_BUILD=${WEIR_BUILD:-$TREE/build}
    export ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0
    seq 0 19999 | awk 'BEGIN { print "k,v" } { print $1 ",value" $1 }' | load -q - -o table.arrows
    printf 'k\n5\n7\n' | load -q - -o rows.arrows
    export WEIR_FAULT=write=1+:ENOSPC WEIR_FAULT_IN=enrich
    fails "TMPDIR=$PWD LD_PRELOAD=$WEIR_BUILD/faults/shim.so enrich -q --memory 1M table.arrows --on k rows.arrows -o out" 74 \
        "enrich: a temporary file in '$PWD' (\$TMPDIR names another folder): cannot write: No space left on device"
    never [ -e out ]
}

@test "closed standard descriptors stay closed: no file of ours takes their place" {
    inputs
    # the copy of a pipe, which is read again, is not what goes out
    fails 'cat t.arrows | normalize >&-' 74 'normalize: cannot write: Bad file descriptor'
    # an operand is not standard input as well
    fails 'exec <&-; shuffle - t.arrows >out' 66 'shuffle: standard input: no input at all'
    # what is said to nobody does not go into a log
    sh -c 'train --epochs 2 --net "dense 2" --log log -o out <t.arrows 2>&-'
    [ "$(wc -l <log)" = 2 ]
    never grep -q '^train:' log
}

@test "a full or missing folder for what does not fit into memory: named, and nothing left" {
    seq 1 200000 | awk 'BEGIN { print "n,x,label" } { print $1 "," $1 * 7 % 1000 "," $1 % 2 }' | load -q -o t.arrows
    for i in $(seq 10); do cat t.arrows; done >more.arrows
    mkdir full
    for command in 'cat more.arrows | clean -q -o out' 'cat more.arrows | normalize -q -o out' \
        'shuffle -q --memory 1M t.arrows -o out' 'sample -q --rows 150000 --memory 1M t.arrows -o out' 'train -q --memory 1M --epochs 1 --net "dense 2" t.arrows -o out' \
        'pick -q n <t.arrows | save -q --format npy - | cat >/dev/null'; do
        status_of="set -o pipefail; $command"
        run bash -c "TMPDIR=$PWD/none; export TMPDIR; $status_of"
        [ "$status" = 73 ] && [[ "$output" == *"$PWD/none"* ]] && [ ! -e out ] || { echo "$command: $status $output"; false; }
        unshare -rm mount -t tmpfs none full 2>/dev/null || continue # no right to mount here
        run unshare -rm bash -c "mount -t tmpfs -o size=64k none full; TMPDIR=$PWD/full; export TMPDIR; $status_of"
        [ "$status" = 74 ] && [[ "$output" == *'No space left on device'* ]] && [ ! -e out ] ||
            { echo "$command: $status $output"; false; }
    done
}

@test "a number that ends the learning: the row or the minibatch is named, yesterday's model stays" {
    echo yesterday >m
    seq 1 64 | awk 'BEGIN { print "x,label" } { print ($1 == 40 ? "1e39" : $1) "," $1 * 1.5 }' | load -q -o huge.arrows
    tells "train -q --model linear -o m huge.arrows" 65 "train: row 40: column 'x' is not a number that can be learned from (NaN, infinite, or beyond 3.4e38)"
    tells "train -q --net 'dense 4 relu' -o m huge.arrows" 65 "train: row 40: column 'x' is not a number that can be learned from (NaN, infinite, or beyond 3.4e38)"
    seq 1 64 | awk 'BEGIN { print "x,label" } { print $1 * 1000 "," $1 * 1e6 }' | load -q -o t.arrows
    fails "train -q --net 'dense 8 | dense 8' --optimizer sgd --lr 1e6 -o m t.arrows" 65 ' at minibatch 2 of epoch 1: learning ran away; try a smaller --lr, --clip 1, or `normalize` in front'
    [ "$(cat m)" = yesterday ]
    [ -z "$(find . -name '.m.*')" ]
}
