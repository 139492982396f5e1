# features --method wordvec: word vectors, learned or read, and vectors of documents.
load helper

golden=$BATS_TEST_DIRNAME/golden

# Texts of four groups of words, each with words that all share: a line a text.
texts() {
    awk -v seed="$1" -v rows="$2" 'BEGIN {
        srand(seed)
        split("king queen prince throne crown palace royal duke", w, " "); for (i in w) word[0, i] = w[i]
        split("bread butter cheese milk flour honey salt oven", w, " "); for (i in w) word[1, i] = w[i]
        split("rain storm cloud wind thunder snow hail frost", w, " "); for (i in w) word[2, i] = w[i]
        split("train rail station ticket engine wagon platform track", w, " "); for (i in w) word[3, i] = w[i]
        split("the of and on with", shared, " ")
        print "text,n"
        for (r = 0; r < rows; r++) {
            group = int(rand() * 4); count = 4 + int(rand() * 20); line = ""
            for (i = 0; i < count; i++)
                line = line (i ? " " : "") (rand() < 0.3 ? shared[1 + int(rand() * 5)] : word[group, 1 + int(rand() * 8)])
            print line "," r
        }
    }'
}
small='--method wordvec --column text --width 20 --sample 0'

# documents VECTORS TEXTS: the mean of the words that have a vector, each brought to length 1; a line a text, %.4f
documents() {
    python3 - "$1" "$2" <<'P'
import csv, math, sys
lines = open(sys.argv[1]).read().split("\n")[1:-1]
vectors = {line.split(" ")[0]: [float(x) for x in line.split(" ")[1:]] for line in lines}
width = len(next(iter(vectors.values())))
for row in csv.DictReader(open(sys.argv[2])):
    found = [vectors[w] for w in row["text"].lower().split() if w in vectors]
    found = [[x / math.hypot(*v) for x in v] for v in found if any(v)]
    print(" ".join("%.4f" % (sum(v[j] for v in found) / len(found) if found else 0) for j in range(width)))
P
}
# shown <STREAM: the same of a stream
shown() {
    pick -q text | save -q --format jsonl - | python3 -c 'import json, sys
for line in sys.stdin:
    row = json.loads(line)["text"]
    print("missing" if row is None else " ".join("%.4f" % x for x in row))'
}
# same A B: -0.0000 is 0.0000
same() { diff <(sed 's/-0\.0000/0.0000/g' "$1") <(sed 's/-0\.0000/0.0000/g' "$2"); }

@test "words that stand together come out nearest, by either architecture, with and without subwords" {
    texts 1 1200 >t.csv
    for more in '' '--subwords 0' '--architecture cbow --epochs 30' '--hogwild --negative 8 --window 3'; do
        # shellcheck disable=SC2086 # several words
        run --separate-stderr features $small $more --nearest king,snow t.csv -o out.arrows
        # shellcheck disable=SC2154 # bats sets it
        [ "$status" = 0 ]
        # of eight words of a group, the first seven behind the word are its own
        grep 'features: king:' <<<"$stderr" | cut -d, -f1-7 | tr -d ',' >king
        for word in queen prince throne crown palace royal duke; do grep -qw $word king; done
        grep 'features: snow:' <<<"$stderr" | cut -d, -f1-7 | tr -d ',' >snow
        for word in rain storm cloud wind thunder hail frost; do grep -qw $word snow; done
        [[ "$stderr" == *"features: 1200 rows in, 1200 out (37 words of width 20)"* ]]
    done
}

@test "the same bytes on one processor and on all, for a seed; another seed, other vectors" {
    texts 2 3000 >t.csv
    features -q $small --seed 4 t.csv -o all.arrows --save-vectors all.txt
    taskset -c "$(taskset -pc $$ | sed 's/.*: *//; s/[-,].*//')" \
        "$WEIR_BIN/features" -q $small --seed 4 t.csv -o one.arrows --save-vectors one.txt
    cmp all.arrows one.arrows
    cmp all.txt one.txt
    # nor does it matter how the rows come in
    head -n 1001 t.csv >a.csv
    { head -n 1 t.csv; tail -n +1002 t.csv; } >b.csv
    command load -q a.csv -o a.arrows
    command load -q b.csv -o b.arrows
    cat a.arrows b.arrows | features -q $small --seed 4 --save-vectors two.txt >two.arrows
    cmp all.txt two.txt
    features -q $small --seed 5 t.csv --save-vectors other.txt >/dev/null
    never cmp -s all.txt other.txt
}

