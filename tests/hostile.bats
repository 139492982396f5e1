#!/usr/bin/env bats
# Bad input by name, and hostile streams, plans and models: each is refused in words that say what, where and what to do.
load helper

# json TEXT: a line of JSON as load reads it.
json() { printf '%s\n' "$1" | load -q --format jsonl | save -q --format jsonl -; }

@test "what is no number: said as what it is" {
    while IFS='|' read -r type value reason; do
        printf 'x;y\n;1\n%s;1\n' "$value" >n.csv
        says 65 "load: n.csv:3: column 'x' ($type): '$value' $reason or --bad null would let it through" n.csv --types "x=$type"
    done <<'END'
float64|4:.|is not a number; --types x=utf8
float64|1e999|is out of the type's range; --types x=utf8
float64|-1.5E+400|is out of the type's range; --types x=utf8
float32|1e39|is out of the type's range; --types x=utf8
float64|0x1F|is not a decimal number; --types x=utf8
float64|1,5|is not a number: a decimal point is written '.'; --types x=utf8
float64|1,234.5|is not a number; --types x=utf8
float64|1 000|is not a number; --types x=utf8
float64|--5|is not a number; --types x=utf8
float64|1e|is not a number; --types x=utf8
int64|4:.|is not a whole number; --types x=utf8
int64|1e999|is not a whole number; --types x=utf8
int64|0x1F|is not a whole number; --types x=utf8
int64|1,5|is not a whole number; --types x=utf8
int64|1.5|is not a whole number; --types x=float64
int64|9223372036854775808|is out of the type's range; --types x=utf8
uint64|-1|is out of the type's range; --types x=utf8
bool|yes|is neither true nor false; --types x=utf8
date32|5.1.2024|is not a date (YYYY-MM-DD); --types x=utf8
date32|2023-02-29|is not a date (YYYY-MM-DD); --types x=utf8
timestamp[us]|2024-01-01T10:00:00Z|is not a time without a zone (YYYY-MM-DDTHH:MM:SS); --types x=utf8
END
    printf '{"n":1,"f":0.5}\n{"n":"5"}\n' >a.jsonl
    says 65 "load: a.jsonl:2: column 'n' (int64): '5' is a string, not a number; --types n=utf8 or --bad null would let it through" a.jsonl --types n=int64
    printf '{"f":0.5}\n{"f":"5"}\n' >a.jsonl
    says 65 "load: a.jsonl:2: column 'f' (float64): '5' is a string, not a number; --types f=utf8 or --bad null would let it through" a.jsonl --types f=float64
    printf '{"f":1}\n{"f":0.1}\n' >a.jsonl
    says 65 "load: a.jsonl:2: column 'f' (int64): '0.1' is not a whole number; --types f=float64 or --bad null would let it through" a.jsonl --types f=int64
}

@test "JSON that is unusual: escapes, blanks, numbers in every form, deep, doubled, empty" {
    is "$(json ' { "a" : "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000" } ')" '{"a":"\"\\/\b\f\n\r\té😀\u0000"}'
    is "$(json '{"a":"é😀'$'\u2028\177''"}')" '{"a":"é😀'$'\u2028''\u007f"}'
    is "$(json '{"a":[-0,0,-1,1e1,1E-2,1.5e+3,-0.0,123456789.25]}')" '{"a":[0,0,-1,10,0.01,1500,-0.0,123456789.25]}'
    is "$(json '{"a":[[[[]],[]]],"b":[],"c":[null],"d":{"e":{}},"f":[true,false]}')" '{"a":[[[[]],[]]],"b":[],"c":[null],"f":[true,false]}'
    is "$(json '{"":1,"a":2,"a":3,"\u0061\u0062":4}')" '{"":1,"a":3,"ab":4}'
    is "$(json '{}')" '{}'
    is "$(printf '\357\273\277{"a":1}\r\n\t\r\n{"a":2}' | load -q | save -q --format csv - | tr '\n' ' ')" 'a 1 2 '
    deep=$(printf '[%.0s' $(seq 500))$(printf ']%.0s' $(seq 500))
    is "$(json "{\"a\":$deep}" | md5sum)" "$(echo "{\"a\":[[[[\"${deep:4:992}\"]]]]}" | md5sum)"
}

