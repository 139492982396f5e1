# dedup: exact duplicates by row and by columns, which of them stays, marks, the index.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    printf '%s\n' id,a,b,when 1,x,5,2024-01-03 2,y,6.5,2024-01-02 3,x,5,2024-01-03 4,,5,2024-01-01 5,,5,2024-01-01 \
        6,y,6.5,2024-01-09 7,x,,2024-01-04 >t.csv
}
kept() { dedup -q "$@" | save -q --format csv - | tail -n +2 | cut -d , -f 1 | paste -sd ' '; }
# the columns id, duplicate_of and cluster, a row each
marks() { dedup -q --mark "$@" | pick -q id duplicate_of cluster | save -q --format csv - | tail -n +2 | paste -sd ' '; }

@test "a row that equals an earlier one in all but the id is dropped; nulls are equal" {
    is "$(kept t.csv)" '1 2 4 6 7'
}

@test "by columns; the id is a column like others when it is named" {
    is "$(kept --by a t.csv)" '1 2 4'
    is "$(kept --by a,b t.csv)" '1 2 4 7'
    is "$(kept --by id,a t.csv)" '1 2 3 4 5 6 7'
}

@test "keep: the first, the last, the best; null is the least" {
    is "$(kept --by a --keep last t.csv)" '5 6 7'
    is "$(kept --by a --keep best=when t.csv)" '4 6 7'
    is "$(kept --by a --keep best=b t.csv)" '1 2 4'
    is "$(kept --by a --keep best=id t.csv)" '5 6 7'
}

@test "best of every kind of number: the greatest, of several the first" {
    for values in '3 -7 12 12' '-0.5 -inf 1e300 1e300' '18446744073709551615 1 2 3'; do
        # shellcheck disable=SC2086 # four words
        printf 'k,n,v\n1,1,%s\n1,2,%s\n1,3,%s\n1,4,%s\n' $values >v.csv
        want=3
        case $values in 1844*) want=1 ;; esac
        type=$([ $want = 1 ] && echo uint64 || echo float64)
        is "$(load -q --types "v=$type" v.csv | dedup -q --by k --keep best=v | pick -q n | save -q --format csv - | tail -n 1)" $want
    done
    printf 'k,v,n\na,,1\na,0,2\nb,,3\nb,-9223372036854775808,4\n' >w.csv
    is "$(load -q --types v=uint64 --bad null w.csv | dedup -q --by k --keep best=v | pick -q n | save -q --format csv - | tr '\n' ' ')" 'n 2 3 '
    is "$(load -q --types v=int64 w.csv | dedup -q --by k --keep best=v | pick -q n | save -q --format csv - | tr '\n' ' ')" 'n 2 4 '
}

@test "mark: the id of the row kept and its number, all rows stay" {
    is "$(marks t.csv)" '1,,1 2,,2 3,1,1 4,,4 5,4,4 6,,6 7,,7'
    is "$(marks --by a --keep last t.csv)" '1,7,7 2,6,6 3,7,7 4,5,5 5,,5 6,,6 7,,7'
    is "$(marks --by a --keep best=when t.csv)" '1,7,7 2,6,6 3,7,7 4,,4 5,4,4 6,,6 7,,7'
}

@test "mark without ids: the number of the row kept; texts as ids keep their type" {
    is "$(dedup -q --mark --drop id t.csv | save -q --format csv - | tail -n +2 | cut -d , -f 4,5 | paste -sd ' ')" \
        ',1 ,2 1,1 ,4 4,4 ,6 ,7'
    sed 's/^\([0-9]\),/n\1,/' t.csv >n.csv
    is "$(marks n.csv)" 'n1,,1 n2,,2 n3,n1,1 n4,,4 n5,n4,4 n6,,6 n7,,7'
    is "$(marks --keep last n.csv)" 'n1,n3,3 n2,,2 n3,,3 n4,n5,5 n5,,5 n6,,6 n7,,7'
}

@test "clusters stay on one side of a partition" {
    seq 1 2000 | awk 'BEGIN { print "id,v" } { print $1 "," $1 % 300 }' | dedup -q --mark |
        partition -q --seed 1 one=0.5 two=0.5
    [ -z "$(comm -12 <(column one v | sort -u) <(column two v | sort -u))" ]
}

