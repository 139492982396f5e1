# partition: rows divided among files, by chance, by class, by key, in folds.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    seq 0 999 | awk 'BEGIN { print "n,user,class" } { print $1 ",u" ($1 * 7919) % 101 "," ($1 % 10 == 0 ? "rare" : "common") }' >t.csv
    load -q t.csv -o t.arrows
}
rows() { show --json --rows 0 "$1" | awk '/"rows"/ { print $2 + 0 }'; }
numbers() { column "$1" n; }

@test "shares are exact, every row is in one file, in its order" {
    partition -q --seed 1 a=0.7 b=0.2 c=0.1 <t.arrows
    [ "$(rows a) $(rows b) $(rows c)" = '700 200 100' ]
    for file in a b c; do numbers $file >$file.n && sort -n $file.n | cmp - $file.n; done
    sort -n a.n b.n c.n | cmp - <(seq 0 999)
}

@test "shares hold for every number of rows" {
    for n in 1 2 3 7 50 333; do
        pick -q --rows $n <t.arrows | partition -q --seed "$n" a=0.7 b=0.3
        awk -v a="$(rows a)" -v b="$(rows b)" -v n=$n 'BEGIN { d = a - 0.7 * n; exit !(a + b == n && d < 1 && d > -1) }'
    done
}

@test "a seed is a division, however the rows are batched; another seed another" {
    partition -q --seed 1 a=0.5 b=0.5 <t.arrows
    numbers a >first
    partition -q --seed 1 a=0.5 b=0.5 <t.csv
    numbers a | cmp - first
    partition -q --seed 2 a=0.5 b=0.5 <t.arrows
    numbers a >other
    never cmp -s other first
    # the first rows go where they went when there are more
    pick -q --rows 100 <t.arrows | partition -q --seed 1 a=0.5 b=0.5
    numbers a | cmp - <(awk '$1 < 100' first)
}

@test "a sum below one: the rest is dropped and counted" {
    run --separate-stderr partition --seed 1 a=0.25 b=0.25 <t.arrows
    [ "$stderr" = 'partition: 1000 rows in, 500 out, 500 dropped (a 250, b 250)' ]
}

@test "stratify: each class has its share" {
    partition -q --seed 3 --stratify class a=0.9 b=0.1 <t.arrows
    [ "$(column b class | sort | uniq -c | tr -s ' \n' ' ')" = ' 90 common 10 rare ' ]
}

@test "by a key: never on both sides, in any order and any run; the seed decides" {
    partition -q --seed 1 --by user a=0.6 b=0.4 <t.arrows
    column a user | sort -u >a.users
    column b user | sort -u >b.users
    [ -z "$(comm -12 a.users b.users)" ]
    [ "$(cat a.users b.users | wc -l)" = 101 ]
    shuffle -q --seed 9 <t.arrows | pick -q --rows 300 | partition -q --seed 1 --by user c=0.6 d=0.4
    [ -z "$(column c user | sort -u | comm -23 - a.users)" ]
    [ -z "$(column d user | sort -u | comm -23 - b.users)" ]
    partition -q --seed 2 --by user c=0.6 d=0.4 <t.arrows
    column c user | sort -u >c.users
    never cmp -s c.users a.users
}

@test "a column with the role group is the key, and that is said" {
    pick -q --role user=group <t.arrows >g.arrows
    run --separate-stderr partition --seed 1 a=0.6 b=0.4 <g.arrows
    [ "${stderr_lines[0]}" = "partition: rows of one group stay together: by the column 'user'" ]
    [ -z "$(comm -12 <(column a user | sort -u) <(column b user | sort -u))" ]
    fails 'partition --stratify class a=1 <g.arrows' 64 "the column 'user' has the role group"
}

@test "folds: each row in exactly one, the rest beside it" {
    for i in 1 2 3 4 5; do
        partition -q --seed 4 --fold $i/5 rest=rest fold=fold <t.arrows
        [ "$(rows rest) $(rows fold)" = '800 200' ]
        sort -n <(numbers rest) <(numbers fold) | cmp - <(seq 0 999)
        numbers fold >>all
    done
    sort -n all | cmp - <(seq 0 999)
    partition -q --fold 1/3 --by user fold=fold <t.arrows
    partition -q --fold 1/3 --by user rest=rest <t.arrows
    [ -z "$(comm -12 <(column fold user | sort -u) <(column rest user | sort -u))" ]
}

@test "standard output as one of the files" {
    partition -q --seed 1 -=0.8 test=0.2 <t.arrows | cat >train
    [ "$(rows train) $(rows test)" = '800 200' ]
    # a failure travels with it, also one that comes before the stream does
    head -c 20000 t.arrows >cut.arrows
    for wrong in '-=1 -=1' '--by usr -=1' '-=0.5 no/such/b=0.5' '-=1 <cut.arrows'; do
        run --separate-stderr bash -c "partition <t.arrows $wrong | pick >/dev/null; echo \${PIPESTATUS[*]}"
        [ "${stderr_lines[-1]}" = 'pick: stopped: partition failed' ]
        [[ $output =~ ^[67][0-9]\ 65$ ]]
    done
}