@test "each option changes what is learned" {
    texts 10 300 >t.csv
    for more in '' '--architecture cbow' '--width 8' '--window 2' '--negative 2' '--epochs 2' '--learning-rate 0.2' \
        '--min-count 90' '--max-features 20' '--sample 0.01' '--subwords 2-3' '--subwords 0' '--buckets 40' '--seed 3'; do
        # shellcheck disable=SC2086 # two words
        features -q $small $more t.csv --save-vectors v.txt >/dev/null
        md5sum <v.txt
    done >learned
    is "$(sort -u learned | wc -l)" 14
}

@test "a document is the mean of its words' vectors at length 1; without a word it is zeros, and missing stays so" {
    texts 3 400 >t.csv
    printf '... ?,400\nunheard of,401\nKING Queen,402\n,403\n' >>t.csv
    run --separate-stderr features $small t.csv -o out.arrows --save-vectors v.txt
    [[ "$stderr" == *"features: 404 rows in, 404 out (37 words of width 20, 1 of 403 texts without a word of them)"* ]]
    shown <out.arrows >is.txt
    documents v.txt t.csv >wanted.txt
    is "$(tail -n 1 is.txt)" missing
    sed -i '$d' is.txt wanted.txt
    same is.txt wanted.txt
    is "$(sed -n 401p is.txt | tr -d ' ' | sed 's/0\.0000//g')" ''
    is "$(show --json out.arrows | jq -c '.columns[0] | [.name, .type, .role, .missing]')" \
        '["text","fixed_list<float32>[20]","feature",1]'
    # beside the text; and lists of terms, as they are
    is "$(features -q $small --into v t.csv | save -q --format csv - | head -n 1)" text,n,v
    tokenize -q --column text t.csv | features -q $small --save-vectors w.txt | shown | sed '$d' >lists.txt
    cmp v.txt w.txt
    same lists.txt is.txt
}

@test "a state gives the same to other rows, and so does score" {
    texts 4 600 >t.csv
    texts 5 50 >other.csv
    printf 'crowns and thrones,50\n' >>other.csv
    for more in '' '--unknown subwords'; do
        # shellcheck disable=SC2086 # several words
        features -q $small $more t.csv --save-state s.json --save-vectors v.txt >/dev/null
        features -q --state s.json other.csv -o a.arrows --save-vectors again.txt
        cmp v.txt again.txt
        # shellcheck disable=SC2086
        awk -F, -v OFS=, 'NR == 1 { print $0, "y" } NR > 1 { print $0, ($1 ~ /king|queen|crown|duke/) }' t.csv |
            features -q $small $more --label y | train -q --model logistic -o model
        score -q model other.csv | pick -q prediction | save -q --format csv - | tail -n +2 >predicted
        awk -F, 'NR > 1 { print ($1 ~ /king|queen|crown|duke/) ? "true|1" : "false|0" }' other.csv | head -n 50 >wanted
        paste -d ' ' <(head -n 50 predicted) wanted | awk '{ n += $2 ~ $1 } END { exit n < 45 }'
        shown <a.arrows >a.txt
        documents v.txt other.csv >plain.txt
        [ -n "$more" ] || same a.txt plain.txt
        tail -n 1 a.txt >last.$([ -n "$more" ] && echo subwords || echo skip)
    done
    # "crowns" and "thrones" were not learned: of their n-grams they are words again
    never cmp -s last.skip last.subwords
    features -q $small --unknown subwords t.csv --save-state s.json >/dev/null
    printf 'text\ncrowns\nqqq\n' >u.csv
    is "$(features -q --state s.json u.csv | shown | tr -d ' .0-' | awk '{ print (length > 0) }' | tr '\n' ' ')" '1 0 '
}

@test "hogwild stands in the plan" {
    texts 6 200 >t.csv
    features -q $small --hogwild t.csv | show --json - | grep -q '"hogwild": *true'
}

@test "states do not merge" {
    texts 7 200 >t.csv
    features -q $small t.csv --save-state s.json >/dev/null
    fails 'features --merge s.json s.json --save-state m.json' 64 "features: s.json: word vectors do not merge: those of another run lie in a space of their own; learn them from all texts at once"
    [ ! -e m.json ]
}