@test "mark beside a column that groups: the cluster is an id, and no model takes it for a feature" {
    seq 1 300 | awk 'BEGIN { print "who,v,k" } { print $1 % 9 "," $1 % 50 "," ($1 % 2 ? "a" : "b") }' |
        load -q --label k | pick -q --role who=group | dedup -q --by v,k --mark -o g.arrows
    show g.arrows | grep -E '^who +int64 +group'
    show g.arrows | grep -E '^cluster +int64 +id'
    train -q g.arrows -o m
    is "$(show --json m | jq -c '[.features[].name]')" '["v"]'
}

@test "numbers are equal by value, in whatever type; texts by their bytes" {
    printf 'v\n0.0\n-0.0\n0.5\n5e-1\n1e0\n1\n' >n.csv
    is "$(dedup -q n.csv | save -q --format csv - | tail -n +2 | paste -sd ' ')" '0 0.5 1'
    printf 'v\na\nA\n"a "\n"a"\n北\n' >n.csv
    [ "$(dedup -q n.csv | show --json --rows 0 - | grep -c '"rows": 4')" = 1 ]
}

@test "the rows that stay are those of a slow reference, from a file and from a pipe" {
    seq 1 40000 | awk 'BEGIN { print "id,k,v" } { print $1 "," ($1 * 7919) % 5003 "," $1 % 2 }' >many.csv
    for keep in first last best=v; do
        dedup -q --by k --keep $keep many.csv | column /dev/stdin id >once
        load -q many.csv | dedup -q --by k --keep $keep | column /dev/stdin id | cmp - once
        # a slow reference
        awk -F , -v keep=$keep 'NR > 1 {
            if (!($2 in row)) order[++n] = $2
            if (!($2 in row) || keep == "last" || (keep == "best=v" && $3 > value[$2])) { row[$2] = $1; value[$2] = $3 }
        } END { for (i = 1; i <= n; i++) print row[order[i]] }' many.csv | sort -n | cmp - once
    done
}

@test "the index remembers: rows of yesterday are duplicates today, numbers go on" {
    head -n 4 t.csv >one.csv
    (head -n 1 t.csv && tail -n +5 t.csv) >two.csv
    (head -n 1 t.csv && tail -n 2 t.csv && echo 8,new,1,2024-02-01) >three.csv
    for keep in first last best=b; do
        rm -f ix
        is "$(marks --by a --keep "$keep" --index ix one.csv | tr -s ' ' '\n' | wc -l)" 3
        is "$(marks --by a --keep first --index ix two.csv)" "$(case $keep in
            first) echo '4,,4 5,4,4 6,2,2 7,1,1' ;; *) echo '4,,4 5,4,4 6,2,2 7,3,3' ;; esac | sed "$([ $keep = best=b ] && echo s/7,3,3/7,1,1/)")"
        is "$(marks --by a --keep last --index ix three.csv | cut -d ' ' -f 1,3)" '6,2,2 8,,10'
        is "$(kept --by a --index ix t.csv)" ''
    done
    run --separate-stderr bash -c 'dedup --by a --index ix one.csv >/dev/null'
    [ "${stderr##*$'\n'}" = 'dedup: 3 rows in, 0 out, 3 dropped (3 equal to rows of earlier runs)' ]
}

@test "the index knows numbers in another type, and columns in another order" {
    printf 'a,b\n5,x\n' >one.csv
    printf 'b,a\nx,5.0\nx,5.5\n' >two.csv
    dedup -q --index ix one.csv -o one
    is "$(dedup -q --index ix two.csv | save -q --format csv -)" $'b,a\nx,5.5'
}

@test "an index stays as it was when the run fails, and none is left that was not there" {
    dedup -q --index ix t.csv -o out
    cp ix before
    printf 'id,a,b,when\n8,z,1,2024-01-01\n9,z\n' >bad.csv
    fails 'dedup -q --index ix bad.csv >out' 65 'bad.csv'
    cmp ix before
    fails 'dedup -q --index ix t.csv -o no/such/file' 73 'no/such'
    cmp ix before
    fails 'dedup -q --index new bad.csv >out' 65 'bad.csv'
    [ ! -e new ]
    [ -z "$(find . -name '.ix*' -o -name '.new*')" ]
}

