#!/usr/bin/env bats
# save: what it writes, what load reads back, and what it refuses.
load helper


# Values of all kinds, and texts that a careless writer would lose.
all_kinds() {
    cat <<'END'
{"id":1,"i":-5,"f":0.1,"b":true,"s":"plain","l":[1,2],"t":["a\"b",null]}
{"id":2,"i":null,"f":1e300,"b":false,"s":"","l":[],"t":[]}
{"id":3,"i":9223372036854775807,"f":-0.0,"b":null,"s":null,"l":null,"t":["x,y"]}
{"id":4,"i":0,"f":5e-324,"b":true,"s":" blanks ","l":[3],"t":["\n"]}
{"id":5,"i":1,"f":null,"b":true,"s":"a,b;c\td\"e\"\r\nf","l":[4],"t":["é"]}
{"id":6,"i":2,"f":1,"b":true,"s":"007","l":[5],"t":["?"]}
{"id":7,"i":3,"f":2,"b":true,"s":"\"","l":[6],"t":[""]}
END
}

@test "text comes back equal under --like, in every text format, compressed too" {
    all_kinds | load -q >a.arrows
    save -q a.jsonl <a.arrows
    for ending in csv tsv jsonl ndjson csv.gz tsv.zst jsonl.gz; do
        save -q "b.$ending" <a.arrows
        load -q --like a.arrows "b.$ending" | save -q c.jsonl
        cmp a.jsonl c.jsonl
    done
    is "$(gzip -dc b.csv.gz | head -n 3)" "$(head -n 3 b.csv)"
    is "$(zstd -dqc b.tsv.zst | md5sum)" "$(md5sum <b.tsv)"
}

@test "a table of no rows comes back from JSON lines, where it is an empty file" {
    all_kinds | load -q | pick -q --rows 0 >a.arrows
    save -q a.jsonl <a.arrows
    is "$(wc -c <a.jsonl)" 0
    load -q --like a.arrows --format jsonl a.jsonl | save -q b.csv
    is "$(cat b.csv)" id,i,f,b,s,l,t
    is "$(echo '[]' | load -q --like a.arrows | save -q --format csv -)" id,i,f,b,s,l,t
    echo '{' >damaged.jsonl
    fails 'load -q --like a.arrows --bad null --format jsonl damaged.jsonl' 65 'it has no columns'
}

@test "names that would tell of another separator or format come back, and one column of texts with commas" {
    printf '\357\273\277z' >mark
    for name in 'a;b' 'a|b' 'a,b' "a$(printf '\t')b" 'sep=;' 'sep=#' '{x' '[y' "$(cat mark)"; do
        printf '"%s"\n"1,5"\nx\n' "$name" | load -q >a.arrows
        printf '"%s",c\n"1,5",2\nx,3\n' "$name" | load -q >b.arrows
        for file in a b; do
            save -q $file.jsonl <$file.arrows
            for ending in csv tsv; do
                save -q "c.$ending" <$file.arrows
                load -q "c.$ending" | save -q --format jsonl - | cmp - $file.jsonl
                load -q --like $file.arrows "c.$ending" | save -q --format jsonl - | cmp - $file.jsonl
            done
        done
    done
}

@test "an Arrow stream comes back the same" {
    all_kinds | load -q >a.arrows
    save -q b.arrows <a.arrows
    cmp a.arrows b.arrows
    save -q c.arrows b.arrows
    cmp a.arrows c.arrows
}

@test "dates and times in ISO form, floats with the digits they need" {
    printf 'd,t,z,f\n2024-02-29,2024-01-01T10:00:00.5,2024-01-01T10:00:00+02:00,0.1\n' |
        load -q --types f=float32 >a.arrows
    is "$(save -q --format csv - <a.arrows)" 'd,t,z,f
2024-02-29,2024-01-01T10:00:00.500000,2024-01-01T08:00:00Z,0.1'
    is "$(save -q --format csv - <a.arrows | load -q --like a.arrows | save -q --format jsonl -)" "$(save -q --format jsonl - <a.arrows)"
}

@test "a text that load took for missing elsewhere is quoted" {
    printf 'a,b\n?,"?"\nx,y\n' | load -q --missing '?' >a.arrows
    is "$(save -q --format csv - <a.arrows)" 'a,b
,"?"
x,y'
}

