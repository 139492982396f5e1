#!/usr/bin/env bats
# load: every format, every rule of inference, every refusal with its words.
load helper

# types FILE...: "name: type (role)" of each column, a line each.
types() { load -q "$@" | show --json | jq -r '.columns[] | .name + ": " + .type + (if .role and .role != "feature" then " (" + .role + ")" else "" end)'; }

@test "the narrowest type that all values have" {
    printf '%s\n' 'b,i,f,d,t,z,s,code,plus,big,none,mixed' \
        'true,1,1.5,2024-02-29,2024-01-01T10:00:00,2024-01-01T10:00:00Z,x,007,+49,99999999999999999999,,1' \
        'False,-2,2,2023-01-01,2024-01-01 10:00:00.5,2024-01-01T10:00:00+02:00,1,7,49,1,,x' >a.csv
    is "$(types a.csv)" 'b: bool
i: int64
f: float64
d: date32
t: timestamp[us]
z: timestamp[us, UTC]
s: utf8
code: utf8
plus: utf8
big: utf8
none: utf8
mixed: utf8'
}

@test "what is text: hexadecimal, a decimal comma, a number too large, a date that does not exist, yes and no" {
    printf 'a;b;c;d;e\n0x1F;1,5;1e999;2023-02-29;yes\n' >a.csv
    is "$(types a.csv | cut -d' ' -f2 | sort -u)" utf8
}

@test "times with and without a zone in one column are text" {
    printf 't\n2024-01-01T10:00:00\n2024-01-01T10:00:00Z\n' >a.csv
    is "$(types a.csv)" 't: utf8'
}

@test "nan and inf are float64" {
    printf 'x\nnan\n-inf\n1\n' >a.csv
    is "$(csv a.csv)" 'x
nan
-inf
1'
    is "$(types a.csv)" 'x: float64'
}

@test "--types decides: 007 is a number when it is asked for" {
    printf 'zip,n,f\n007,+5,1\n' >a.csv
    is "$(types a.csv --types zip=int64,n=int32,f=float32)" 'zip: int64
n: int32
f: float32'
    is "$(csv a.csv --types zip=int64,n=int32,f=float32)" 'zip,n,f
7,5,1'
}

@test "a value that is not of the type of --types, or out of its range" {
    printf 'n\n300\n' >a.csv
    says 65 "load: a.csv:2: column 'n' (uint8): '300' is out of the type's range; --types n=utf8 or --bad null would let it through" a.csv --types n=uint8
}

@test "blanks around numbers, signs, zeros, the ends of int64" {
    printf 'a,b,c,d\n -0 , 2.5 ,-0.0,9223372036854775807\n3, 4 ,1e-400,-9223372036854775808\n' >a.csv
    is "$(csv a.csv)" 'a,b,c,d
0,2.5,-0.0,9223372036854775807
3,4,0,-9223372036854775808'
}

@test "--types of a column that is not there, or of no type" {
    printf 'n\n1\n' >a.csv
    says 65 "load: a.csv: it has no column 'm'" a.csv --types m=int64
    fails 'load a.csv --types n=int9' 64 "int9"
    fails 'load a.csv --types n' 64 "NAME=TYPE"
}

@test "a later value against its type: file, line and column" {
    { echo a,age; for i in $(seq 10000); do echo "\"x
y\",$i"; done; echo z,4:.; } >users.csv
    says 65 "load: users.csv:20002: column 'age' (int64): '4:.' is not a whole number; --types age=utf8 or --bad null would let it through" users.csv
    { echo a; seq 10000; echo 1.5; } >b.csv
    says 65 "load: b.csv:10002: column 'a' (int64): '1.5' is not a whole number; --types a=float64 or --bad null would let it through" b.csv
    { echo a; seq 10000; echo 007; } >c.csv
    says 65 "load: c.csv:10002: column 'a' (int64): '007' is written as a code, not as a whole number; --types a=utf8 or --bad null would let it through" c.csv
    says 65 "load: c.csv:10002: column 'a' (int64): a value is written as a code, not as a whole number; --types a=utf8 or --bad null would let it through" c.csv --no-values
}

@test "--bad null and --bad drop, with counts" {
    printf 'a,b\n1,x\noops,y\n3\n4,z,9\n' >a.csv
    run --separate-stderr sh -c 'load a.csv --types a=int64 --bad null | save -q --format csv -'
    is "$output" 'a,b
1,x
,y
3,
4,z'
    is "$stderr" "load: 4 rows in, 4 out (2 rows with too few or too many fields filled up or cut; 1 value against its type made null (1 in 'a'))"
    run --separate-stderr sh -c 'load a.csv --types a=int64 --bad drop | save -q --format csv -'
    is "$output" 'a,b
1,x'
    [[ "$stderr" == "load: 4 rows in, 1 out, 3 dropped ("* ]]
}

