# shuffle: a random order in bounded memory.
load helper

rows() { seq 0 "$1" | awk 'BEGIN { print "n,t" } { print $1 ",text " $1 % 7 }'; }

@test "the same rows in another order, each once, whole" {
    rows 20000 >t.csv
    shuffle -q --seed 1 t.csv -o s.arrows
    save -q --format csv - <s.arrows >s.csv
    never cmp -s s.csv t.csv
    (head -n 1 s.csv && tail -n +2 s.csv | sort -n) | cmp - t.csv
}

@test "one seed, one order, however the input is batched and whatever the memory" {
    rows 300000 | load -q -o t.arrows
    shuffle -q --seed 7 <t.arrows | column /dev/stdin n >a
    shuffle -q --seed 7 --memory 1M <t.arrows | column /dev/stdin n | cmp - a
    # the same rows in batches of another size
    rows 300000 | sed -n '1,12346p' | load -q -o first.arrows
    rows 300000 | sed '2,12346d' | load -q -o rest.arrows
    cat first.arrows rest.arrows | shuffle -q --seed 7 | column /dev/stdin n | cmp - a
    shuffle -q --seed 8 <t.arrows | column /dev/stdin n >b
    never cmp -s a b
    shuffle -q <t.arrows | cmp -s - <(shuffle -q --seed 0 <t.arrows)
}

@test "every order is equally likely: chi-squared over the 24 orders of four rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'hundreds of runs'
    printf 'n\n0\n1\n2\n3\n' | load -q -o t.arrows
    for seed in $(seq 480); do shuffle -q --seed "$seed" <t.arrows | save -q --format csv - | tail -n +2 | tr -d '\n'; echo; done |
        sort | uniq -c | awk '{ x += ($1 - 20) ^ 2 / 20; n++ } END { x += (24 - n) * 20; print x; exit !(x < 49.7) }' # 0.999 of 23 degrees
}

@test "the plan gets a step that is not replayed" {
    rows 5 | shuffle -q --seed 3 | show --json | grep '"pipeline": "load | shuffle --seed 3"'
}

@test "memory stays within --memory; what is more is spilled, and nothing is left" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    mkdir tmp
    rows 2000000 | load -q -o t.arrows
    TMPDIR=$PWD/tmp bash -c 'ulimit -v 200000; shuffle -q --memory 32M <t.arrows >out'
    [ "$(stat -c %s out)" -ge "$(($(stat -c %s t.arrows) * 9 / 10))" ]
    [ -z "$(ls tmp)" ]
}

@test "errors" {
    fails 'shuffle </dev/null' 66 'shuffle: standard input: no input at all'
    for size in 4096 2000T x; do
        fails "shuffle --memory $size" 64 "option '--memory' takes a size from 1M to 1024T such as 64M or 1.5G, not '$size'"
    done
    rows 200000 | load -q -o t.arrows
    fails 'TMPDIR=/no/such/folder shuffle --memory 1M <t.arrows' 73 '/no/such/folder'
    fails 'head -c 100000 t.arrows | shuffle' 65 'the stream is cut'
    fails 'shuffle <t.arrows >/dev/full' 74 'No space left on device'
}
