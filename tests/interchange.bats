#!/usr/bin/env bats
# Streams to and from pyarrow, Polars, DuckDB and apache-arrow, and the small reader of weir-stream(5).
load helper

python=$TREE/build/peers/bin/python
modules=$TREE/build/peers/node_modules

needs_pyarrow() {
    [ -x "$python" ] && "$python" -c 'import pyarrow' 2>/dev/null || skip 'pip did not bring pyarrow'
}
needs_javascript() {
    command -v node >/dev/null || skip 'no node'
    [ -e "$modules/apache-arrow" ] || skip 'npm did not bring apache-arrow'
    cp "$TREE/tests/interchange.mjs" .
    [ -e node_modules ] || ln -s "$modules" .
}
some_stream() { printf 'id,height,name\n1,1.5,Ada\n2,,Grace\n3,nan,\n' | load -q; }
# A stream whose stage failed after a schema, and one whose stage failed before it had any.
broken_streams() {
    some_stream >whole.arrows
    head -c $(($(stat -c %s whole.arrows) - 8)) whole.arrows | pick -q 2>/dev/null >late.broken || true
    printf 'x' | pick -q --rows 1 nothing 2>/dev/null >early.broken || true
    [ -s late.broken ] && [ -s early.broken ]
}

@test "streams of pyarrow, Polars and DuckDB pass through with every value" {
    needs_pyarrow
    mkdir s
    "$python" "$TREE/tests/interchange.py" write s
    for file in s/*.arrows; do
        pick -q <"$file" >"${file%.arrows}.weir.arrows"
    done
    "$python" "$TREE/tests/interchange.py" check s
}

@test "what is compressed gives the same stream as what is not" {
    needs_pyarrow
    mkdir s
    "$python" "$TREE/tests/interchange.py" write s
    pick -q <s/every_type.arrows >plain
    for name in lz4 zstd; do
        pick -q <s/$name.arrows | cmp - plain
    done
    pick -q <plain | cmp - plain
}

@test "types that are not handled are named, with their column" {
    needs_pyarrow
    mkdir s
    "$python" "$TREE/tests/interchange.py" write_refused s
    for type in decimal map interval union 'run-end encoded' 'list view'; do
        fails "pick <'s/$type.arrows'" 65 "column 'price': its type is $type, which no program here handles"
    done
    for form in '' 'lz4 ' 'version 4 '; do
        is "$(pick -q id 'after*' last <"s/${form}among others.arrows" | save -q --format jsonl - | jq -c '[.[]] | unique')" '[1,"x"]
[null,2]
[3,"longer than twelve bytes"]'
    done
}

@test "a broken stream is an error to pyarrow and Polars too" {
    needs_pyarrow
    broken_streams
    mkdir s
    cp ./*.broken s
    "$python" "$TREE/tests/interchange.py" check_refused s
}

@test "apache-arrow of npm reads and writes them" {
    needs_javascript
    mkdir s
    node interchange.mjs write s
    for file in s/*.arrows; do
        pick -q <"$file" >ours
        node interchange.mjs read ours >"$file.back"
        node interchange.mjs read "$file" | diff - "$file.back"
    done
    [ "$(cat s/*.back | wc -l)" = $((4 + 4 + 2 + 8)) ]
    some_stream >some.arrows
    [ "$(node interchange.mjs read some.arrows | head -n 1)" = '{"id":1,"height":1.5,"name":"Ada"}' ]
    broken_streams
    for file in late early; do
        run ! node interchange.mjs read $file.broken
    done
}

@test "the small reader of weir-stream(5) compiles alone and reads a stream" {
    awk '/^\.Sh A SMALL READER/ { inside = 1 } /^\.Ed/ { inside = 0 } inside && text; inside && /^\.Bd/ { text = 1 }' \
        "$TREE/man/weir-stream.5" | sed 's/^\\&//; s/\\e/\\/g' >arrows.c
    cc -std=c11 -Wall -Wextra -Werror -O1 -o arrows arrows.c
    some_stream >some.arrows
    ./arrows <some.arrows >got
    printf '1\t1.5\tAda\n2\t\tGrace\n3\tnan\t\n' | diff - got
    cat some.arrows some.arrows | ./arrows | tail -n 3 | diff - got
    size=$(stat -c %s some.arrows)
    for end in 5 $((size / 2)) $((size - 8)) $((size - 1)); do
        fails "head -c $end some.arrows | ./arrows" 65 'cut'
    done
    broken_streams
    fails './arrows <late.broken' 65 'a program before this one failed'
    fails './arrows <early.broken' 65 'a program before this one failed'
}
