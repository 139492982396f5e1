# features of texts: term counts, TF-IDF and hashing, as sparse rows.
load helper

golden=$BATS_TEST_DIRNAME/golden

# sparse COLUMN <STREAM: a line a row, INDEX:VALUE ..., or "missing"
sparse() {
    pick -q "$1" | save -q --format jsonl - | python3 -c 'import json, sys
for line in sys.stdin:
    row = next(iter(json.loads(line).values()))
    print("missing" if row is None else " ".join("%d:%.9g" % (e["index"], e["value"]) for e in row))'
}
# near A B: the same places, values within 1e-6 of each other
near() {
    python3 -c 'import sys
a, b = (open(name).read().split("\n") for name in sys.argv[1:])
compared = 0
assert len(a) == len(b), (len(a), len(b))
for number, (x, y) in enumerate(zip(a, b), 1):
    x, y = x.split(), y.split()
    assert [e.split(":")[0] for e in x] == [e.split(":")[0] for e in y], (number, x, y)
    for p, q in zip(x, y):
        if p != "missing":
            p, q = (float(e.split(":")[1]) for e in (p, q))
            assert abs(p - q) <= 1e-6, (number, p, q)
            compared += 1
assert compared > 4, compared' "$1" "$2"
}

@test "values are those of scikit-learn" {
    printf 'the\nand\nDIE der\n\nсобака\n' >stop.txt
    while read -r name arguments; do
        # shellcheck disable=SC2086 # several words
        features -q --column text $arguments "$golden/features_text.csv" -o out.arrows
        sparse text <out.arrows >$name.txt
        near $name.txt "$golden/features_text-$name.txt"
    done <<'CASES'
tfidf --method tfidf
bigrams --method tfidf --ngrams 1-2
sublinear --method tfidf --sublinear --norm l1
plain --method tfidf --idf plain --norm none --binary --min-documents 2
documents --method tfidf --idf none --max-documents 0.1 --keep-case
stop --method tfidf --stop-words stop.txt --ngrams 2
counts --method counts
frequent --method counts --max-features 8
CASES
}

@test "the width goes along; a text without a word is an empty row, a missing one missing" {
    printf 'text,n\none two,1\n...,2\n,3\ntwo,4\n' >t.csv
    run --separate-stderr features --method counts --column text t.csv -o out.arrows
    # shellcheck disable=SC2154 # bats sets it
    [[ "$stderr" == *"features: 4 rows in, 4 out (2 terms in 'text', 1 text without a term)"* ]]
    is "$(sparse text <out.arrows | tr '\n' ' ')" '0:1 1:1  missing 1:1 '
    grep -aq 'weir:width' out.arrows
    is "$(column out.arrows n | tr '\n' ' ')" '1 2 3 4 '
    is "$(show --json out.arrows | jq -c '.columns[0] | [.name, .type, .role, .missing]')" \
        '["text","list<struct<index: uint32, value: float32>>","feature",1]'
}

@test "with --into the text stays" {
    printf 'text,n\none two,1\n' >t.csv
    is "$(features -q --method counts --column text --into words t.csv | save -q --format csv - | head -n 1)" text,n,words
    fails 'features --method counts --column text --into n t.csv >/dev/null' 64 "features: a column 'n' is there already"
    printf 'a,b\nx y,z w\nxx yy,zz ww\n' >t.csv
    fails 'features --method counts --into n t.csv >/dev/null' 64 "features: --into takes one column, and 2 fit: choose it with --column"
    is "$(features -q --method counts t.csv | save -q --format csv - | tail -n 1)" \
        '"[{""index"":0,""value"":1},{""index"":1,""value"":1}]","[{""index"":0,""value"":1},{""index"":1,""value"":1}]"'
}

@test "hash: place and sign are those of XXH3" {
    # by python-xxhash: Lima 4f79b449209a9079, Oslo f4d72f358f6a0af3
    printf 'text,n\nLima Oslo Lima,1\n?,2\n,3\n' >t.csv
    features -q --method hash --keep-case --norm none --width 8 --column text t.csv -o out.arrows
    is "$(sparse text <out.arrows | tr '\n' ',')" '1:2 3:-1,,missing,'
    is "$(features -q --method hash --keep-case --norm none --width 7 --column text t.csv | sparse text | head -n 1)" \
        "0:-1 5:2"
    features -q --method hash --keep-case --binary --width 8 --column text t.csv | sparse text >out.txt
    head -n 1 out.txt >one.txt
    echo '1:0.707106781 3:-0.707106781' | python3 -c 'import sys; a = sys.stdin.read(); b = open("one.txt").read()
p = [[float(e.split(":")[1]) for e in t.split()] for t in (a, b)]; assert max(abs(x - y) for x, y in zip(*p)) < 1e-7'
    # the same terms in another order, the same row; a wider one keeps apart what a narrow one adds up
    printf 'text\naa bb cc dd ee ff gg hh\nhh gg ff ee dd cc bb aa\n' >t.csv
    is "$(features -q --method hash --norm none --width 1 t.csv | sparse text | sort -u | wc -l)" 1
    is "$(features -q --method hash t.csv | sparse text | uniq | wc -w)" 8
}

