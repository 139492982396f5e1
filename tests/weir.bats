# weir: programs by name, whatever the prefix; the list; completion.
load helper

@test "runs a program, its options and its exit status" {
    printf 'a\n1\n2\n' >t.csv
    weir load -q t.csv | weir pick -q --rows 1 | weir save -q --format csv - >out
    printf 'a\n1\n' | cmp - out
    fails 'weir pick nope <t.csv' 65 "pick: no column 'nope' here"
    fails 'weir pick --foo' 64 "pick: unknown option '--foo'"
}

@test "lists the programs with their purposes" {
    weir >out
    for file in "$TREE"/cmd/*.c; do
        name=$(basename "$file" .c)
        [ "$name" = weir ] || grep -E "^$name +[a-z]" out
    done
}

@test "an unknown name: the nearest one" {
    fails 'weir pcik' 64 "weir: no program is called 'pcik'; did you mean 'pick'?"
    fails 'weir zzzzzzzz' 64 "weir: no program is called 'zzzzzzzz'"
    fails 'weir --foo pick' 64 "weir: unknown option '--foo'"
}

@test "finds the programs behind any prefix, and they find load" {
    mkdir bin
    cp "$WEIR_BIN/weir" bin/
    for file in "$TREE"/cmd/*.c; do
        name=$(basename "$file" .c)
        [ "$name" = weir ] || cp "$WEIR_BIN/$name" "bin/x-$name"
    done
    printf 'a\n1\n2\n' | PATH=/usr/bin:/bin bin/weir pick -q --rows 1 | bin/x-save -q --format csv - >out
    printf 'a\n1\n' | cmp - out
    bin/weir --completion bash | grep ' x-pick '
    # without load there is an error, not a program of that name from elsewhere
    rm bin/x-load
    fails "printf 'a\n1\n' | bin/x-pick" 74 'pick: the input is no Arrow stream, and reading it needs load'
}

@test "a program whose help fails: an error, not a list without it" {
    mkdir bin
    cp "$WEIR_BIN/weir" bin/
    weir | while read -r name _; do printf '#!/bin/sh\n[ %s != pick ]\n' "$name" >"bin/$name"; done
    chmod +x bin/*
    fails bin/weir 74 "/bin/pick --help' failed"
    fails 'bin/weir --completion bash' 74 "/bin/pick --help' failed"
    chmod -x bin/pick
    fails bin/weir 74 "/bin/pick': Permission denied"
}

@test "completion: names, options, choices, files" {
    weir --completion bash >script
    bash -n script
    complete_words() { # complete_words WORD...: what the last one may become
        bash -c '. ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _weir; printf "%s\n" "${COMPREPLY[@]}"' - "$@"
    }
    [ "$(complete_words weir pi)" = pick ]
    [ "$(complete_words weir pick --ro | tr '\n' ' ')" = '--role --rows ' ]
    [ "$(complete_words pick --re)" = --rename ]
    [ "$(complete_words load --bad d)" = drop ]
    touch some-file
    [ "$(complete_words pick some)" = some-file ]
}

@test "every program: --help and --version on standard output, nothing on standard error" {
    for file in "$TREE"/cmd/*.c; do
        name=$(basename "$file" .c)
        run --separate-stderr "$name" --help
        [ "$status" = 0 ] && [ -z "$stderr" ]
        [[ ${lines[0]} == "usage: $name "* ]]
        run --separate-stderr "$name" --version
        [ "$status" = 0 ] && [[ $output == "$name (Weir) "* ]]
        fails "$name --help >/dev/full" 74 'No space left on device'
    done
}