@test "binary: empty is not missing, and what equals a marker is quoted" {
    printf 'n,b\n1,00\n2,"00"\n3,""\n4,\n5,00FF\n' | load -q --types b=binary --missing 00 >a.arrows
    is "$(save -q --format csv - <a.arrows | paste -sd ' ')" 'n,b 1, 2,"00" 3,"" 4, 5,00ff'
    save -q b.csv <a.arrows
    load -q --like a.arrows b.csv | save -q --format jsonl - >b.jsonl
    save -q --format jsonl - <a.arrows | cmp - b.jsonl
    is "$(sed -n 2,3p b.jsonl | paste -sd ' ')" '{"n":2,"b":"00"} {"n":3,"b":""}'
}

@test "one column with missing values" {
    printf '{"a":"x"}\n{"a":null}\n{"a":""}\n{"a":null}\n' | load -q >a.arrows
    save -q b.csv <a.arrows
    load -q --like a.arrows b.csv | save -q --format jsonl - >b.jsonl
    save -q --format jsonl - <a.arrows | cmp - b.jsonl
}

@test "npy: a column, a matrix, tensors; into a file and a pipe" {
    printf 'a,b,c,d\n1,2,1.5,x\n3,4,2.5,y\n' | load -q >a.arrows
    pick a <a.arrows | save -q one.npy
    is "$(load -q one.npy | save -q --format csv -)" 'value
1
3'
    pick a b <a.arrows | save -q two.npy
    is "$(load -q two.npy | save -q --format csv -)" 'column1,column2
1,2
3,4'
    pick a b <a.arrows | save -q --format npy - | cmp - two.npy
    pick a b <a.arrows | save -q --format npy - >>appended
    cmp appended two.npy
    printf '\0\0\010\003\0\0\0\002\0\0\0\001\0\0\0\003\001\002\003\004\005\006' >images
    load -q images | save -q images.npy
    load -q images.npy | pick value | save -q --format csv - | tail -n 1 | grep -qx '"\[4,5,6\]"'
}

@test "what npy does not hold" {
    printf 'a,b,c\n1,1.5,x\n,2.5,y\n' | load -q >a.arrows
    fails 'pick c <a.arrows | save c.npy' 65 "save: column 'c' (utf8) holds no numbers"
    fails 'pick a <a.arrows | save a.npy' 65 "save: column 'a' (int64) is missing in row 2; npy has no missing values"
    fails 'pick a b <a.arrows | save ab.npy' 65 "save: column 'b' (float64) is not of the first column's type"
    [ "$(echo ./*.npy)" = './*.npy' ]
}

@test "the format by the ending, or by --format" {
    printf 'a\n1\n' | load -q >a.arrows
    fails 'save <a.arrows' 64 'where to?'
    fails 'save - <a.arrows' 64 'save: standard output has no ending: --format says what to write'
    fails 'save result.txt <a.arrows' 64 "save: 'result.txt' ends as no format does: --format says what to write"
    save -q result.txt --format csv <a.arrows
    is "$(cat result.txt)" 'a
1'
    fails 'save x.npy.gz <a.arrows' 64 'leave the second ending out'
    fails 'save x.arrows.gz <a.arrows' 64 'leave the second ending out'
    [ ! -e x.npy.gz ] && [ ! -e x.arrows.gz ]
}

@test "complete or not at all: a cut stream, a full disk" {
    printf 'a\n1\n' | load -q >a.arrows
    save -q out.csv <a.arrows
    cp out.csv before
    head -c "$(($(stat -c %s a.arrows) - 30))" a.arrows >cut.arrows
    fails 'save out.csv <cut.arrows' 65 'save: standard input: '
    cmp out.csv before
    is "$(ls out*)" out.csv
    fails 'save --format csv - <a.arrows >/dev/full' 74 'No space left on device'
    fails 'save --format npy - <a.arrows >/dev/full' 74 'No space left on device'
    fails 'save nowhere/out.csv <a.arrows' 73 'nowhere/out.csv'
}

@test "the closing line counts" {
    is "$(printf 'a\n1\n2\n' | load -q | save out.csv 2>&1)" 'save: 2 rows in, 2 out'
}
