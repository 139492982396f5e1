# features --method lda: topics of documents.
load helper

csv() { save -q --format csv -; }
row() { tr '\n' ' ' | sed 's/ $//'; }
# documents N: CSV of N texts of ten words, each of one of three fields; every ninth has no word
documents() {
    awk -v n="$1" 'BEGIN {
        split("goal team match coach league score|bank market shares profit price trade|planet star orbit moon rocket space", field, "|")
        print "text,field"
        for (i = 0; i < n; i++) {
            count = split(field[i % 3 + 1], words, " ")
            text = "..."
            for (j = 0; j < 10 && i % 9 != 4; j++) {
                state = (state * 1103515245 + 12345) % 2147483648
                text = text " " words[int(state / 65536) % count + 1]
            }
            print text "," i % 3
        } }'
}

@test "planted topics are found, with their words" {
    documents 600 >d.csv
    features -q --method counts --column text d.csv -o c.arrows
    run --separate-stderr features --method lda --topics 3 --passes 20 --seed 1 --top-words 6 c.arrows -o l.arrows --save-state s.json
    # shellcheck disable=SC2154 # bats sets it
    [[ "$stderr" == *"features: 600 rows in, 600 out (3 topics of 18 terms, from "*" documents, perplexity "*" held out, 67 documents without a word)"* ]]
    is "$(echo "$stderr" | sed -n 's/^features: topic [0-2]: //p' | while read -r words; do echo "$words" | tr ' ' '\n' | sort | row; echo; done | sort)" \
        "$(printf '%s\n' 'bank market price profit shares trade' 'coach goal league match score team' 'moon orbit planet rocket space star')"
    # a text of six equally likely words has a perplexity of about six
    echo "$stderr" | grep -o 'perplexity [0-9.]*' | awk '{ exit !($2 > 5.5 && $2 < 9) }'
    # each document speaks of the topic of its field
    paste -d, <(column l.arrows field) <(column l.arrows text | tr -d '"[]') | awk -F, '
        { best = 2; for (i = 3; i <= NF; i++) { sum = $2 + $3 + $4; if ($i > $best) best = i }
          if (!(sum > 0.9999 && sum < 1.0001)) exit 1
          if ($2 == $3 && $3 == $4) even++; else count[$1 " " best]++ }
        END { for (key in count) if (count[key] > 120) good++; exit !(good == 3 && even == 67) }'
    is "$(show --json l.arrows | python3 -c 'import json,sys; print(json.load(sys.stdin)["columns"][0]["type"])')" 'fixed_list<float32>[3]'
    grep -aq 'weir:topics' l.arrows
    grep -q '"words":\[\["' s.json
}

@test "the same bytes for a pipe, any threads and batches, and from a state; another seed gives others" {
    documents 300 | features -q --method counts --column text -o c.arrows
    set -- features -q --method lda --topics 4 --passes 3 --batch 32
    "$@" c.arrows --save-state s.json -o a.arrows
    "$@" <c.arrows | cmp - a.arrows
    taskset -c 0 "$@" c.arrows | cmp - a.arrows
    features -q --state s.json c.arrows | cmp - a.arrows
    pick -q text --rows 100 <c.arrows >p.arrows
    features -q --state s.json p.arrows | csv >some
    pick -q text <a.arrows | csv | head -n 101 | cmp - some
    "$@" --seed 2 c.arrows | pick -q text | csv >other
    never cmp -s other <(pick -q text <a.arrows | csv)
    "$@" --into topics c.arrows | pick -q topics | csv | tail -n +2 >into
    column a.arrows text | cmp - into
}

@test "each option changes what is learned" {
    documents 200 | features -q --method counts --column text -o c.arrows
    set -- features -q --method lda --topics 3 --passes 2 --batch 32
    for more in '' '--topics 4' '--passes 3' '--batch 16' '--offset 20' '--decay 0.9' '--alpha 0.7' '--eta 0.7' \
        '--held-out 0.3' '--seed 3'; do
        # shellcheck disable=SC2086 # two words
        "$@" $more c.arrows --save-state s.json >/dev/null
        jq -c .blobs s.json
    done >learned
    is "$(sort -u learned | wc -l)" 10
}

