# tokenize: texts as lists of their words.
load helper

golden=$BATS_TEST_DIRNAME/golden

# words COLUMN <STREAM: the terms of a row with a bar between, a line a row, or "missing"
words() {
    pick -q "$1" | save -q --format jsonl - | python3 -c 'import json, sys
for line in sys.stdin:
    row = next(iter(json.loads(line).values()))
    print("missing" if row is None else "|".join(map(str, row)))'
}
# terms TEXT ARGUMENT...: of one text
terms() {
    { echo text && printf '"%s"\n' "$1"; } | command load -q --types text=utf8 - | tokenize -q "${@:2}" | words text
}

@test "words are those of scikit-learn" {
    tr ' ' '|' <"$golden/features_text-words.txt" >wanted
    for rule in default plain; do
        tokenize -q --column text --words $rule "$golden/features_text.csv" | words text >out
        cmp out wanted
    done
}

@test "marks belong to words, and dictionaries cut scripts without spaces" {
    is "$(terms 'हिन्दी में लिखना')" 'हिन्दी|में|लिखना'
    is "$(terms 'हिन्दी में लिखना' --words plain)" 'खन'
    is "$(terms 'مَرْحَبًا بالعالم')" 'مَرْحَبًا|بالعالم'
    is "$(terms '我喜欢吃苹果, iPhone手机很好')" '我|喜欢|吃|苹果|iphone|手机|很好'
    is "$(terms '東京タワーが好きです')" '東京タワー|が|好き|です'
    is "$(terms 'ฉันรักประเทศไทย')" 'ฉัน|รัก|ประเทศไทย'
    is "$(terms '我喜欢苹果' --words plain)" '我喜欢苹果'
    is "$(terms 'İstanbul IŞIK ΟΔΟΣ Straße')" "$(printf 'i\xcc\x87stanbul|işik|οδος|straße')"
    is "$(terms "Don't pay 3,5 € to foo_bar" --words icu)" "don't|pay|3,5|to|foo_bar"
    is "$(terms '😀 emoji❤️ 1️⃣ 👍🏽ok')" 'emoji|ok'
}

@test "stop words, stems, n-grams, case and length, in this order" {
    is "$(terms 'The cats were running' --stop-words english --stem english --ngrams 1-2)" 'cat|run|cat run'
    is "$(terms 'The cats were running' --ngrams 2)" 'the cats|cats were|were running'
    is "$(terms 'The cats' --keep-case)" 'The|cats'
    is "$(terms 'a bc def' --min-length 1)" 'a|bc|def'
    is "$(terms 'a bc def' --min-length 3)" 'def'
    printf "don't\nCATS\r\n\n" >stop.txt
    is "$(terms "Don't the cats don" --stop-words stop.txt)" 'the'
    is "$(terms 'Die Häuser und die Katzen' --stop-words de --stem german)" 'haus|katz'
    for language in arabic dutch english french german hindi italian polish portuguese russian spanish swedish turkish; do
        is "$(terms 'zzz' --stop-words $language)" 'zzz'
    done
}

@test "stop words from a file travel in the plan" {
    printf 'cat\n' >stop.txt
    printf 'text\nthe cat sat\n' >t.csv
    tokenize -q --stop-words stop.txt t.csv --save-state s.json >/dev/null
    rm stop.txt
    is "$(tokenize -q --state s.json t.csv | words text)" 'the|sat'
}

@test "numbers of terms in their order; unknown ones are counted" {
    printf 'text\nb a b\n\nc. aa bb\n"..."\n' >t.csv
    run --separate-stderr tokenize --ids --min-length 1 --column text t.csv -o ids.arrows --save-state s.json
    # shellcheck disable=SC2154 # bats sets it
    [[ "$stderr" == *"(6 terms, 5 different in 'text', 1 text without a term)"* ]]
    is "$(words text <ids.arrows | tr '\n' ' ')" '2|0|2 missing 4|1|3  '
    printf 'text\nzz a aa\n' >u.csv
    run --separate-stderr tokenize --state s.json u.csv -o u.arrows
    [[ "$stderr" == *"(2 terms, 5 different in 'text', 1 unknown)"* ]]
    is "$(words text <u.arrows)" '0|1'
    is "$(tokenize -q --ids --min-length 1 --min-documents 2 --into n t.csv 2>&1 | head -c 9)" 'tokenize:'
    is "$(show --json ids.arrows | jq -c '.columns[0].type')" '"list<uint32>"'
    # a list of terms is numbered as it is, and gives the same
    tokenize -q --min-length 1 t.csv | tokenize -q --ids | words text >a
    words text <ids.arrows >b
    cmp a b
}