@test "an index is locked while it is used" {
    mkfifo pipe
    dedup -q --index ix pipe -o out &
    exec 9>pipe
    for _ in $(seq 100); do [ -e ix ] && break || sleep 0.05; done
    fails 'dedup -q --index ix t.csv -o other' 75 "'ix' is in use by another run"
    cat t.csv >&9
    exec 9>&-
    wait $!
    is "$(kept --index ix t.csv)" ''
}

@test "an index that is damaged, cut, longer, or no index is refused" {
    dedup -q --index ix t.csv -o out
    size=$(stat -c %s ix)
    for at in 0 9 20 $((size / 2)) $((size - 30)) $((size - 1)); do
        python3 -c 'import sys; b = bytearray(open("ix", "rb").read()); b[int(sys.argv[1])] ^= 1; open("bad", "wb").write(b)' "$at"
        cp bad before
        fails 'dedup -q --index bad t.csv' 65 "'bad'"
        cmp bad before
    done
    for length in 1 11 27 $((size - 16)) $((size - 1)); do
        head -c "$length" ix >bad
        fails 'dedup -q --index bad t.csv' 65 "'bad' is damaged"
    done
    (cat ix && echo) >bad
    fails 'dedup -q --index bad t.csv' 65 "'bad' is damaged"
    fails 'dedup -q --index t.csv t.csv' 65 "'t.csv' is damaged, or no index of dedup"
    mkfifo pipe
    fails 'dedup -q --index pipe t.csv' 73 'no regular file'
    fails 'dedup -q --index . t.csv' 73 ''
}

@test "an index of other columns or other ids is refused" {
    dedup -q --by a,b --index ix t.csv -o out
    fails 'dedup -q --by a --index ix t.csv' 65 "'ix' remembers rows by the columns a, b, and these are compared by others"
    sed 's/^\([0-9]\),/n\1,/' t.csv >n.csv
    fails 'dedup -q --by a,b --index ix n.csv' 65 "'ix' remembers rows with ids of type int64, and these have ids of type utf8"
    fails 'dedup -q --by a,b --drop id --index ix n.csv' 65 'these have no ids'
}

@test "what is asked wrongly is told" {
    fails 'dedup -q --index o -o o t.csv' 64 "dedup: --index and --output name one file, 'o'"
    never test -e o
    fails 'dedup -q --keep middle t.csv' 64 "option '--keep' takes first, last or best=COLUMN, not 'middle'"
    fails 'dedup -q --by nope t.csv' 65 "--by: no column 'nope'"
    fails 'dedup -q --by a,a t.csv' 64 "--by names the column 'a' twice"
    fails 'dedup -q --keep best=nope t.csv' 65 "--keep: no column 'nope'"
    fails 'dedup -q --keep best=a t.csv' 65 "'a' is asked for, which holds no numbers and no times"
    fails 'dedup -q --mark t.csv | dedup -q --mark' 65 "there is a column 'duplicate_of' already"
    fails 'dedup -q --drop a,b,when t.csv' 65 'every column is an id'
}

@test "the plan has the step, and score answers every row" {
    load -q --label plan "$TREE/examples/customers.csv" | pick -q age months plan | dedup -q | clean -q | normalize -q |
        train -q --model logistic -o m
    [[ $(show --json m) == *'"stage": "dedup"'* ]]
    is "$(score -q m "$TREE/examples/customers.csv" | save -q --format csv - | wc -l)" 801
    # what is marked needs no marks in the rows that are scored
    load -q --label churned "$TREE/examples/customers.csv" | dedup -q --mark --by city,plan | clean -q | normalize -q |
        train -q --model logistic -o m
    is "$(score -q m "$TREE/examples/customers-new.csv" | pick -q prediction | save -q --format csv - | grep -cE 'yes|no')" \
        "$(tail -n +2 "$TREE/examples/customers-new.csv" | wc -l)"
}