@test "ragged records" {
    printf 'a,b\n1,2\n\n"x\ny",3\n4\n' >few.csv
    says 65 "load: few.csv:3: an empty line with records after it; --bad drop would let it through" few.csv
    printf 'a,b\n"x\ny",3\n4\n' >few.csv
    says 65 "load: few.csv:4: 1 field where the header has 2; --bad null or --bad drop would let it through" few.csv
    printf '1,2\n1,2,3\n' >many.csv
    says 65 "load: many.csv:2: 3 fields where the first record has 2; --bad null or --bad drop would let it through" many.csv --no-header
}

@test "quotes: delimiters, newlines and doubled quotes within; a quote elsewhere is a character" {
    printf 'a,b\n"x, y","1\n2"\n"say ""hi""",5" pipe\n  "in blanks"  ,  bare  \n' >a.csv
    is "$(csv a.csv)" 'a,b
"x, y","1
2"
"say ""hi""","5"" pipe"
in blanks,bare'
}

@test "quotes that go wrong" {
    printf 'a,b\n1,2\n"x,3\n' >open.csv
    says 65 "load: open.csv:3: a quote is opened in this record and never closed; with --quote none quotes mean nothing" open.csv
    says 65 "load: open.csv:3: a quote is opened in this record and never closed; with --quote none quotes mean nothing" open.csv --bad null
    printf 'a,b\n"x"y,3\n' >behind.csv
    says 65 "load: behind.csv:2: column 'a' (utf8): '\"x\"y' has text behind its closing quote; --quote none or --bad null would let it through" behind.csv
}