@test "gensim reads what is written, and what it wrote is read" {
    printf 'text\nKing Queen unknown\n...\n' >t.csv
    features -q --method wordvec --keep-case --vectors "$golden/features_wordvec-gensim.txt" t.csv --save-vectors v.txt >/dev/null
    cmp v.txt "$golden/features_wordvec-weir.txt"
    features -q --method wordvec --vectors v.txt --save-vectors w.txt t.csv >out.arrows
    cmp v.txt w.txt
    shown <out.arrows >is.txt
    documents v.txt t.csv >wanted.txt
    same is.txt wanted.txt
    # of another form: no first line (GloVe), tabs, a blank at the end (word2vec), lines of Windows
    tail -n +2 v.txt | sed 's/ /\t/g; s/$/ \r/' >glove.txt
    features -q --method wordvec --vectors glove.txt --save-vectors w.txt t.csv >/dev/null
    cmp v.txt w.txt
    # the first words alone
    features -q --method wordvec --vectors v.txt --max-features 2 --save-vectors w.txt t.csv >/dev/null
    is "$(cut -d ' ' -f 1 w.txt | tr '\n' ' ')" '2 king queen '
    is "$(head -n 1 w.txt)" '2 7'
}

@test "files of vectors that cannot be read" {
    printf 'text\none\n' >t.csv
    reads() {
        printf "$1" >v.txt
        tells 'features -q --method wordvec --vectors v.txt t.csv' "$2" "features: $3"
    }
    reads '2 3\na 1 2 3\nb 1 2\n' 65 "v.txt:3: 'b' has 2 numbers, and the first line says 3"
    reads 'a 1 2 3\nb 1 2 3 4\n' 65 "v.txt:2: 'b' has 4 numbers, and the first word's line 3"
    reads '3 1\na 1\nb 2\n' 65 'v.txt: the first line says 3 words, and 2 stand there'
    reads '1 1\na 1\nb 2\n' 65 'v.txt: the first line says 1 word, and 2 stand there'
    reads '2 1\na 1\nb nan\n' 65 "v.txt:3: 'nan' is no finite number"
    reads '2 1\na 1\nb 1e39\n' 65 "v.txt:3: '1e39' is no finite number"
    reads '2 1\na 1\nb 0x1\n' 65 "v.txt:3: '0x1' is no finite number"
    reads '' 65 'v.txt: no word stands in it'
    reads '0 5\n' 65 'v.txt: no word stands in it'
    reads 'word\n' 65 'v.txt:1: neither the number of words and their width nor a word and up to 4096 numbers'
    reads '2 9999\n' 65 'v.txt:1: neither the number of words and their width nor a word and up to 4096 numbers'
    reads '2 1\n\na 1\n' 65 "v.txt:2: '' has 0 numbers, and the first line says 1"
    reads '1 1\n\377 1\n' 65 "v.txt:2: '\\xff' is no word of UTF-8 of at most 1024 bytes"
    fails 'features --method wordvec --vectors nowhere.txt t.csv >/dev/null' 66 "features: cannot open 'nowhere.txt': No such file or directory"
    printf '9000000 300\n' >v.txt
    fails 'features --method wordvec --vectors v.txt t.csv >/dev/null' 64 "features: v.txt:1: 9000000 words of width 300 take"
    [[ "$(features --method wordvec --vectors v.txt t.csv 2>&1 >/dev/null)" == *': choose --max-features' ]]
    # cut at any byte it is refused, but within the last number, which then is another
    cp "$golden/features_wordvec-weir.txt" whole.txt
    size=$(stat -c %s whole.txt)
    last=$(tail -n 1 whole.txt | sed 's/.* //' | wc -c)
    for ((cut = 0; cut < size - last; cut += 29)); do
        head -c $cut whole.txt >v.txt
        run features -q --method wordvec --vectors v.txt t.csv -o out.arrows
        [ "$status" = 65 ] && [ ! -e out.arrows ]
    done
}

@test "what is taken for text of vectors, and is none" {
    printf 'text\none\n' >t.csv
    reads() { fails 'features -q --method wordvec --vectors v t.csv >/dev/null' 65 "features: $1"; }
    # as word2vec -binary 1 and gensim write it: the word, a blank, the numbers' bytes
    python3 -c 'import struct, sys
sys.stdout.buffer.write(b"2 5\n" + b"".join(w + b" " + struct.pack("<5f", *range(5)) + b"\n" for w in (b"king", b"queen")))' >v
    reads 'v:2: its vectors are binary: word2vec with -binary 0 and save_word2vec_format of gensim with binary=False write them as text'
    printf '\272\026\117\057\014\000\000\000\024\000' >v
    reads 'v is a model of fastText, and not the text of its vectors, the .vec file beside it'
    python3 -c 'import pickle, sys; pickle.dump({"king": [1, 2]}, sys.stdout.buffer, 4)' >v
    reads 'v is a pickle of Python: save_word2vec_format of gensim writes vectors as text'
    gzip -c "$golden/features_wordvec-gensim.txt" >v
    reads 'v is compressed by gzip: unpack it first'
    printf 'PK\003\004\024\000' >v
    reads 'v is a zip archive: unpack it first'
}