@test "JSON beyond 64 bits: digits are kept as text, and are numbers for --types; a NUL in a name is a sign" {
    is "$(json '{"a":9223372036854775807,"b":-9223372036854775809,"c":[1e999],"d":{"e":18446744073709551615}}')" \
        '{"a":9223372036854775807,"b":"-9223372036854775809","c":["1e999"],"d.e":"18446744073709551615"}'
    is "$(json '{"\u0000":1,"a\\u0000":2,"b":"\u0000"}')" '{"␀":1,"a\\u0000":2,"b":"\u0000"}'
    printf '[{"u":1},{"u":18446744073709551615},{"u":2}]' >a.json
    is "$(load -q a.json --types u=uint64 | save -q --format jsonl -)" '{"u":1}
{"u":18446744073709551615}
{"u":2}'
    is "$(load -q a.json --types u=float64 | save -q --format csv - | sed -n 3p)" 1.8446744073709552e+19
    says 65 "load: a.json:1: column 'u' (int64): '18446744073709551615' is out of the type's range; --types u=utf8 or --bad null would let it through" a.json --types u=int64
    printf '{"a":0.1}\n{"a":["x",0.1,1.0,{"k":null,"l":true}]}\n' >mixed.jsonl
    is "$(load -q mixed.jsonl | save -q --format jsonl -)" '{"a":"0.1"}
{"a":"[\"x\",0.1,1.0,{\"k\":null,\"l\":true}]"}'
}

@test "JSON that is none: every kind is refused in words" {
    while IFS= read -r text; do
        for file in "{\"a\":$text}" "[{\"a\":$text}]"; do
            printf '%b' "$file" >n.json
            run --separate-stderr load n.json --format jsonl
            [ "$status" = 65 ] && [[ "$stderr" == "load: n.json:"[12]": "* ]] || { echo "$text: $status $stderr"; false; }
        done
    done <<'END'
[1,]
[,1]
[1,,2]
[1
1]
[1 2]
["a":1]
{"b":1,}
{"b",1}
{"b":1 "c":2}
{"b"}
{"b"::1}
{b:1}
{1:1}
{1e999:1}
{99999999999999999999:1}
{null:1}
{'b':1}
{"b":1}}
{"b":1}#
/* 1 */ 1
1 // 2
01
-01
+1
-
--1
.5
-.5
1.
1.e1
1e
1e+
0x1F
1_000
1,5
1e999.5
1\0
-\0
[1\0]
"b\0"
NaN
Infinity
-Infinity
tru
True
nul
nulll
"b
'b'
"\\x41"
"\\u12"
"\\u12g4"
"\\ud800"
"\\"
"b\tc"
"b\nc"
"\351"
"\300\200"
"\355\240\200"
[\v1]
[\302\2401]
\357\273\2771
END
    printf '{"a":1\0}\n' >nul.jsonl
    says 65 'load: nul.jsonl:1: this is not JSON, at byte 7: a NUL byte' nul.jsonl
    printf '{"a":99999999999999999999,"b":}\n' >later.jsonl
    says 65 "load: later.jsonl:1: this is not JSON, at byte 31: unexpected token near '}'" later.jsonl
    printf '{\n  "a": 1\n}\n' >pretty.json
    says 65 "load: pretty.json:1: this is not JSON, at byte 1: string or '}' expected near end of file; an object stands on one line (\`jq -c .\` writes it so)" pretty.json
    printf '{"a":"caf\351"}\n' >latin.jsonl
    says 65 "load: latin.jsonl:1: this is not JSON, at byte 9: unable to decode byte 0xe9 near '\"caf'; the line is not UTF-8 (\`iconv -f windows-1252 -t utf-8\` may help)" latin.jsonl
    printf '\n \n' >blank.jsonl
    says 65 'load: blank.jsonl: there is no object: no columns, no rows' blank.jsonl --format jsonl
}

