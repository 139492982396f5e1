# train, score and show of sparse columns, which features makes of texts.
load helper

# words FILE [OPTION...]: the headlines as two sparse columns
words() { load -q "$TREE/examples/headlines.csv" --label topic | features -q --method tfidf "${@:2}" -o "$1"; }
accuracy() { metrics -q "$1" | awk '$1 == "accuracy" { print int(1000 * $2) }'; }
# scores MODEL FILE: the predictions and probabilities
scores() { score -q "$1" "$2" | pick -q prediction probability reason | save -q --format csv - | awk '{ print } END { exit NR < 2 }'; }
# pieces ROWS STATE: the same as `words` in batches of so many rows, each a stream of its own
pieces() {
    local first
    for ((first = 2; first < 602; first += $1)); do
        sed -n "1p;$first,$((first + $1 - 1))p" "$TREE/examples/headlines.csv" | load -q --label topic |
            features -q --state "$2"
    done
}

@test "sparse columns are learned from and scored, raw rows as their features" {
    words w.arrows
    for optimizer in '' '--optimizer sgd' '--optimizer adagrad' '--optimizer ftrl'; do
        # shellcheck disable=SC2086 # two words
        train -q $optimizer -o model w.arrows
        score -q model w.arrows >scored
        [ "$(accuracy scored)" -gt 900 ]
        scores model "$TREE/examples/headlines.csv" >raw.csv
        scores model w.arrows >made.csv
        cmp raw.csv made.csv
        # a row alone is scored as among others
        is "$(head -n 8 "$TREE/examples/headlines.csv" | sed -n '1p;8p' | score -q model | pick -q probability | save -q --format csv - | tail -n 1)" \
            "$(score -q model w.arrows | pick -q probability | save -q --format csv - | sed -n 8p)"
    done
}

@test "two classes and many, each against the rest, values, weights" {
    words w.arrows
    train -o many w.arrows 2>said
    grep -q "softmax regression, 3 classes of 'topic', cross-entropy" said
    train --loss binary-cross-entropy -o rest w.arrows 2>said
    grep -q 'binary-cross-entropy of each class against the rest' said
    score -q rest w.arrows >scored
    [ "$(accuracy scored)" -gt 950 ]
    score -q rest w.arrows | pick -q probability | save -q --format csv - | tail -n +2 | tr -d '"[]' |
        awk -F, '{ sum = $1 + $2 + $3; if (!(sum > 0.999999 && sum < 1.000001)) exit 1 }'
    # two classes; a row of weight 0 is as if it were not there
    sed 's/^money/science/' "$TREE/examples/headlines.csv" | awk -F, -v OFS=, 'NR == 1 { print "w", $0; next } { print NR % 2, $0 }' >two.csv
    awk -F, 'NR == 1 || $1 == 1' two.csv >half.csv
    features -q --method tfidf two.csv --label topic --weight w --save-state state >two.arrows
    features -q half.csv --label topic --weight w --state state >half.arrows
    for options in '' '--loss binary-cross-entropy'; do
        # shellcheck disable=SC2086
        train $options -o two two.arrows 2>said
        grep -q "logistic regression, 2 classes of 'topic', binary-cross-entropy" said
        # shellcheck disable=SC2086
        train -q $options -o half half.arrows
        paste -d, <(scores two two.arrows) <(scores half two.arrows) | tr -d '"[]' | tail -n +2 |
            awk -F, '{ d = $2 - $6; if ($1 != $5 || d > 1e-4 || d < -1e-4) exit 1 }'
    done
    # values: the length of the text, which is in no word, from words
    awk -F, -v OFS=, 'NR == 1 { print "n", $0; next } { print length($0), $0 }' "$TREE/examples/headlines.csv" >n.csv
    features -q --method counts n.csv --label n --drop topic | train -o n 2>said
    grep -q "linear regression, values of 'n', mse" said
    features -q --method counts n.csv --label n --drop topic | train --model linear --optimizer adagrad --epochs 20 -o n2 2>said
    score -q n2 n.csv | metrics -q | awk '$1 == "r2" && $2 > 0.8 { good = 1 } END { exit !good }'
}