@test "states of parts merge to that of the whole, and the batches do not show" {
    load -q "$golden/features_text.csv" -o g.arrows
    head -n 8 "$golden/features_text.csv" | load -q --like g.arrows - -o p.arrows
    { head -n 1 "$golden/features_text.csv"; tail -n +9 "$golden/features_text.csv"; } | load -q --like g.arrows - -o q.arrows
    for part in p q g; do
        tokenize -q --ids --column text $part.arrows --save-state $part.json >/dev/null
    done
    tokenize --merge p.json q.json --save-state both.json
    cmp both.json g.json
    tokenize -q --ids --column text p.arrows q.arrows | words text >a
    tokenize -q --ids --column text g.arrows | words text >b
    tokenize -q --state g.json p.arrows q.arrows | words text >c
    cmp a b
    cmp a c
}

@test "what is missing stays missing, and with --into the text stays" {
    printf 'text,n\none two,1\n,2\n' >t.csv
    is "$(tokenize -q t.csv | words text | tr '\n' ' ')" 'one|two missing '
    is "$(tokenize -q --into words t.csv | save -q --format csv - | tr '\n' ' ')" \
        'text,n,words one two,1,"[""one"",""two""]" ,2, '
}

@test "what cannot be" {
    printf 'text,n\none two,1\n' >t.csv
    printf 'n\n1\n' >n.csv
    fails 'tokenize --column n t.csv' 64 "tokenize: column 'n' is int64, which 'tokenize' cannot take"
    fails 'tokenize n.csv' 64 'tokenize: no column of text or of lists of terms is here to take'
    fails 'tokenize --min-documents 2 t.csv' 64 'tokenize: --min-documents chooses what is numbered: it needs --ids'
    fails 'tokenize --ids --min-documents 2 t.csv' 65 "tokenize: column 'text': no term is left of its 1 texts"
    fails 'tokenize --ngrams 0 t.csv' 64 "tokenize: option '--ngrams' takes N or N-M, 1 to 10, not '0'"
    fails 'tokenize --words all t.csv' 64 "tokenize: option '--words' takes one of default, plain, icu, not 'all'"
    fails 'tokenize --stop-words nowhere.txt t.csv' 66 "tokenize: stop words: 'nowhere.txt': No such file or directory"
    printf 'a\n\377\n' >bad.txt
    fails 'tokenize --stop-words bad.txt t.csv' 65 "tokenize: 'bad.txt': stop word 2 is no UTF-8"
    head -c 1100000 /dev/zero >large.txt
    fails 'tokenize --stop-words large.txt t.csv' 65 "tokenize: stop words: 'large.txt' is larger than 1048576 bytes"
    fails 'tokenize --stem klingon t.csv' 64 "tokenize: option '--stem' takes one of"
}

@test "ICU is opened only where a text needs it" {
    printf 'text\nStraße हिन्दी\n' >t.csv
    command load -q t.csv -o t.arrows # whose archive library brings ICU along
    LD_DEBUG=files tokenize -q t.arrows 2>&1 >/dev/null | grep -c icu >count || true
    is "$(cat count)" 0
    printf 'text\n苹果\n' >t.csv
    command load -q t.csv -o t.arrows
    LD_DEBUG=files tokenize -q t.arrows 2>opened >/dev/null
    grep -q libicuuc opened
}

@test "an input that breaks off at any byte leaves nothing" {
    printf 'text\none two\n' | command load -q - -o t.arrows
    size=$(stat -c %s t.arrows)
    for ((cut = 1; cut < size; cut += 13)); do
        head -c $cut t.arrows >cut.arrows
        run tokenize -q cut.arrows -o out.arrows
        # shellcheck disable=SC2154 # bats sets it
        [ "$status" = 65 ] && [ ! -e out.arrows ]
    done
    fails 'tokenize </dev/null' 66 'tokenize: standard input: no input at all'
    fails 'tokenize -q t.arrows >/dev/full' 74 'No space left on device'
}

@test "the plan says what was done" {
    printf 'text\none two\n' >t.csv
    is "$(tokenize -q --column text --stem english t.csv | features -q --method tfidf | show --json | jq -r .pipeline)" \
        'load | tokenize --column text --stem english | features --method tfidf'
}