@test "a model scores raw text as the pipeline did" {
    documents 300 >d.csv
    load -q --label field d.csv | features -q --method counts --column text |
        features -q --method lda --topics 3 --passes 20 --seed 1 -o l.arrows 2>/dev/null
    train -q --seed 1 l.arrows -o m.model
    score -q m.model l.arrows | pick -q prediction | csv >a
    score -q m.model <d.csv | pick -q prediction | csv | cmp - a
    printf 'text\nstar planet moon moon\n' | score -q m.model | pick -q prediction | csv >one
    is "$(tail -n 1 one)" 2
}

@test "missing documents stay missing, and without a vocabulary words are numbers" {
    printf 'text,n\naa bb,1\n,2\ncc dd,3\naa aa bb,4\n...,5\n' >t.csv
    features -q --method counts --column text t.csv | pick -q --rename text=other -o c.arrows
    features -q --method lda --topics 2 --held-out 0 c.arrows -o o.arrows
    is "$(pick -q other n <o.arrows | csv | sed -n '3p;6p' | row)" ',2 "[0.5,0.5]",5'
    features -q --method lda --topics 2 --held-out 0 c.arrows --save-state s.json >/dev/null
    grep -q '"words":\[\["[0-3]","[0-3]","[0-3]","[0-3]"\],\[' s.json
}

@test "options and columns that cannot be" {
    documents 20 >d.csv
    fails 'features --method lda d.csv >/dev/null' 65 'features: no column of sparse counts here: make one with features --method counts'
    fails 'features --method lda -c text d.csv >/dev/null' 64 "features: column 'text' is utf8, which 'features --method lda' cannot take"
    features -q --method counts --column text d.csv -o c.arrows
    fails 'features --method lda --topics 1 c.arrows >/dev/null' 64 "features: option '--topics'"
    fails 'features --method lda --decay 0.4 c.arrows >/dev/null' 64 "features: option '--decay'"
    fails 'features --method lda --components 4 c.arrows >/dev/null' 64 "features: 'features --method lda' has no option 'components'"
    features -q --method counts --column text --into more d.csv | features -q --method counts --column text -o two.arrows
    fails 'features --method lda two.arrows >/dev/null' 64 'features: several columns are sparse, and topics are learned from one: name it with --column'
    printf 'text\n...\n!\n' | features -q --method hash --width 8 --column text -o e.arrows
    fails 'features --method lda e.arrows >/dev/null' 65 "features: column 'text': no document with a word in it to learn topics from"
    printf 'text\naa bb\n' | features -q --method counts --column text -o one.arrows
    fails 'features --method lda --held-out 0.9 one.arrows >/dev/null' 65 "features: column 'text': all documents with a word in them (1) are held out: choose a smaller --held-out, or 0"
    printf 'text\naa bb cc dd ee ff gg hh\n' | features -q --method hash --width 8 --column text -o h.arrows
    fails 'features --method lda --held-out 0 h.arrows >/dev/null' 65 "features: column 'text', row 1: a count below 0; topics are learned from counts of terms"
    features -q --method lda --topics 2 --passes 1 c.arrows --save-state s.json >/dev/null 2>&1
    fails 'features --state s.json h.arrows >/dev/null' 65 "features: column 'text' has 8 places a row here, and the topics were learned of 18"
    fails 'features --merge s.json s.json --save-state t.json' 64 'topics that were learned apart do not merge: learn them from all rows, one file after the other'
    sed 's/"width":18/"width":17/' s.json >t.json
    fails 'features --state t.json c.arrows' 65 "its 'lambda' are not the numbers of its topics and terms"
    sed 's/"blobs":\["....../"blobs":["AADAfw/' s.json >t.json
    fails 'features --state t.json c.arrows' 65 "its 'lambda' hold what is no number above 0"
}

@test "nothing but what is named is left when the input breaks off" {
    documents 2000 | features -q --method counts --column text -o c.arrows
    head -c 30000 c.arrows >cut.arrows
    fails 'features --method lda -o out.arrows --save-state s.json cut.arrows' 65 'features: '
    [ ! -e out.arrows ] && [ ! -e s.json ]
}

@test "memory does not grow with the documents" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    for rows in 60000 180000; do
        documents $rows | features -q --method counts --column text -o c.arrows
        peak features -q --method lda --topics 4 --passes 1 c.arrows >"peak.$rows"
    done
    # as they stand in the stream, 120,000 documents more are 14 MiB
    [ "$(cat peak.180000)" -le "$(($(cat peak.60000) + 9000))" ]
}