@test "lists of terms are taken as they are" {
    printf 'text\nThe cat sat\n"A cat, a-sitting"\n' >t.csv
    tokenize -q --keep-case --stem english t.csv -o lists.arrows
    features -q --method tfidf lists.arrows -o a.arrows
    features -q --method tfidf --keep-case --stem english t.csv -o b.arrows
    sparse text <a.arrows >a
    sparse text <b.arrows >b
    cmp a b
    fails 'features --method tfidf --ngrams 2 lists.arrows >/dev/null' 64 \
        'features: --ngrams is for text, and the columns hold terms as they are'
}

@test "a state and a replay give the same rows, one or many, and unknown terms nothing" {
    features -q --method tfidf --column text "$golden/features_text.csv" --save-state s.json | sparse text >a
    features -q --state s.json "$golden/features_text.csv" | sparse text >b
    cmp a b
    for row in 1 9 21; do
        { head -n 1 "$golden/features_text.csv"; sed -n "$((row + 1))p" "$golden/features_text.csv"; } |
            features -q --state s.json | sparse text >one
        sed -n "${row}p" a | cmp - one
    done
    printf 'text\nneverseen unheard\n' | features --state s.json 2>said | sparse text >one
    is "$(cat one)" ''
    grep -q '1 text without a term' said
    printf 'other\nx\n' >other.csv
    fails 'features --state s.json other.csv >/dev/null' 65 "features: no column 'text' here, which 'features' learned from"
    printf 'text\n12\n' >number.csv
    fails 'features --state s.json number.csv >/dev/null' 65 "features: column 'text' is int64 here and was utf8 when 'features' learned"
}

@test "states of parts merge to that of the whole" {
    load -q "$golden/features_text.csv" -o g.arrows
    head -n 8 "$golden/features_text.csv" | load -q --like g.arrows - -o p.arrows
    { head -n 1 "$golden/features_text.csv"; tail -n +9 "$golden/features_text.csv"; } | load -q --like g.arrows - -o q.arrows
    for options in '--method tfidf --max-documents 0.5' '--method counts --max-features 7 --stem german' '--method hash'; do
        for part in p q g; do
            # shellcheck disable=SC2086 # several words
            features -q $options --column text $part.arrows --save-state $part.json >/dev/null
        done
        features --merge p.json q.json --save-state both.json
        cmp both.json g.json
    done
    features -q --method counts --column text g.arrows --save-state other.json >/dev/null
    fails 'features --merge g.json other.json --save-state x.json' 65 "features: other.json:"
}

@test "a part in which no term passes counts for the whole" {
    printf 'text,y\none two,a\nthree,b\n' >1.csv
    printf 'text,y\none one,a\nthree four,b\n,a\n' >2.csv
    printf 'text,y\n...,a\n;;,b\n' >3.csv # without any term
    { cat 1.csv && tail -qn +2 2.csv 3.csv; } >whole.csv
    head -n 1 1.csv | load -q --types text=utf8,y=utf8 -o 4.arrows # without any row
    load -q 1.csv -o 1.arrows
    for part in 1.csv 2.csv 3.csv 4.arrows whole.csv; do
        features -q --method tfidf -c text --min-documents 2 --label y $part --save-state "${part%.*}.json" -o "${part%.*}.out"
    done
    features --merge 3.json 4.json 1.json 2.json --save-state both.json
    cmp both.json whole.json
    features --merge 1.json 3.json --save-state none.json
    fails 'features --state none.json whole.csv' 65 \
        "features: column 'text': no term is left of its 4 texts: --min-documents is too high, or --max-documents too low"
    fails 'features --state 3.json whole.csv' 65 "features: column 'text': an empty vocabulary: its 2 texts hold no word"
    fails 'train -o none 1.out' 65 "column 'text': its sparse rows are 0 wide: no term was left of the texts"
}