@test "memory: at most 24 bytes for each row kept, at 1 and 10 times the rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'sanitizers need memory of their own'
    for rows in 200000 2000000; do
        seq $rows | awk 'BEGIN { print "v" } { print $1 }' | load -q - -o many.arrows
        peak dedup -q many.arrows >peak.$rows
    done
    awk -v small="$(cat peak.200000)" -v large="$(cat peak.2000000)" \
        'BEGIN { each = (large - small) * 1024 / 1800000; print each; exit !(each <= 24) }'
}

@test "memory: near texts and records take what the page says, at 1 and 10 times the rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'sanitizers need memory of their own'
    for rows in 20000 200000; do
        seq $rows | awk 'BEGIN { print "id,text,n" }
            { print $1 "," $1 * 7919 % 999983 " " $1 * 104729 % 999979 " " $1 * 1299709 % 999961 "," $1 }' |
            load -q --id id - -o many.arrows
        peak dedup -q --near text many.arrows >texts.$rows
        peak dedup -q --near text=0.95,n=1 many.arrows >records.$rows
    done
    for kind in texts:260 records:130; do
        awk -v small="$(cat ${kind%:*}.20000)" -v large="$(cat ${kind%:*}.200000)" -v most=${kind#*:} \
            'BEGIN { each = (large - small) * 1024 / 180000; print each; exit !(each <= most) }'
    done
}

# texts in several scripts; 4, 5 and 6 are 1, 2 and 3 with a letter more or less, 7 and 8 are others
texts() {
    cat >texts.csv <<'END'
id,text,best
1,The weir holds the river back and measures how much of it goes by,1
2,河流上的低坝使水面保持平稳并且测量流过的水量有多少和有多快,9
3,Плотина держит уровень реки и меряет сколько воды проходит мимо,5
4,The weir holds the river back and measures how much of it goes by!,2
5,河流上的低坝使水面保持平稳并且测量流过的水量有多少和有多快。,1
6,Плотина держит уровень реки и меряет сколько воды проходит мима,5
7,The weir lets the river go and measures nothing of what goes by it,3
8,,3
9,,3
END
}

@test "near: texts of any script, verified; a null is like nothing; the closing line says what was chosen" {
    texts
    is "$(marks --near text texts.csv)" '1,,1 2,,2 3,,3 4,1,1 5,2,2 6,3,3 7,,7 8,,8 9,,9'
    is "$(marks --near text --keep last texts.csv)" '1,4,4 2,5,5 3,6,6 4,,4 5,,5 6,,6 7,,7 8,,8 9,,9'
    is "$(marks --near text --keep best=best texts.csv)" '1,4,4 2,,2 3,,3 4,,4 5,2,2 6,3,3 7,,7 8,,8 9,,9'
    is "$(kept --near text=1 texts.csv)" '1 2 3 4 5 6 7 8 9'
    is "$(kept --near text --words --shingle 1 texts.csv)" '1 2 3 5 7 8 9'
    run --separate-stderr bash -c 'load -q texts.csv | dedup --near text >/dev/null'
    is "$stderr" 'dedup: 9 rows in, 6 out, 3 dropped (18 bands of 7 rows, threshold 0.8, 5 characters)'
}

@test "near: records, each column by its own threshold" {
    printf 'id,name,born,town\n1,Johansson,1980,Umeå\n2,Johanson,1980,Umeå\n3,Johansson,1985,Umeå\n4,Smith,1980,Umeå\n' >p.csv
    is "$(marks --near name=0.9,born=1,town=1 p.csv)" '1,,1 2,1,1 3,,3 4,,4'
    is "$(marks --near name=0.9,born=0.99 p.csv)" '1,,1 2,1,1 3,1,1 4,,4'
    is "$(kept --near name,born,town --threshold 1 p.csv)" '1 2 3 4'
}