@test "each optimizer learns values from several columns at its usual rate" {
    awk -F, -v OFS=, 'NR == 1 { print "n,m", $0; next } { print length($0), 2 * sin(NR), $0 }' "$TREE/examples/headlines.csv" |
        features -q --method tfidf -c title,text --label n --drop topic -o n.arrows
    for optimizer in sgd adagrad ftrl; do
        train -q --model linear --optimizer $optimizer --epochs 5 -o model n.arrows
        score -q model n.arrows | metrics -q | awk '$1 == "r2" && $2 > 0.6 { good = 1 } END { exit !good }'
    done
}

@test "dense columns stand beside sparse ones, as numbers and as categories" {
    awk -F, -v OFS=, 'NR == 1 { print "n,kind", $0; next } { print NR % 7, NR % 3 ? "a" : "b", $0 }' "$TREE/examples/headlines.csv" >mixed.csv
    features -q --method tfidf -c text,title mixed.csv --label topic >mixed.arrows
    train -o model mixed.arrows 2>said
    grep -q 'encoded: kind' said
    score -q model mixed.csv >scored
    [ "$(accuracy scored)" -gt 980 ]
    scores model mixed.csv >raw.csv
    scores model mixed.arrows >made.csv
    cmp raw.csv made.csv
    show --json model | grep -q '"name": "kind"'
    # sgd reads a stream as it comes: what nothing has encoded is named
    fails 'train --optimizer sgd -o none mixed.arrows' 65 "column 'kind' is utf8, which no model learns from"
    encode -q -c kind mixed.arrows | train -q --optimizer ftrl -o model
    [ "$(score -q model mixed.csv | metrics -q | awk '$1 == "accuracy" { print ($2 > 0.9) }')" = 1 ]
    # adagrad and ftrl take dense columns alone
    normalize -q "$TREE/examples/customers.csv" --label churned --drop name,customer_id | clean -q | encode -q |
        train -q --optimizer ftrl -o model
    score -q model "$TREE/examples/customers.csv" | metrics -q --fail-under accuracy=0.6
}

@test "one pass from a pipe, more passes, and the same bytes whatever the batches" {
    words w.arrows --save-state state
    pieces 37 state >pieces.arrows
    for options in '--optimizer sgd' '--optimizer adagrad' '--optimizer ftrl' ''; do
        # shellcheck disable=SC2086
        train -q $options -o one w.arrows
        # shellcheck disable=SC2002,SC2086 # a pipe, which cannot seek
        cat pieces.arrows | train -q $options -o two
        cmp one two
        [ -n "$options" ] || continue
        # shellcheck disable=SC2086
        train -q $options --epochs 3 --batch 7 -o three w.arrows
        # shellcheck disable=SC2002,SC2086
        cat pieces.arrows | train -q $options --epochs 3 --batch 7 -o two
        cmp three two
        never cmp -s one three
    done
    train -q --memory 1M -o two w.arrows
    cmp one two
    taskset -c 0 train -q -o two w.arrows
    cmp one two
}

@test "a class that comes late ends the minibatch under way" {
    # the rows before are of two classes, and of words that no later row has: what the one gained the other lost
    awk 'BEGIN { print "text,y"; for (i = 0; i < 1024; i++) print i % 3 ? "xx,a" : "yy,b"; for (i = 0; i < 8; i++) print "zzz,c" }' |
        features -q --method counts -c text --label y -o late.arrows
    for optimizer in sgd adagrad ftrl; do
        train -q --optimizer $optimizer --batch 1000 --l2 0 --loss binary-cross-entropy -o model late.arrows
        python3 - <<'P'
import json, struct
model = open("model", "rb").read()
size, = struct.unpack_from("<Q", model)
tensor = json.loads(model[8:8 + size])["weight"]
assert tensor["shape"] == [3, 3]
w = struct.unpack_from("<9f", model, 8 + size + tensor["data_offsets"][0])
assert w[0] == -w[3] != 0 and w[1] == -w[4] != 0 and w[6] == w[7] == 0, w
P
    done
}