@test "the parts carry one plan and can be put together again" {
    partition -q --seed 1 --stratify class a=0.5 b=0.5 <t.arrows
    cat a b | save -q --format csv - | tail -n +2 | sort -n | cmp - <(tail -n +2 t.csv)
    show --json a | grep '"pipeline": "load | partition --stratify class --seed 1"'
}

@test "all or nothing: a failure leaves no file and keeps the old ones" {
    echo old >a
    fails 'head -c 20000 t.arrows | partition a=0.5 b=0.5' 65 'the stream is cut'
    [ "$(cat a)" = old ] && [ ! -e b ]
    fails 'partition a=0.5 no/such/b=0.5 <t.arrows' 73 "no/such/b"
    [ "$(cat a)" = old ]
    fails 'partition a=0.9999 /dev/full=0.0001 <t.arrows' 74 'No space left on device'
    [ "$(cat a)" = old ]
    [ -z "$(find . -name '.[ab].*')" ]
}

@test "many files, and no more than 256" {
    # shellcheck disable=SC2046 # words
    partition -q $(seq 100 | sed 's/.*/f&=0.01/') <t.arrows
    [ "$(cat f* | show --json --rows 0 - | awk '/"rows"/ { print $2 + 0 }')" = 1000 ]
    # shellcheck disable=SC2016 # for sh
    fails 'partition $(seq 257 | sed "s/.*/f&=0.001/") <t.arrows' 64 'more than 256 files'
}

@test "usage" {
    fails 'partition <t.arrows' 64 'no file is named'
    fails 'partition a=0.8 b=0.3 <t.arrows' 64 'the shares sum to 1.1, more than 1'
    fails 'partition a=0 <t.arrows' 64 "'a=0' is not FILE=SHARE"
    fails 'partition a=1e999 <t.arrows' 64 "'a=1e999' is not FILE=SHARE"
    fails 'partition a <t.arrows' 64 "'a' is not FILE=SHARE with a share above 0 and at most 1"
    fails 'partition a=0.5 a=0.5 <t.arrows' 64 "the file 'a' is named twice"
    mkdir folder
    ln -s folder/b link
    fails 'partition a=0.5 folder/../a=0.5 <t.arrows' 64 "'a' and 'folder/../a' are the same file"
    fails 'partition link=0.5 c=0.1 folder/b=0.4 <t.arrows' 64 "'link' and 'folder/b' are the same file"
    [ -z "$(find . -name a -o -name b -o -name c -o -name '.[abc].*')" ]
    partition -q /dev/null=0.5 ///dev/null=0.5 <t.arrows
    fails 'partition --fold 6/5 a=fold <t.arrows' 64 "option '--fold' takes I/K"
    fails 'partition --fold 1/5 a=0.5 <t.arrows' 64 '--fold takes one FILE=rest and one FILE=fold'
    fails 'partition --by usr a=1 <t.arrows' 65 "--by: no column 'usr' here; did you mean 'user'?"
    fails 'partition --by user --stratify class a=1 <t.arrows' 64 'exclude each other'
}

@test "rows that augment made go to no part that is held out" {
    seq 400 | awk 'BEGIN { print "text,y" } { print "one two three " $1 "," $1 % 2 }' | augment -q --label y --swap 0.5 --copies 2 - -o a.arrows
    marks() { pick -q augmented <"$1" | save -q --format csv - | tail -n +2 | sort | uniq -c | awk '{ print $2 "=" $1 }' | paste -sd' '; }
    origins() { column "$1" origin | sort -u; }
    run partition small=0.1 large=0.7 middle=0.2 <a.arrows
    [ "$status" = 0 ]
    learned=$(origins large | wc -l)
    [ "$(marks large)" = "false=$learned true=$((2 * learned))" ]
    [ "$(marks small) $(marks middle)" = "false=$(origins small | wc -l) false=$(origins middle | wc -l)" ]
    [ "$(cat <(origins small) <(origins middle) <(origins large) | sort -u | wc -l)" = 400 ]
    left=$((2 * (400 - learned)))
    [[ $output == *"partition: $left made rows were left out, as the rows that they were made of are held out"*"1200 rows in, $((1200 - left)) out, $left dropped"* ]]
    for i in 1 2 3; do
        partition -q --fold $i/3 rest=rest fold=fold <a.arrows
        [ "$(marks fold)" = "false=$(origins fold | wc -l)" ]
        learned=$(origins rest | wc -l)
        [ "$(marks rest)" = "false=$learned true=$((2 * learned))" ]
        origins fold
    done | sort | uniq -c | awk '{ n++; bad = bad || $1 != 1 } END { exit bad || n != 400 }'
    # of two that are equal nobody knows which is learned from
    run partition -q a=0.5 b=0.5 <a.arrows
    [[ $output == "partition: made rows go to every file, as no share is the largest: partition first, then augment"* ]]
    [ $(($(rows a) + $(rows b))) = 1200 ]
    # another split says nothing of that
    pick -q --drop augmented --role y=split <a.arrows | partition -q a=0.7 b=0.3
    [ $(($(rows a) + $(rows b))) = 1200 ]
    pick -q --rename augmented=is_test <a.arrows | partition -q a=0.7 b=0.3
    [ $(($(rows a) + $(rows b))) = 1200 ]
}