@test "the same bytes however the input is batched" {
    load -q "$golden/features_text.csv" -o one.arrows
    for first in 1 5 20; do
        head -n $((first + 1)) "$golden/features_text.csv" | load -q --like one.arrows - -o a.arrows
        { head -n 1 "$golden/features_text.csv"; tail -n +$((first + 2)) "$golden/features_text.csv"; } |
            load -q --like one.arrows - -o b.arrows
        features -q --method tfidf --column text one.arrows --save-state 1.json | sparse text >1.txt
        features -q --method tfidf --column text a.arrows b.arrows --save-state 2.json | sparse text >2.txt
        cmp 1.json 2.json
        cmp 1.txt 2.txt
    done
}

@test "what cannot be" {
    printf 'text,n\none two,1\n' >t.csv
    printf 'text\n.\n;\n' >empty.csv
    printf 'text\nthe\nand\n' >stop.csv
    fails 'features --method tfidf --column n t.csv' 64 "features: column 'n' is int64, which 'features' cannot take"
    fails 'features --method tfidf --column txt t.csv' 64 "features: no column 'txt' here; did you mean 'text'?"
    fails 'features --method tfidf empty.csv' 65 "features: column 'text': an empty vocabulary: its 2 texts hold no word, or stop words alone"
    fails 'features --method tfidf --stop-words en stop.csv' 65 "features: column 'text': an empty vocabulary: its 2 texts hold no word, or stop words alone"
    fails 'features --method tfidf --min-documents 2 t.csv' 65 "features: column 'text': no term is left of its 1 texts: --min-documents is too high, or --max-documents too low"
    fails 'features --method counts --idf plain t.csv' 64 'features: --idf is for --method tfidf'
    fails 'features --method tfidf --width 8 t.csv' 64 "features: 'features --method tfidf' has no option 'width'"
    fails 'features --method hash --min-documents 8 t.csv' 64 "features: 'features --method hash' has no option 'min-documents'"
    fails 'features --method tfidf --norm l3 t.csv' 64 "features: option '--norm' takes one of none, l1, l2, not 'l3'"
    fails 'features --method tfidf --ngrams 2-1 t.csv' 64 "features: option '--ngrams' takes N or N-M, 1 to 10, not '2-1'"
    fails 'features --method tfidf --stop-words klingon t.csv' 66 "features: stop words: 'klingon': No such file or directory"
    fails 'features --method tfidf --stem klingon t.csv' 64 "features: option '--stem' takes one of"
    fails 'pick -q n <t.csv | features --method tfidf' 64 'features: no column of text or of lists of terms is here to take'
}

@test "a state that was tampered with is refused" {
    features -q --method tfidf --column text "$golden/features_text.csv" --save-state s.json >/dev/null
    python3 - <<'P'
import base64, json
state = json.load(open("s.json"))
blob = base64.b64decode(state["blobs"][0])
def write(name, bytes_):
    state["blobs"][0] = base64.b64encode(bytes_).decode()
    json.dump(state, open(name, "w"))
state["step"]["state"].pop("merge", None)
write("cut.json", blob[:-1])
write("long.json", blob + b"\x00")
write("order.json", b"\x00\x01b\x01\x01\x00\x01a\x01\x01")
write("utf8.json", b"\x00\x01\xff\x01\x01")
write("many.json", b"\x00\x01a\xff\x7f\x01")
P
    for part in cut long order utf8 many; do
        fails "features --state $part.json '$golden/features_text.csv'" 65 "features: $part.json: "
    done
}

@test "nothing but what is named is left when the input breaks off" {
    load -q "$golden/features_text.csv" -o g.arrows
    for size in 8 600 1500 2000 2100; do
        head -c $size g.arrows >cut.arrows
        fails 'features --method tfidf --column text -o out.arrows --save-state s.json cut.arrows' 65 'features: '
        [ ! -e out.arrows ] && [ ! -e s.json ]
    done
    fails "features -q --method tfidf --column text g.arrows >/dev/full" 74 'No space left on device'
}

@test "memory does not grow with the rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    for rows in 300000 900000; do
        seq $rows | awk 'BEGIN { print "text" }
            { print "w" $1 % 977, "w" $1 % 1009, "w" $1 * 7919 % 10007, "w" $1 % 31, "some other words" }' |
            load -q - -o $rows.arrows
        features -q --method tfidf $rows.arrows --save-state s.json >/dev/null
        peak features -q --state s.json $rows.arrows >peak.$rows
    done
    [ "$(cat peak.900000)" -le "$(($(cat peak.300000) + 30000))" ]
}