@test "weights and smoothing of labels in what reads as it comes" {
    sed 's/^money/science/' "$TREE/examples/headlines.csv" | awk -F, -v OFS=, 'NR == 1 { print "w", $0; next } { print NR % 2, $0 }' >two.csv
    awk -F, 'NR == 1 || $1 == 1' two.csv >half.csv
    features -q --method tfidf two.csv --label topic --weight w --save-state state >two.arrows
    features -q half.csv --label topic --weight w --state state >half.arrows
    sed '2,$s/^1/3/' half.csv | features -q --label topic --weight w --state state >thrice.arrows
    apart() { # MODEL MODEL FILE: whether a probability is another, beyond what rounding gives
        paste -d, <(scores "$1" "$3") <(scores "$2" "$3") | tr -d '"[]' | tail -n +2 |
            awk -F, '{ d = $2 - $6; if (d > 1e-6 || d < -1e-6) apart = 1 } END { print apart ? "yes" : "no" }'
    }
    most() { score -q "$1" two.arrows | pick -q probability | save -q --format csv - | tr -d '"[]' | tail -n +2 | tr , '\n' | sort -g | tail -n 1; }
    for optimizer in sgd adagrad ftrl; do
        # a row of weight 0 is as if it were not there, and one of 3 is no row of 1
        train -q --optimizer $optimizer --l2 0 -o two two.arrows
        train -q --optimizer $optimizer --l2 0 -o half half.arrows
        train -q --optimizer $optimizer --l2 0 -o thrice thrice.arrows
        is "$(apart two half two.arrows) $(apart thrice half two.arrows)" 'no yes'
        # of a class that counts as 0.8 no more than about that is to be had
        train -q --optimizer $optimizer --l2 0 --epochs 30 --label-smoothing 0.4 -o two two.arrows
        train -q --optimizer $optimizer --l2 0 --epochs 30 -o half two.arrows
        awk -v smooth="$(most two)" -v plain="$(most half)" 'BEGIN { exit !(smooth < 0.95 && plain > 0.999) }'
    done
}

@test "l1 gives zeros, and show says how many weights are left and which are the largest" {
    words w.arrows
    for optimizer in sgd adagrad ftrl; do
        train -q --optimizer $optimizer --l1 0 -o all w.arrows
        train -q --optimizer $optimizer --l1 1 -o some w.arrows
        left() { show --json "$1" | sed -n 's/ *"nonzero": \([0-9]*\),*/\1/p'; }
        [ "$(left some)" -gt 0 ] && [ $((2 * $(left some))) -lt "$(left all)" ]
    done
    show some >said
    grep -qE '^[0-9]+ of [0-9]+ weights are not 0, [0-9]+ wide$' said
    grep -qE '^  (text|title) +[0-9]+  (sport|money|science)' said
    grep -qE '^model +logistic \(regression\), classify$' said
}

@test "show names the terms of the largest weights" {
    load -q "$TREE/examples/headlines.csv" --label topic --drop text >h.arrows
    for into in '' '--into words'; do
        # shellcheck disable=SC2086
        features -q --method tfidf --ngrams 1-2 $into --save-state state h.arrows | train -q -o model ${into:+--drop title}
        show --json model | jq -r '.weights.largest[] | [.place, .term] | @tsv' >largest
        is "$(wc -l <largest)" 10
        while IFS=$'\t' read -r place term; do
            is "$(printf 'title\n%s\n' "$term" | features -q --state state | pick -q "$([ -n "$into" ] && echo words || echo title)" | save -q --format jsonl - |
                jq "[.[][].index] | index($place) != null")" true
        done <largest
        show model | grep -qE '^  (title|words) +[0-9]+  (sport|money|science) +-?[0-9.]+  [a-z]+'
    done
    # hashes have none
    features -q --method hash --width 64 h.arrows | train -q -o model
    show model | grep -qE '^  column  place  class +weight$'
}