@test "--quote: another character, or none, and then every byte but delimiter and newline is the field's" {
    printf '%s\n' 'label	text	n' 'ham	"Wen u" gdeve	1' 'spam	say ""5"" 	 2 ' '"x	 it'"'"'s "open	?' "'y		" >a.tsv
    fails 'load a.tsv >out' 65 "load: a.tsv:4: 2 fields where the header has 3; --quote none, --bad null or --bad drop"
    is "$(load -q a.tsv --quote none --missing '?' | save -q --format jsonl -)" '{"label":"ham","text":"\"Wen u\" gdeve","n":1}
{"label":"spam","text":"say \"\"5\"\" ","n":2}
{"label":"\"x","text":" it'"'"'s \"open","n":null}
{"label":"'"'"'y","text":null,"n":null}'
    sed 's/$/\r/' a.tsv >crlf.tsv
    is "$(csv crlf.tsv --quote none)" "$(csv a.tsv --quote none)"
    printf '"a","b"\n"1,5",\n' >b.csv
    is "$(load -q b.csv --quote none --bad null | save -q --format jsonl -)" '{"\"a\"":"\"1","\"b\"":"5\""}'
    printf "a;b\n'x;''y''\n\"';1\n" >c.csv
    is "$(load -q c.csv --quote "'" | save -q --format jsonl -)" "{\"a\":\"x;'y'\n\\\"\",\"b\":1}"
    for quote in '' ab é ' ' None; do fails "load b.csv --quote '$quote'" 64 "option '--quote' takes one ASCII character"; done
    fails 'load b.csv --quote , --delimiter ,' 64 'the quote and the delimiter are the same character'
}

@test "--like takes the quote over, unless told otherwise" {
    printf 'label\ttext\nham\t"Wen u" gdeve\nspam\t"5"\n' >old.tsv
    printf 'label\ttext\nham\t"x" y\n' >new.tsv
    load -q old.tsv --quote none >old.arrows
    is "$(load -q --like old.arrows new.tsv | save -q --format jsonl -)" '{"label":"ham","text":"\"x\" y"}'
    fails "load --like old.arrows new.tsv --quote '\"' >out" 65 'text behind its closing quote'
    printf "label\ttext\nham\t'x\ty'\n" | load -q --quote "'" >single.arrows
    is "$(printf "text\tlabel\n'5''\t'\tham\n" | load -q --like single.arrows | save -q --format jsonl -)" \
        '{"text":"5'"'"'\t","label":"ham"}'
}

@test "--like of text without a header: several files, more rows, columns without a value" {
    printf '63,?,low\n41,204,high\n' >a.data
    printf '50,?,low\n51,?,high\n52,?,low\n' >b.data
    printf '7,1,low\n' >c.data
    load -q a.data --no-header --columns age,chol,risk --missing '?' --label risk >a.arrows
    is "$(types --like a.arrows b.data c.data)" 'age: int64
chol: int64
risk: utf8 (label)'
    is "$(csv --like a.arrows b.data c.data a.data)" 'age,chol,risk
50,,low
51,,high
52,,low
7,1,low
63,,low
41,204,high'
    is "$(csv --like a.arrows c.data b.data | sed -n 2,3p)" '7,1,low
50,,low'
}

@test "--like reads what save wrote of the text, whatever the text's own form" {
    printf '1\t"a" b\tx, y\n2\t\t 5" \n' >tabs
    printf 'n;t;u\n1;"a;b";x\n2;?;"y"\n' >semicolons
    printf 'n,t,u\n1,n,t\n' >commas
    load -q tabs --no-header --columns n,t,u --quote none >tabs.arrows
    load -q semicolons --missing '?' >semicolons.arrows
    load -q commas >commas.arrows
    for file in tabs semicolons commas; do
        load -q --like $file.arrows $file | save -q --format jsonl - >wanted
        for format in csv tsv jsonl; do
            save -q --format $format - <$file.arrows >saved
            load -q --like $file.arrows saved | save -q --format jsonl - | cmp - wanted
        done
    done
    # a row is no header for holding the columns' names among others
    printf 'more\tt\n' | load -q --no-header --columns n,t --label n >two.arrows
    is "$(printf 'other\tt\n' | load -q --like two.arrows | save -q --format csv -)" 'n,t
other,t'
}

@test "the delimiter is guessed, or given" {
    printf 'a;b\n1,5;2\n' >semicolon
    printf 'a\tb\n1, 5\t2\n' >tab
    printf 'a|b\n1|2\n' >bar
    printf 'a:b\n1:2\n' >colon
    for file in semicolon tab bar; do is "$(types "$file" | cut -d: -f1 | tr '\n' ' ')" 'a b '; done
    is "$(types colon --delimiter : | cut -d: -f1 | tr '\n' ' ')" 'a b '
    is "$(types tab --delimiter tab | wc -l)" 2
    fails 'load colon --delimiter ::' 64 'one ASCII character'
}

@test "a byte order mark, CRLF, no newline at the end, empty lines at both ends" {
    printf '\357\273\277\r\n\r\na,b\r\n1,x\r\n2,"y\r\nz"\r\n3,w\r\n\r\n  \r\n' >crlf.csv
    load -q crlf.csv >crlf.arrows
    is "$(load -q crlf.arrows | save -q --format jsonl -)" '{"a":1,"b":"x"}
{"a":2,"b":"y\r\nz"}
{"a":3,"b":"w"}'
    printf 'a,b\n1,x' >cut.csv
    is "$(csv cut.csv)" 'a,b
1,x'
}

@test "one column: an empty line between others is a missing value" {
    printf 'a\n1\n\n3\n\n\n' >a.csv
    is "$(load -q a.csv | save -q --format jsonl -)" '{"a":1}
{"a":null}
{"a":3}'
}

@test "missing: the empty field and the markers; a quoted one is text" {
    printf 'n,t\n?,?\n,\nNA,NA\n"",""\n"?","?"\n5,x\n' >a.csv
    is "$(load -q a.csv --missing '?,NA' | save -q --format jsonl -)" '{"n":null,"t":null}
{"n":null,"t":null}
{"n":null,"t":null}
{"n":null,"t":""}
{"n":null,"t":"?"}
{"n":5,"t":"x"}'
}

@test "text that is not UTF-8, that is UTF-16, that holds a NUL" {
    printf 'a,b\nx,y\ncaf\351,z\n' >latin.csv
    says 65 "load: latin.csv:3: column 'a' (utf8): 'caf\\xe9' is not UTF-8 (\`iconv -f windows-1252 -t utf-8\` may help); --bad null would let it through" latin.csv
    is "$(csv latin.csv --bad null)" 'a,b
x,y
,z'
    printf 'a,b\n1,2\n' | iconv -f utf-8 -t utf-16 >wide.csv
    says 65 'load: wide.csv: this is UTF-16 text; `iconv -f utf-16 -t utf-8` makes it readable' wide.csv
    printf 'a,b\nx\0y,2\n' >nul.csv
    says 65 "load: nul.csv:2: column 'a' (utf8): 'x\\x00y' holds a NUL byte; --bad null would let it through" nul.csv
}

@test "a spreadsheet's line sep=; names the delimiter and is no record" {
    printf 'sep=;\r\na;b\r\n1,5;x\r\n' >excel.csv
    is "$(csv excel.csv)" 'a,b
"1,5",x'
    printf 'SEP=|\na|b\n1|2,3\n' | load -q | save -q --format csv - | grep -qx '1,"2,3"'
    is "$(printf 'sep=,\n1,2\n' | load -q --no-header | save -q --format csv - | tail -n 1)" 1,2
    printf 'sep=;\na;b\n1\n' >short.csv
    says 65 'load: short.csv:3: 1 field where the header has 2; --bad null or --bad drop would let it through' short.csv
    load -q excel.csv >excel.arrows
    printf 'sep=,\nb,a\ny,"2,5"\n' >other.csv
    is "$(load -q --like excel.arrows other.csv | save -q --format csv -)" 'b,a
y,"2,5"'
    printf 'sep=|\n|1||2|\n' >quoted.csv # the quote separates nothing
    is "$(load -q --quote '|' quoted.csv | save -q --format jsonl -)" '{"sep=|":"1|2"}'
    for text in 'sep=\n1\n' 'sep=a\n1\n' 'sep=ab,c\n1,2\n' 'separate,x\n1,2\n'; do
        printf "$text" >a.csv
        is "$(csv a.csv)" "$(cat a.csv)"
    done
}

@test "headers: empty, doubled, alone; no input at all" {
    printf ',b\n1,2\n' >empty.csv
    says 65 "load: empty.csv:1: column 1 has no name in the header; --columns would name it" empty.csv
    printf 'b,b\n1,2\n' >twice.csv
    says 65 "load: twice.csv: two columns are named 'b'; --columns would name them anew" twice.csv
    is "$(csv twice.csv --columns x,y)" 'x,y
1,2'
    printf 'a,b\n' >alone.csv
    is "$(csv alone.csv)" 'a,b'
    : >nothing.csv
    says 65 "load: nothing.csv: it is empty: no header, no rows" nothing.csv
    printf '1,2\n' >bare.csv
    is "$(csv bare.csv --no-header)" 'column1,column2
1,2'
    says 65 "load: bare.csv: it has 2 columns, --columns names 3" bare.csv --columns a,b,c
    fails 'load nowhere.csv' 66 "nowhere.csv"
}

@test "roles by name, and by option" {
    printf 'user_id,Target,y,ID,w,x\n1,2,3,4,5,6\n' >a.csv
    is "$(types a.csv | grep '(')" 'user_id: int64 (id)
Target: int64 (label)
ID: int64 (id)'
    is "$(types a.csv --label x --id w --weight y --drop ID,Target | tr '\n' ' ')" 'user_id: int64 y: int64 (weight) w: int64 (id) x: int64 (label) '
    fails 'load a.csv --label Y' 65 "no column 'Y'"
}

@test "gzip, xz, zstd and bzip2 by content, whatever the name; several members" {
    printf 'a,b\n1,x\n2,y\n' >a.csv
    gzip -c a.csv >a.gz
    xz -c a.csv >a.xz
    zstd -qc a.csv >a.zst
    bzip2 -c a.csv >a.bz2
    for file in a.gz a.xz a.zst a.bz2; do
        is "$(csv "$file")" "$(cat a.csv)"
        is "$(load -q <"$file" | save -q --format csv -)" "$(cat a.csv)"
    done
    { printf 'a,b\n1,x\n' | gzip; printf '2,y\n' | gzip; } >two.gz
    is "$(csv two.gz)" "$(cat a.csv)"
}

@test "compressed data that is cut or damaged" {
    seq 100000 >a.csv
    gzip -c a.csv >a.gz && xz -c a.csv >a.xz && zstd -qc a.csv >a.zst && bzip2 -c a.csv >a.bz2
    for file in a.gz a.xz a.zst a.bz2; do
        head -c $(($(stat -c %s $file) - 20)) $file >cut.$file
        fails "load cut.$file >out" 65 "load: cut.$file: its "
        { head -c 5000 $file; printf XXXX; tail -c +5005 $file; } >broken.$file
        fails "load broken.$file >out" 65 "load: broken.$file: its "
    done
}

@test "compressed data in several members of which a later one is cut or damaged; zeros at the end; nothing" {
    printf 'a\n1\n' >first && printf '2\n' >second
    for program in gzip xz 'zstd -q' bzip2; do
        { $program -c first; $program -c second | head -c 12; } >m
        fails 'load m >out' 65 "load: m: its ${program%% *} data is cut"
        { $program -c first; printf x; $program -c second | tail -c +2; } >m
        fails 'load m >out' 65 "load: m: its ${program%% *} data is "
    done
    for program in gzip xz 'zstd -q' bzip2; do
        $program -c </dev/null >m
        says 65 'load: m: it is empty: no header, no rows' m
    done
    for program in gzip xz bzip2; do
        { $program -c first; $program -c second; head -c 4096 /dev/zero; } >m
        is "$(csv m | paste -sd ' ')" 'a 1 2'
    done
}

@test "several files: by name, in any order; what does not agree" {
    printf 'id,x\n1,5\n' >a.csv
    printf 'x,id\n2.5,2\n' >b.csv
    printf '{"id":3,"x":null}\n' >c.jsonl
    is "$(csv a.csv b.csv c.jsonl)" 'id,x
1,5
2,2.5
3,'
    is "$(csv a.csv - <b.csv)" 'id,x
1,5
2,2.5'
    printf 'id,x\n1,no\n' >text.csv
    says 65 "load: text.csv: column 'x' is utf8 here and int64 in a.csv; --types would settle it" a.csv text.csv
    printf 'id\n1\n' >less.csv
    says 65 "load: less.csv: it has no column 'x', which is in a.csv; --union would fill it with nulls" a.csv less.csv
    printf 'id,x,z\n1,2,3\n' >more.csv
    says 65 "load: more.csv: its column 'z' is not in a.csv; --union would fill it with nulls there" a.csv more.csv
}

@test "--union: columns that differ, types that widen, rows in order, whatever the format" {
    printf 'id,x\n1,5\n' >a.csv
    printf 'y,id\nred,2\n,3\n' >b.csv
    printf '{"id":4,"x":1.5,"tags":["p","q"]}\n' >c.jsonl
    printf 'x,id\n7,5\n' >d.csv
    load -q d.csv --types x=float64 --id id -o d.arrows
    is "$(csv --union a.csv b.csv c.jsonl d.arrows)" 'id,x,y,tags
1,5,,
2,,red,
3,,,
4,1.5,,"[""p"",""q""]"
5,7,,'
    is "$(csv --union b.csv a.csv)" 'y,id,x
red,2,
,3,
,1,5'
    is "$(csv --union a.csv)" "$(csv a.csv)"
    # the plan says what to read new text by
    load -q --union a.csv b.csv -o u.arrows
    printf 'id,x,y\n9,8,blue\n' >new.csv
    is "$(csv --like u.arrows new.csv)" 'id,x,y
9,8,blue'
    # a stream that has been through a stage is another thing than raw rows
    load -q a.csv | shuffle -q -o n.arrows
    fails 'load --union a.csv n.arrows' 65 "n.arrows: it has been through other stages than a.csv"
    printf 'id,x\n1,no\n' >text.csv
    says 65 "load: text.csv: column 'x' is utf8 here and int64 in a.csv; --types would settle it" --union a.csv text.csv
}

@test "--union: --bad counts and reasons name the right column" {
    printf 'a,b\n1,2\n' >a.csv
    { printf 'c,b\n'; for i in $(seq 10001); do printf '%s,%s\n' "$i" "$i"; done; printf '1,no\nno,3\n'; } >b.csv
    run --separate-stderr command load --union --bad null a.csv b.csv -o out.arrows
    is "$stderr" "load: 10004 rows in, 10004 out (2 values against their type made null (1 in 'b', 1 in 'c'))"
    is "$(csv --union --bad flag a.csv b.csv | tail -2)" "\
,,1,\"'b' is against its type, int64\"
,3,,\"'c' is against its type, int64\""
}

@test "--union without headers: the names of the widest" {
    printf '1,2\n' >a.csv
    printf '3,4,5\n' >b.csv
    is "$(csv --union --no-header a.csv b.csv)" 'column1,column2,column3
1,2,
3,4,5'
    load -q --union --no-header a.csv b.csv -o u.arrows
    is "$(csv --like u.arrows b.csv)" 'column1,column2,column3
3,4,5'
}

@test "JSON lines: dotted columns, lists, mixed values, null" {
    cat >a.jsonl <<'END'
{"id":1,"user":{"name":"Zoé","age":3},"tags":["a","b"],"v":[1,2.5],"m":1,"d":[[1],[2,3]]}

{"id":2,"user":{"name":null,"age":4.5},"tags":[],"m":"x","e":{}}
{"late":true,"m":[1,"a"]}
END
    is "$(types a.jsonl)" 'id: int64 (id)
user.name: utf8
user.age: float64
tags: list<utf8>
v: list<float64>
m: utf8
d: list<list<int64>>
late: bool'
    is "$(load -q a.jsonl | save -q --format jsonl -)" '{"id":1,"user.name":"Zoé","user.age":3,"tags":["a","b"],"v":[1,2.5],"m":"1","d":[[1],[2,3]],"late":null}
{"id":2,"user.name":null,"user.age":4.5,"tags":[],"v":null,"m":"x","d":null,"late":null}
{"id":null,"user.name":null,"user.age":null,"tags":null,"v":null,"m":"[1,\"a\"]","d":null,"late":true}'
    printf ' [ {"a":1},\n{"a":2} ] \n' >array.json
    is "$(csv array.json)" 'a
1
2'
    is "$(printf '[]' | load -q --types a=int64 | save -q --format csv -)" a
}

@test "JSON that is none" {
    printf '{"a":1}\n{"a":}\n' >a.jsonl
    fails 'load a.jsonl >out' 65 'load: a.jsonl:2: this is not JSON, at byte '
    printf '{"a":1}\n[2]\n' >b.jsonl
    says 65 'load: b.jsonl:2: a row is a JSON object ({"name": value, ...}), and this is none' b.jsonl
    for text in '[' '[{"a":1}' '[{"a":1},' '[{"a":1},]' '[{"a":1}] x' '{"a":1' '{"a":1} {"a":2}' '{"a":01}' "{'a':1}" '[{"a":1} {"a":2}]'; do
        printf '%s' "$text" >c.json
        fails 'load c.json >out' 65 'load: c.json'
    done
    { for i in $(seq 10000); do echo '{"a":1}'; done; echo '{"a":"x"}'; echo '{"b":1}'; } >d.jsonl
    fails 'load d.jsonl >out' 65 "load: d.jsonl:10001: column 'a' (int64): 'x' is a string, not a number"
    sed -i 10001d d.jsonl
    fails 'load d.jsonl >out' 65 "load: d.jsonl:10001: the key 'b' is new here"
    is "$(csv d.jsonl --types b=int64 | tail -n 1)" ',1'
    is "$(csv d.jsonl --bad drop | wc -l)" 10001
    printf '{"a":{"b":1},"a.b":2}\n' >e.jsonl
    says 65 "load: e.jsonl:1: two values for the column 'a.b'" e.jsonl
}

@test "JSON: a text that equals a marker of --missing is missing, null always is, the empty text never" {
    printf '{"n":1,"t":"?"}\n{"n":"?","t":"NA"}\n{"n":null,"t":""}\n' >a.jsonl
    is "$(load -q a.jsonl --missing '?,NA' | save -q --format jsonl -)" '{"n":1,"t":null}
{"n":null,"t":null}
{"n":null,"t":""}'
}

@test "IDX: images, labels, and files that claim too much or too little" {
    printf '\0\0\010\003\0\0\0\002\0\0\0\002\0\0\0\003\001\002\003\004\005\006\007\010\011\012\013\014' >images
    printf '\0\0\010\001\0\0\0\002\005\007' >labels
    is "$(types images --labels labels)" 'image: tensor<uint8>[2, 3]
label: int64 (label)'
    is "$(csv images --labels labels)" 'image,label
"[1,2,3,4,5,6]",5
"[7,8,9,10,11,12]",7'
    is "$(csv labels)" 'label
5
7'
    gzip -k images
    is "$(csv images.gz --labels labels --drop image)" "$(csv labels)"
    head -c 20 images >cut
    fails 'load cut >out' 65 'load: cut: its header claims 2 items, and it ends within item 1'
    { cat images; printf x; } >long
    fails 'load long >out' 65 'load: long: bytes follow the 2 items that its header claims'
    printf '\0\0\010\001\0\0\0\003\005\007\010' >three
    says 65 'load: images: 2 images, and 3 labels in three' images --labels three
    printf '\0\0\010\003\377\377\377\377\377\377\377\377\377\377\377\377' >huge
    says 65 'load: huge: its header claims an item of no bytes or more than 67108864' huge
    printf '\0\0\010\003\377\377\377\377\0\0\020\0\0\0\020\0' >claim
    fails 'load claim >out' 65 'load: claim: its header claims 4294967295 items, and it ends within item 1'
    printf 'a\n1\n' >a.csv
    fails 'load a.csv --labels labels' 64 '--labels goes with IDX images'
}

@test "npy: one, two and more dimensions; damage" {
    npy() { # npy DESCR SHAPE BYTES
        local dict="{'descr': '$1', 'fortran_order': False, 'shape': ($2), }"
        printf '\223NUMPY\001\0\166\0%-117s\n' "$dict"
        printf "$3"
    }
    npy '|u1' '3,' '\1\2\3' >v.npy
    is "$(csv v.npy)" 'value
1
2
3'
    npy '>i2' '2, 2' '\0\1\0\2\1\0\377\377' >m.npy
    is "$(csv m.npy)" 'column1,column2
1,2
256,-1'
    npy '|u1' '1, 2, 2' '\1\2\3\4' >t.npy
    is "$(types t.npy)" 'value: tensor<uint8>[2, 2]'
    npy '|u1' '4,' '\1\2\3' >cut.npy
    fails 'load cut.npy >out' 65 'load: cut.npy: its header claims 4 rows, and it ends within row 4'
    npy '<f4' '1000000000, 1000000' '\1\2\3' >wide.npy # and is refused before a million columns are made
    says 65 'load: wide.npy: its header claims 1000000000 rows, and it ends within row 1' wide.npy
    [ "$(peak sh -c 'load wide.npy 2>/dev/null || :')" -lt 100000 ] || [ -n "${WEIR_SANITIZED:-}" ]
    npy '<c8' '1,' '\1\2\3\4\1\2\3\4' >complex.npy
    fails 'load complex.npy' 65 "load: complex.npy: its values are of type '<c8'"
    head -c 60 v.npy >head.npy
    says 65 'load: head.npy: it is cut within its header' head.npy
}

@test "--types where columns have types of their own: these, or an error" {
    printf '\0\0\010\001\0\0\0\002\005\007' >labels
    printf "\223NUMPY\1\0\166\0%-117s\n\1\2" "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }" >v.npy
    printf 'x\n1\n' >x.csv
    load -q x.csv -o x.arrows
    says 64 "load: labels: column 'label' is int64 and not utf8; types are converted in text alone" labels --types label=utf8
    says 64 "load: v.npy: column 'value' is uint8 and not float32; types are converted in text alone" v.npy --types value=float32
    says 64 "load: x.arrows: column 'x' is int64 and not float64; types are converted in text alone" x.arrows --types x=float64
    is "$(csv --union x.csv x.arrows --types x=int64 | paste -sd ' ')" 'x 1 1'
    # --like says what the columns of a text are, and a stream has its own
    load -q x.csv --types x=float32 -o like.arrows
    is "$(types x.arrows --like like.arrows)" 'x: int64'
    load -q x.csv --types x=float64 -o f.arrows
    says 65 "load: f.arrows: column 'x' is float64 here and int64 in x.arrows" x.arrows f.arrows
    says 65 "load: f.arrows: column 'x' is float64 here and int64 in x.csv; --types would settle it" x.csv f.arrows
    is "$(csv --union x.csv f.arrows --types x=float64 | paste -sd ' ')" 'x 1 1'
}

@test "a stream passes through with its plan; compressed, and in the Arrow file format too" {
    printf 'a,b\n1,x\n2,y\n' | load -q >a.arrows
    load -q a.arrows | cmp - a.arrows
    gzip -k a.arrows
    load -q a.arrows.gz | cmp - a.arrows
    # shellcheck disable=SC2002 # a pipe is meant
    cat a.arrows.gz | load -q | cmp - a.arrows
    head -c 500 a.arrows >cut.arrows
    fails 'load cut.arrows >out' 65 'load: cut.arrows'
}

@test "files in the Arrow file format are read by their footer, from a pipe too" {
    cp "$TREE/tests/fuzz/corpus/arrow/file.arrow" a.arrow
    load -q a.arrow >a.arrows
    is "$(save -q --format csv - <a.arrows)" 's,f
a,1.5
åß€😀,
,nan'
    # shellcheck disable=SC2002 # a pipe is meant
    cat a.arrow | load -q | cmp - a.arrows
    gzip -k a.arrow
    load -q a.arrow.gz | cmp - a.arrows
    size=$(stat -c %s a.arrow)
    for end in 8 100 $((size - 11)) $((size - 1)); do
        head -c "$end" a.arrow >cut.arrow
        fails 'load cut.arrow' 65 'load: cut.arrow: it begins as an Arrow file, and its footer is missing or damaged'
    done
    printf 'ARROW1\0\0none\4\0\0\0ARROW1' >cut.arrow
    fails 'load cut.arrow' 65 'load: cut.arrow: it begins as an Arrow file, and its footer is missing or damaged'
}

@test "files in the Arrow file format joined by cat: an error, not the rows of one" {
    cp "$TREE/tests/fuzz/corpus/arrow/file.arrow" a.arrow
    advice='files of this format do not follow one another; `load FILE FILE` reads both'
    fails 'cat a.arrow a.arrow | load' 65 "load: standard input: it holds more than its footer names: $advice"
    is "$(load -q a.arrow a.arrow | save -q --format csv - | wc -l)" 7
    # behind a stream, which is what stands in a file in front of its footer
    size=$(stat -c %s a.arrow)
    footer=$(od -An -t u4 -j $((size - 10)) -N 4 a.arrow)
    tail -c +9 a.arrow | head -c $((size - 18 - footer)) >a.arrows
    is "$(cat a.arrows a.arrow | pick -q | save -q --format csv - | wc -l)" 7
    fails 'cat a.arrows a.arrow a.arrow | pick' 65 "pick: standard input: more follows the Arrow file: $advice"
    fails 'cat a.arrows a.arrow a.arrows | pick' 65 'pick: standard input: the file is cut: it does not end as an Arrow file'
}

@test "--like: names, types, roles, delimiter, markers; any order; what may be missing" {
    printf 'id;zip;n;y\n1;007;?;a\n2;12345;3;b\n' >train.csv
    load -q train.csv --missing '?' >train.arrows
    printf 'n;extra;zip\n?;5;123\n9;6;4\n' >new.csv
    is "$(types --like train.arrows new.csv)" 'n: int64
extra: int64
zip: utf8'
    is "$(load -q --like train.arrows new.csv | save -q --format csv -)" 'n,extra,zip
,5,123
9,6,4'
    is "$(load -q --like train.arrows train.csv | save -q --format csv -)" "$(load -q train.arrows | save -q --format csv -)"
    printf 'n;extra\n1;2\n' >less.csv
    says 65 "load: less.csv: it has no column 'zip'" --like train.arrows less.csv
    printf 'n;zip\nx;1\n' >bad.csv
    fails 'load --like train.arrows bad.csv >out' 65 "load: bad.csv:2: column 'n' (int64): 'x' is not a whole number; --bad null would let it through"
    printf '{"n":"x","zip":"1"}\n' >bad.jsonl
    says 65 "load: bad.jsonl:1: column 'n' (int64): 'x' is a string, not a number; --bad null would let it through" --like train.arrows bad.jsonl
    says 66 "load: cannot read 'nowhere': No such file or directory" --like nowhere new.csv
}

@test "--like of text without a header: names by place, dropped columns too" {
    printf '1,x,a\n2,y,b\n' >old.csv
    load -q old.csv --no-header --columns n,s,l --label l --drop s >old.arrows
    printf '3,z,?\n' >new.csv
    is "$(load -q --like old.arrows new.csv --drop s | save -q --format csv -)" 'n,l
3,?'
    is "$(types --like old.arrows new.csv)" 'n: int64
s: utf8
l: utf8 (label)'
}

@test "a type that text cannot have; tab-separated text by name; nothing at all" {
    printf 'a\n1\n' >a.csv
    says 65 "load: a.csv: column 'a': type float16 cannot be read from text" a.csv --types a=float16
    printf 'a\tb,c\n1\t2,3\n' >a.tsv
    is "$(csv a.tsv --format tsv | tail -n 1)" '1,"2,3"'
    fails 'load </dev/null' 66 'no input at all'
}

@test "the same bytes out at one and at two threads, from a file and from a pipe" {
    awk 'BEGIN { print "i,f,t"; for (i = 0; i < 120000; i++) printf "%d,%.6f,\"text \"\"%d\"\", with\nlines\"\n", i, i / 7, i }' >a.csv
    load -q a.csv >two
    taskset -c 0 load -q a.csv | cmp - two
    # shellcheck disable=SC2002 # a pipe is meant
    cat a.csv | load -q | cmp - two
    is "$(load a.csv 2>&1 >/dev/null)" 'load: 120000 rows in, 120000 out'
}

@test "a field of 10 MB, 20,000 columns, a record without an end" {
    { echo a,b; head -c 10000000 /dev/zero | tr '\0' x; echo ,1; echo y,2; } >wide.csv
    is "$(load -q wide.csv | pick b | save -q --format csv - | tail -n 2 | tr '\n' ' ')" '1 2 '
    seq -s, 20000 >columns.csv
    seq -s, 20000 >>columns.csv
    is "$(load -q columns.csv | save -q --format csv - | md5sum)" "$(md5sum <columns.csv)"
    { printf 'a,b\n1,2\n"'; head -c 80000000 /dev/zero | tr '\0' x; } >open.csv
    fails 'load open.csv >out' 65 'a record is longer than 67108864 bytes'
}

@test "memory stays bounded" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip "memory means nothing here"
    awk 'BEGIN { for (i = 0; i < 1000000; i++) print i "," i / 7 ",abcdefgh" }' >body
    { echo a,b,c; cat body body body; } >a.csv
    peak=$(bash -c 'load -q a.csv >/dev/null & pid=$!; most=0; while kill -0 $pid 2>/dev/null; do
        now=$(awk "/VmHWM/ { print \$2 }" /proc/$pid/status 2>/dev/null); [ "${now:-0}" -gt $most ] && most=$now; done; echo $most')
    [ "$peak" -le 131072 ]
}

@test "-o appears complete or not at all; a failure is told downstream" {
    printf 'a\n1\n' >a.csv
    printf 'a,b\n1\n' >bad.csv
    load -q a.csv -o out.arrows
    cp out.arrows before
    fails 'load bad.csv -o out.arrows' 65 'bad.csv:2'
    cmp out.arrows before
    is "$(ls out*)" out.arrows
    run --separate-stderr bash -c 'set -o pipefail; load bad.csv | save out.csv'
    [ "$status" = 65 ]
    is "$stderr" 'load: bad.csv:2: 1 field where the header has 2; --bad null or --bad drop would let it through
save: stopped: load failed'
    [ ! -e out.csv ]
}

@test "--bad flag keeps the row, makes the value missing and says why" {
    printf 'id,age,city\n1,30,Paris\n2,old,Lima\n3,40\n4,50,Lagos\n' >a.csv
    load a.csv --types age=int64 --bad flag >s
    [ "$(column s load_reason | sed -n 1p | tr -d ' ')" = '' ]
    [ "$(column s load_reason | sed -n 2p)" = '"'"'age' is against its type, int64"'"' ]
    [[ "$(column s load_reason | sed -n 3p)" == *'too few or too many fields'* ]]
    [ "$(pick id age city <s | save --format csv - | sed -n 3p)" = 2,,Lima ]
    printf '{"id":1,"age":30}\n{"id":2,"age":"old"}\nno JSON\n{"id":4,"age":50}\n' >a.jsonl
    load a.jsonl --types age=int64 --bad flag >s
    [[ "$(column s load_reason | sed -n 2p)" == *"'age'"* ]]
    [[ "$(column s load_reason | sed -n 3p)" == *damaged* ]]
    [ "$(column s load_reason | grep -c '[^ ]')" = 2 ]
    fails 'load s --bad flag' 65 load_reason
}

@test "a header that looks like a row of values is doubted aloud" {
    printf '6,148,yes\n1,85,no\n' >bare.csv
    run --separate-stderr load -q bare.csv
    [ "$status" = 0 ]
    [[ "$stderr" == *"the header names a column '6': if that is a row of values, --no-header reads it as one"* ]]
    run --separate-stderr load -q bare.csv --no-header
    [ "$status" = 0 ] && [ -z "$stderr" ]
    printf 'age,label\n1,2\n' >named.csv
    run --separate-stderr load -q named.csv
    [ "$status" = 0 ] && [ -z "$stderr" ]
}