@test "near: images, brighter and not" {
    python3 -c '
import struct, sys
def image(f): return bytes(max(0, min(255, int(f(x, y)))) for y in range(32) for x in range(32))
one = lambda x, y: 128 + 60 * ((x // 8 + y // 5) % 3 - 1) + x
images = [image(one), image(lambda x, y: one(x, y) * 0.8 + 10), image(lambda x, y: one(y, x * x // 9))]
sys.stdout.buffer.write(struct.pack(">IIII", 0x803, 3, 32, 32) + b"".join(images))' >images
    load -q images -o i.arrows
    is "$(dedup -q --near image --threshold 0.9 --mark i.arrows | pick -q cluster | save -q --format csv - | tail -n +2 | paste -sd ' ')" '1 1 3'
}

@test "near: an index remembers texts, and knows how they were compared" {
    texts
    head -n 4 texts.csv >one.csv
    (head -n 1 texts.csv && tail -n +5 texts.csv) >two.csv
    is "$(marks --near text --index ix one.csv)" '1,,1 2,,2 3,,3'
    cp ix before
    is "$(marks --near text --keep last --index ix two.csv)" '4,1,1 5,2,2 6,3,3 7,,7 8,,8 9,,9'
    is "$(marks --near text --index ix two.csv)" '4,1,1 5,2,2 6,3,3 7,7,7 8,,14 9,,15'
    fails 'dedup -q --by text --index ix two.csv' 65 "'ix' remembers rows to find those that are nearly equal, not those that are equal"
    fails 'dedup -q --near text --shingle 4 --index ix two.csv' 65 "'ix': the index was made with other shingles"
    fails 'dedup -q --near text --threshold 0.9 --index ix two.csv' 65 "'ix'"
    size=$(stat -c %s before)
    for at in 20 $((size / 2)) $((size - 40)) $((size - 17)) $((size - 1)); do
        python3 -c 'import sys; b = bytearray(open("before", "rb").read()); b[int(sys.argv[1])] ^= 1; open("bad", "wb").write(b)' "$at"
        fails 'dedup -q --near text --index bad two.csv' 65 "'bad'"
        head -c "$at" before >bad
        fails 'dedup -q --near text --index bad two.csv' 65 "'bad'"
    done
    dedup -q --by text --index exact one.csv -o out
    fails 'dedup -q --near text --index exact one.csv' 65 "'exact' remembers rows to find those that are equal, not those that are nearly equal"
}

@test "near: the same bytes on any number of cores, in little memory, from a pipe" {
    seq 1 6000 | awk 'BEGIN { srand(5); print "id,text" }
        { s = ""; for (i = 0; i < 30; i++) s = s " w" int(rand() * 3000)
          print $1 "," s; if ($1 % 7 == 0) print $1 + 10000 "," s " more" }' >many.csv
    load -q many.csv -o many.arrows
    dedup -q --near text --mark many.arrows -o one
    [ "$(column one duplicate_of | grep -c '[0-9]')" = 857 ]
    taskset -c 0 dedup -q --near text --mark --memory 1M - <many.arrows | cmp - one
    dedup -q --near text --mark <(cat many.arrows) | cmp - one
}

@test "near: what is asked wrongly is told" {
    texts
    fails 'dedup -q --near text --by text texts.csv' 64 '--by and --near exclude each other'
    fails 'dedup -q --near txt texts.csv' 65 "--near: no column 'txt'"
    fails 'dedup -q --near txt=0.5 texts.csv' 65 "--near: no column 'txt'"
    fails 'dedup -q --near text=2 texts.csv' 64 "'text=2' is neither a column nor COLUMN=THRESHOLD"
    fails 'dedup -q --near text,text texts.csv' 64 "--near names the column 'text' twice"
    fails 'dedup -q --near best texts.csv' 65 "column 'best' (int64) holds neither text nor images"
    fails 'dedup -q --near text --threshold 0 texts.csv' 64 "option '--threshold' takes a number from 0.001 to 1"
    fails 'dedup -q --near text --shingle 65 texts.csv' 64 "option '--shingle' takes a whole number from 1 to 64"
    for option in '--threshold 0.9' '--shingle 3' --words; do
        fails "dedup -q $option texts.csv" 64 "${option%% *} goes with --near COLUMN: without it rows are equal or not"
    done
    for option in '--shingle 3' --words; do
        fails "dedup -q $option --near text,best texts.csv" 64 \
            '--shingle and --words go with --near of one column of text, and these are records'
    done
}