@test "penalties are of weights in the label's units" {
    # a label 1024 times as large, and L1 with it: 1024 times the weights, to the bit
    for scale in 1 1024; do
        awk -F, -v OFS=, -v s=$scale 'NR == 1 { print "n", $0; next } { print s * length($0), $0 }' "$TREE/examples/headlines.csv" |
            features -q --method counts -c text --label n --drop topic,title -o $scale.arrows
        for optimizer in sgd adagrad ftrl; do
            train -q --model linear --optimizer $optimizer --lr 0.1 --l1 $((scale * 200)) --l2 0.5 -o model $scale.arrows
            show --json model | jq -c --argjson s $scale '.weights | [.nonzero, .width, (.largest[] | .place, .weight / $s)]' >$optimizer.$scale
        done
    done
    for optimizer in sgd adagrad ftrl; do
        cmp $optimizer.1 $optimizer.1024
        jq -e '.[0] > 10 and .[0] < .[1] * 0.7' $optimizer.1
    done
}

@test "the end is reached, and it is told when it is not" {
    words w.arrows
    train --l2 0.5 -o model w.arrows 2>said
    never grep -q 'not enough' said
    train --l2 0.5 --epochs 2 -o model w.arrows 2>said
    grep -q '2 iterations were not enough to converge' said
}

@test "options that have no part here, and columns where they cannot go" {
    words w.arrows
    fails 'train --net "dense 3" -o none w.arrows' 64 "column 'title' is sparse, and a network reads dense numbers: take --model logistic or --model linear"
    fails 'train --optimizer adam -o none w.arrows' 64 "column 'title' is sparse, and --optimizer takes sgd, adagrad or ftrl for it"
    fails 'train --optimizer lbfgs -o none w.arrows' 64 "column 'title' is sparse, and --optimizer takes"
    fails 'train --l1 1 -o none w.arrows' 64 '--l1 needs --optimizer sgd, adagrad or ftrl'
    fails 'train --checkpoint c -o none w.arrows' 64 'has no checkpoints: leave --checkpoint and --resume out'
    fails 'train --optimizer ftrl --resume c -o none w.arrows' 64 '--optimizer ftrl has no checkpoints here'
    fails 'train --optimizer ftrl --validation 0.1 -o none w.arrows' 64 '--validation needs rows that are kept'
    fails 'train --optimizer ftrl --patience 2 -o none w.arrows' 64 '--patience needs rows to validate with'
    fails 'train --optimizer ftrl --class-weights balanced -o none w.arrows' 64 '--class-weights needs all rows before the first step'
    fails 'train --optimizer ftrl --schedule cosine -o none w.arrows' 64 '--schedule needs the number of minibatches'
    fails 'train --optimizer ftrl --net "dense 3" -o none w.arrows' 64 '--optimizer ftrl is for --model linear and --model logistic'
    fails 'train --loss huber --task classify -o none w.arrows' 64 '--loss huber is none of logistic regression'
    fails 'train --model linear -o none w.arrows' 65 'text'
    # shellcheck disable=SC2016 # sh expands it
    fails 'load "$TREE/examples/customers.csv" --label churned | clean | encode | train --l1 1 -o none' 64 '--l1 is of --optimizer'
    sed '2,$s/^[a-z]*/1/' "$TREE/examples/headlines.csv" >ones.csv
    fails 'features -q --method tfidf ones.csv --label topic | train --optimizer ftrl -o none' 64 "holds whole numbers, and before they are read nothing tells whether they are classes"
    fails 'features -q --method tfidf ones.csv --label topic | train --model logistic --optimizer ftrl -o none' 65 'one class only'
    fails 'features -q --method tfidf ones.csv --label topic | train --model logistic -o none' 65 'one class only'
    printf 'text,n,y\none,1,a\n,2,b\n' >gap.csv
    fails 'features -q --method tfidf -c text gap.csv --label y | train -o none' 65 "row 2: column 'text' is missing: put \`clean\` in front of \`features\`"
    fails 'features -q --method tfidf -c text gap.csv --label y | train --optimizer ftrl -o none' 65 "row 2: 'text' is missing: put \`clean\` in front of \`features\`"
    printf 'n,y\n1,a\n,b\n' >gap.csv
    fails 'load -q gap.csv --label y | train --optimizer ftrl -o none' 65 "row 2: 'n' is missing: put \`clean\` in front"
    train --optimizer ftrl --momentum 0.5 -o model w.arrows 2>said
    grep -q -- '--momentum has no part in learning from a stream while it is read' said
    never [ -e none ]
}