@test "options without effect, and what cannot be" {
    texts 8 60 >t.csv
    cp "$golden/features_wordvec-weir.txt" v.txt
    fails "features --method wordvec --vectors v.txt --window 3 t.csv >/dev/null" 64 'features: --window is for learning word vectors, and --vectors brings them'
    fails "features --method tfidf --vectors v.txt t.csv >/dev/null" 64 'features: --vectors is for --method wordvec'
    fails "features --method counts --save-vectors w.txt t.csv >/dev/null" 64 'features: --save-vectors is for --method wordvec'
    fails "features --method counts --nearest king t.csv >/dev/null" 64 'features: --nearest is for --method wordvec'
    fails "features --method wordvec --subwords 6-3 t.csv >/dev/null" 64 "features: option '--subwords' takes N-M, from 1 to 20 characters, or 0 (none), not '6-3'"
    fails "features --method wordvec --subwords 0 --unknown subwords t.csv >/dev/null" 64 'features: --unknown subwords needs --subwords'
    fails "features --method wordvec --architecture rnn t.csv >/dev/null" 64 "features: option '--architecture' takes one of skipgram, cbow, not 'rnn'"
    fails "features --method wordvec --width 5000 t.csv >/dev/null" 64 "features: option '--width' takes a number from 1 to 4096"
    fails "features --method wordvec --idf plain t.csv >/dev/null" 64 "features: 'features --method wordvec' has no option 'idf'"
    fails "features --method wordvec --save-vectors - t.csv >/dev/null" 64 'features: --save-vectors takes a file: standard output carries the stream'
    fails "features --method wordvec --save-vectors o -o o t.csv >/dev/null" 64 "features: --save-vectors and --output name one file, 'o'"
    fails "features --method wordvec --save-vectors o --save-state o t.csv >/dev/null" 64 "features: --save-vectors and --save-state name one file, 'o'"
    fails "features --method wordvec --min-count 500 t.csv >/dev/null" 65 'features: none of the 37 different words of the texts stands there 500 times or more: choose a smaller --min-count'
    printf 'text\n...\n?\n' >none.csv
    fails "features --method wordvec none.csv >/dev/null" 65 'features: no word stands in the texts to be learned from'
    # one word alone has no others to be told from, and is still a vector
    { echo text; for _ in 1 2 3 4 5 6; do echo one one one; done; } >one.csv
    features -q --method wordvec --width 3 one.csv --save-vectors w.txt >/dev/null
    is "$(head -n 1 w.txt)" '1 3'
    fails "features --method wordvec --learning-rate 100 --epochs 1000 --width 3 --sample 0 t.csv >/dev/null" 65 'features: the word vectors grew beyond all bounds while they were learned: choose a smaller --learning-rate'
}

@test "a full disk, and a stream that breaks off" {
    texts 9 60 >t.csv
    fails "features -q $small t.csv --save-vectors /dev/full >/dev/null" 74 'No space left on device'
    command load -q t.csv -o t.arrows
    size=$(stat -c %s t.arrows)
    for ((cut = 1; cut < size; cut += 211)); do
        head -c $cut t.arrows >cut.arrows
        run features -q $small cut.arrows -o out.arrows --save-vectors v.txt
        [ "$status" = 65 ] && [ ! -e out.arrows ] && [ ! -e v.txt ]
    done
}

@test "memory grows by four bytes a word of the texts" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    for rows in 40000 140000; do
        texts 11 $rows | command load -q -o t.arrows
        peak features -q --method wordvec --width 16 --epochs 1 --window 1 --negative 1 --subwords 0 t.arrows >peak.$rows
    done
    # 100,000 texts more, of 14 words and a mark between, are 6 MB, of which the first peak hides some
    more=$(($(cat peak.140000) - $(cat peak.40000)))
    [ "$more" -le 5000 ]
}