@test "data of other kinds is named, with what to do" {
    while IFS='|' read -r bytes what; do
        printf '%b' "$bytes" >strange.csv
        says 65 "load: strange.csv: $what" strange.csv
    done <<'END'
PK\003\004\024|the archive is cut or damaged: Truncated ZIP file header
\320\317\021\340\241\261\032\341|this is an Office file: save the sheet as CSV
PAR1\025|this is Parquet; pyarrow, Polars and DuckDB make an Arrow stream or CSV of it
SQLite format 3\0|this is an SQLite database: `load sqlite:FILE --table NAME` reads it
\200\004\225|this is a pickle of Python: write CSV or Arrow instead
<!DOCTYPE html>\n|this is a page of HTML, perhaps what a server answered instead of the file
version https://git-lfs.github.com/spec/v1\n|this is a pointer of Git LFS; `git lfs pull` fetches the file
\040\0\0\0\0\0\0\0{"a":1}|this is a model (a safetensors file), and rows are wanted
a\0,\0b\0\n\0|this is UTF-16 text; `iconv -f utf-16le -t utf-8` makes it readable
\0{\0"\0a|this is UTF-16 text; `iconv -f utf-16be -t utf-8` makes it readable
\376\377\0{\0"|this is UTF-16 text; `iconv -f utf-16 -t utf-8` makes it readable
\377\376\0\0a\0\0\0|this is UTF-32 text; `iconv -f utf-32 -t utf-8` makes it readable
END
    printf 'a\n1\n' >a.csv
    tar cf a.tar a.csv
    says 65 "load: a.tar: it holds 'a.csv', and is read for pictures and texts: unpack it, and load that" a.tar
    mkdir tables && cp a.csv tables
    says 65 "load: tables: it holds 'a.csv', and is read for pictures and texts: name the tables themselves" tables
    gzip -c a.csv | gzip -c >a.csv.gz
    says 65 'load: a.csv.gz: it is compressed twice: unpack it once' a.csv.gz
    printf '\177ELF\001\0\0,b\n' >program
    says 65 'load: program:1: the header is no text; is this CSV? (`file` tells what it is)' program
    printf 'Stra\337e;n\n' >latin.csv
    says 65 "load: latin.csv:1: the header's column 1, 'Stra\\xdfe', is not UTF-8 (\`iconv -f windows-1252 -t utf-8\` may help)" latin.csv
    load -q a.csv >a.arrows
    mv a.arrows b.csv
    is "$(csv b.csv)" "$(cat a.csv)"
}

# rows FILE: the rows of a CSV file as JSON, all columns as text, without what names its columns.
rows() { load -q "$@" | save -q --format jsonl -; }

@test "CSV in every shape that a writer gave it: the values that were meant" {
    printf 'a,b\r1,2\r3,4\r' >cr.csv
    says 65 "load: cr.csv:1: its lines end with a carriage return alone; \`tr '\\r' '\\n'\` makes it readable" cr.csv
    printf '"a\rb",c\n1,2\r3\n' >cr.csv
    is "$(rows cr.csv)" '{"a\rb":1,"c":"2\r3"}'
    for end in '\n' '\r\n'; do
        for last in "$end" ''; do
            printf "first,last,zip${end}\"J\"\"o\",\"O'X, \"\"the\"\" 2nd${end}street\",\"\"${end},\"\"\"\",08123${end}é,\"{\"\"k\"\": [1, \"\"x\"\"]}\",ʤ$last" >a.csv
            line=$(printf '%b' "$end" | sed 's/\r/\\r/' | tr '\n' ' ' | sed 's/ $/\\n/')
            is "$(rows a.csv)" '{"first":"J\"o","last":"O'"'"'X, \"the\" 2nd'"$line"'street","zip":""}
{"first":null,"last":"\"","zip":"08123"}
{"first":"é","last":"{\"k\": [1, \"x\"]}","zip":"ʤ"}'
        done
    done
    printf '"a","b"\n"","x"\n"y",""\n"",""\n' >empty.csv
    is "$(rows empty.csv)" '{"a":"","b":"x"}
{"a":"y","b":""}
{"a":"","b":""}'
    printf 'a,b\n37 36'"'"'12.5"N,12"\nx "y" z,""""""\n' >inches.csv
    is "$(rows inches.csv)" '{"a":"37 36'"'"'12.5\"N","b":"12\""}
{"a":"x \"y\" z","b":"\"\""}'
    printf 'a,b,\n' >trailing.csv
    says 65 'load: trailing.csv:1: column 3 has no name in the header; --columns would name it' trailing.csv
    printf 'a\tb\nx, y\t"q\tr"\n' >tab.csv
    is "$(rows tab.csv)" '{"a":"x, y","b":"q\tr"}'
    printf 'a,b\n"1,2\n3",4\n5,"6\n7,8\n' >open.csv
    says 65 'load: open.csv:4: a quote is opened in this record and never closed; with --quote none quotes mean nothing' open.csv
    printf 'a,"b\n1,2\n' >head.csv
    says 65 "load: head.csv:1: the header's column 2 has a quote that is not closed; with --quote none quotes mean nothing" head.csv
    printf '"a"x,b\n1,2\n' >head.csv
    says 65 "load: head.csv:1: the header's column 1 has a quote that is not followed by a separator; with --quote none quotes mean nothing" head.csv
    printf 'a,b\n1,2\n1,2,3\n' >many.csv
    says 65 'load: many.csv:3: 3 fields where the header has 2; --bad null or --bad drop would let it through' many.csv
    printf 'a,b\n1,"x\0y"\n' >nul.csv
    says 65 "load: nul.csv:2: column 'b' (utf8): 'x\\x00y' holds a NUL byte; --bad null would let it through" nul.csv
    printf 'a,b\nx,\360\237\230\n' >cut.csv
    says 65 "load: cut.csv:2: column 'b' (utf8): '\\xf0\\x9f\\x98' is not UTF-8 (\`iconv -f windows-1252 -t utf-8\` may help); --bad null would let it through" cut.csv
}

@test "very wide, very long: 100,000 columns, 10 MB in a field, and what is wrong at their end" {
    seq -s, 100000 >wide.csv
    seq -s, 100000 >>wide.csv
    is "$(load -q wide.csv 2>/dev/null | save -q --format csv - | cksum)" "$(cksum <wide.csv)"
    { seq -s, 100000; seq -s, 99999; } >short.csv
    run --separate-stderr load short.csv
    [ "$status" = 65 ]
    is "${stderr_lines[-1]}" 'load: short.csv:2: 99999 fields where the header has 100000; --bad null or --bad drop would let it through'
    { seq -s, 99999 | tr '\n' ,; echo 5; } >twice.csv
    says 65 "load: twice.csv: two columns are named '5'; --columns would name them anew" twice.csv
    { printf '{"0":0'; seq -f ',"%.0f":1' 99999 | tr -d '\n'; echo '}'; } >wide.jsonl
    is "$(load -q wide.jsonl | save -q --format jsonl - | cksum)" "$(cksum <wide.jsonl)"
    long=$(head -c 10000000 /dev/zero | tr '\0' 9)
    printf 'a,b\n1,1\n%s,2\n' "$long" >long.csv
    says 65 "load: long.csv:3: column 'a' (int64): '${long:0:60}...' is out of the type's range; --types a=utf8 or --bad null would let it through" long.csv --types a=int64
    is "$(load -q long.csv | pick b | save -q --format csv - | tail -n 1)" 2
    printf '{"a":%s}\n{"a":"x"}\n' "$long" >long.jsonl
    is "$(load -q long.jsonl | save -q --format csv - | wc -c)" 10000005
}

@test "100,000 columns are found by name in a second, not in a minute" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'times mean nothing here'
    seq -s, 100000 >wide.csv
    seq -s, 100000 >>wide.csv
    load -q wide.csv -o wide.arrows 2>/dev/null
    train -q --model linear --label 5 -o m wide.arrows
    ulimit -t 15 # seconds of one process; when each name was sought from the first column on, it took 60
    load -q --like wide.arrows wide.csv | cmp - wide.arrows
    is "$(score -q m wide.csv | pick prediction | save -q --format csv - | wc -l)" 2
}

# trained: a model `m` of the numbers x and z and the label y, from t.csv; t.arrows is its stream.
trained() {
    printf 'x,z,y\n1,5,a\n2,6,b\n3,5,a\n4,6,b\n' >t.csv
    load -q t.csv >t.arrows
    train -q --model logistic -o m t.arrows
}

@test "scoring: columns that are not there, other spellings, no header, another order of the operands" {
    trained
    sed '1s/x/X/' t.csv >case.csv
    tells 'score m case.csv' 65 "load: case.csv: it has no column 'x'; \`pick --rename 'X=x'\` in front would call one so
score: stopped: load failed"
    sed '1s/x/x_1/;1s/z/width/' t.csv >renamed.csv
    tells 'score m renamed.csv' 65 "load: renamed.csv: it has no columns 'x', 'z'
score: stopped: load failed"
    is "$(pick -q --rename X=x <case.csv | score -q m | pick prediction | save -q --format csv - | wc -l)" 5
    tail -n +2 t.csv >bare.csv
    tells 'score m bare.csv' 65 "load: bare.csv: it has no columns 'x', 'z': does its first line hold the names?
score: stopped: load failed"
    printf 'q,r\n1,2\n' | load -q >other.arrows
    tells 'score m other.arrows' 65 "score: the model reads columns 'x', 'z', and they are not here"
    says 65 "load: t.csv: it has no column 'width'" t.csv --types width=int64
    says 65 "load: renamed.csv: it has no column 'widht'; did you mean 'width'?" renamed.csv --types widht=int64
    tells 'score t.csv m' 65 "score: 't.csv' is no model: it does not begin as a model does; the model comes first: score MODEL [FILE...]"
    tells 'score t.arrows <m' 65 "score: 't.arrows' is no model: it does not begin as a model does; the model comes first: score MODEL [FILE...]"
    tells 'score m m' 65 'load: m: this is a model (a safetensors file), and rows are wanted
score: stopped: load failed'
    for program in train clean normalize shuffle metrics; do
        tells "$program -q m" 65 "load: m: this is a model (a safetensors file), and rows are wanted
$program: stopped: load failed"
    done
    tells 'score <t.csv' 64 'score: no model given: score MODEL [FILE...]'
    tells 'metrics t.arrows' 65 "metrics: no column 'prediction' here: only what \`score\` writes can be measured"
    score -q m t.csv >s.arrows
    tells 'score m s.arrows' 65 "score: the input has a column 'prediction' already, which score would add; drop it with pick --drop prediction"
}

@test "a model of another version, one that was edited, one that is cut" {
    trained
    LC_ALL=C sed 's/"weir:format":"1"/"weir:format":"2"/' m >newer
    tells 'score newer t.csv' 65 "score: 'newer' is no model: it is of format version '2', and this program knows version 1"
    tells 'load --like newer t.csv' 65 "load: 'newer' is no model: it is of format version '2', and this program knows version 1"
    LC_ALL=C sed 's/softmax/softmux/;s/logistic/logistik/' m >edited
    run cmp -s m edited
    [ "$status" = 1 ]
    tells 'score edited t.csv' 65 "score: 'edited' is no model: its digest does not match: it was damaged or edited"
    head -c 500 m >cut
    tells 'score cut t.csv' 65 "score: 'cut' is no model: it is cut short within its header"
    : >nothing
    tells 'score nothing t.csv' 65 "score: 'nothing' is no model: it is empty, as \`train >FILE\` leaves it that did not finish (-o FILE writes nothing then)"
}

@test "labels of one class, classes that only scoring sees, more classes than rows of them, columns without a value" {
    trained
    printf 'x,y\n1,a\n2,a\n' >one.csv
    tells 'train -q one.csv' 65 "train: the label 'y' has one class only: there is nothing to tell apart"
    printf 'x,z,y\n1,5,a\n2,6,c\n' >new.csv
    tells 'score -q m new.csv | metrics' 0 'metrics: 1 row has a label that the model does not know
metrics: 2 rows in, 2 measured, 0 without a label, 0 without a prediction'
    printf 'x,y\n1,a\n2,b\n3,c\n' >each.csv
    for options in '' '--net "dense 4 relu"' '--class-weights balanced' '--validation 0.5'; do
        eval "train -q $options -o e each.csv"
        is "$(score -q e each.csv | pick probability | save -q --format jsonl - | head -n 1 | tr -cd , | wc -c)" 2
    done
    printf 'x,z,y\n,1,a\n,2,b\n,3,a\n' >empty.csv
    run --separate-stderr train -o e empty.csv
    is "${stderr_lines[1]}" 'train: encoded: x (left out: it has no value)'
    tells 'load -q empty.csv --types x=float64 | train' 65 "train: row 1: column 'x' is missing: put \`clean\` in front"
    tells 'load -q empty.csv --types x=float64 | clean' 0 "clean: 3 rows in, 3 out (columns left out, without any value: 'x')"
    printf 'x,y\n5,a\n5,b\n' >constant.csv
    tells 'clean -q --drop-constant constant.csv | train' 65 'train: no column is a feature: there is nothing to learn from'
    train -q -o e constant.csv
    is "$(score -q e constant.csv | pick prediction | save -q --format csv - | wc -l)" 3
    printf 'x,y\n' >header.csv
    tells 'load -q header.csv | train' 65 'train: there is no row to learn from'
}