@test "learning that runs away names the minibatch" {
    awk -F, -v OFS=, 'NR == 1 { print "n", $0; next } { print length($0) * 1e30, $0 }' "$TREE/examples/headlines.csv" >n.csv
    fails 'features -q --method counts n.csv --label n --drop topic | train --model linear --optimizer sgd --lr 1000 --batch 4 --epochs 9 -o none' 65 \
        'at minibatch '
    # shellcheck disable=SC2154 # bats sets it
    [[ $stderr == *'of epoch 1: learning ran away; try a smaller --lr'* ]]
    never [ -e none ]
}

@test "rows on other sides of a split are not learned from" {
    awk -F, -v OFS=, 'NR == 1 { print "side", $0; next } { print NR % 3 ? "train" : "test", $0 }' "$TREE/examples/headlines.csv" >s.csv
    load -q s.csv --label topic | pick -q --role side=split | features -q --method tfidf --save-state state >s.arrows
    grep -v '^test' s.csv | load -q --label topic | pick -q --role side=split | features -q --state state >t.arrows
    for optimizer in '' '--optimizer ftrl'; do
        # shellcheck disable=SC2086
        train $optimizer -o a s.arrows 2>said
        # shellcheck disable=SC2086
        train -q $optimizer -o b t.arrows
        scores a s.arrows >a.csv
        scores b s.arrows >b.csv
        # rows that do not learn stand between those that do: where sums are cut differs, not what they are
        paste -d, a.csv b.csv | tr -d '"[]' | tail -n +2 |
            awk -F, '{ for (i = 2; i <= 4; i++) { d = $i - $(i + 5); if (d > 1e-5 || d < -1e-5) exit 1 } }'
    done
    cmp a.csv b.csv
    grep -q '200 rows for validation or test were left out' said
}

@test "a stream that breaks off, or lacks its column, gives no model" {
    words w.arrows
    size=$(wc -c <w.arrows)
    for optimizer in '' '--optimizer ftrl' '--optimizer sgd --epochs 2'; do
        for cut in 100 1000 $((size / 2)) $((size - 100)); do
            # shellcheck disable=SC2086
            head -c "$cut" w.arrows >cut.arrows
            # shellcheck disable=SC2086
            run train $optimizer -o model cut.arrows
            [ "$status" = 65 ] && [ ! -e model ]
            # shellcheck disable=SC2086
            run sh -c "train $optimizer -o model <cut.arrows"
            [ "$status" = 65 ] && [ ! -e model ]
        done
    done
    train -q -o model w.arrows
    for cut in $(seq 0 997 "$(wc -c <model)"); do
        head -c "$cut" model >part
        run -65 --separate-stderr score -q part w.arrows
    done
    fails 'pick -q --drop text <w.arrows | score model' 65 "'text'"
    load -q "$TREE/examples/headlines.csv" --label topic | features -q --method tfidf --min-documents 2 >other.arrows
    fails 'score model other.arrows' 65 "with other options than the model's"
}

@test "what is learned from a stream takes the memory of the model alone" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    load -q "$TREE/examples/headlines.csv" --label topic | features -q --method hash --width 4096 -o w.arrows
    for i in 1 2 3 4 5 6 7 8 9 10; do cat w.arrows; done >one.arrows
    for i in 1 2 3 4 5 6 7 8 9 10; do cat one.arrows; done >ten.arrows
    for optimizer in sgd adagrad ftrl; do
        one=$(peak train -q --optimizer $optimizer -o model one.arrows)
        ten=$(peak train -q --optimizer $optimizer -o model ten.arrows)
        [ "$ten" -lt $((one * 11 / 10)) ] || { echo "$optimizer: $one, then $ten KiB"; return 1; }
    done
    # rows that are kept go to a file past --memory
    one=$(peak train -q --memory 1M -o model ten.arrows)
    [ "$one" -lt 60000 ] || { echo "$one KiB"; return 1; }
}
