#!/bin/sh
# The law of the house, checked on the sources and on build/: each check lists what breaks it.
set -u
. tests/tap.sh
build=build
programs=$(for file in cmd/*.c; do [ ! -e "$file" ] || basename "$file" .c; done)
sources=$(find lib cmd tests examples -name '*.[ch]' | sort)

# --- what includes what (DESIGN: the house) ---
rooms_of() { # the rooms that a room may include, itself too
    case $1 in
    base) echo base ;;
    math) echo base math ;;
    stream) echo base stream ;;
    format) echo base stream format ;;
    stage) echo base math stream stage ;;
    nn) echo base math nn ;;
    model) echo base math stream stage nn model ;;
    eval) echo base math stream eval ;;
    cli) echo base stream cli ;;
    cmd) echo base math stream format stage nn model eval cli ;;
    esac
}
layer_law() {
    for room in lib/* cmd; do
        [ -d "$room" ] || continue
        allowed=$(rooms_of "$(basename "$room")" | tr ' ' '|')
        [ -n "$allowed" ] || echo "lib/$(basename "$room") is no room of the house"
        own=$(basename "$room")
        grep -Hn '^ *# *include *"' "$room"/*.[ch] 2>/dev/null |
            grep -vE "\"($allowed)/[a-z0-9_]+\.h\"|\"$own/|^cmd/.*\"[a-z0-9_]+\.h\"" || true
        grep -HnE '^ *# *include *".*(_private|/internal)\.h"' "$room"/*.[ch] 2>/dev/null | grep -v "\"$own/" || true
    done
}
check 'a header that says "Within lib/" is named as one' \
    "$(grep -l '^/\* Within lib/' lib/*/*.h | grep -vE '(_private|/internal)\.h$')"
check 'a room includes only the rooms below it, and no private header of another' "$(layer_law)"
onednn=$(grep -rl 'include *[<"]\(oneapi/\)*dnnl' lib cmd)
check 'one file of lib/math includes dnnl.h, and no other' "$(printf '%s\n' "$onednn" | awk '
    NF && (!/^lib\/math\// || seen++) { print }')"

# --- names and calls ---
check 'every exported name begins with weir_' \
    "$(nm -g --defined-only $build/libweir.a | awk 'NF == 3 && $3 !~ /^weir_/')"
check 'the library prints and exits nowhere but in lib/cli' \
    "$(for room in lib/*; do
        [ "$room" = lib/cli ] || nm -A -u "$build/object/$room"/*.o 2>/dev/null |
            grep -E ' U (exit|_exit|_Exit|abort|__assert_fail|printf|__printf_chk|vprintf|puts|putchar|perror|stdout|stderr)$'
    done)"
check 'JSON is copied and dumped by base/json.h, which sees what jansson loses' \
    "$(nm -A -u "$build"/object/lib/*/*.o "$build"/object/cmd/*.o | grep -v '/base/json\.o:' |
        grep -E ' U json_(dump[a-z]*|copy|deep_copy)$')"
check 'every file of lib and cmd is compiled with the banned calls poisoned' \
    "$(make -n -B "$build/object/lib/base/error.o" "$build/object/cmd/any.o" 2>/dev/null |
        grep -e ' -c ' | grep -v -e '-include base/banned.h')"
# State that a thread of a server could trip over. What is one for a whole process is named here, with the reason:
# output.o: the names of unfinished output files, for the signal handler; program.o: whether SIGINT came, and
# whether the program is leaving by itself.
writable_state() {
    for object in "$build"/object/lib/*/*.o; do
        objdump -t "$object" | grep -E ' (\.data(\.rel(\.local)?)?|\.bss|\.t(data|bss)|\*COM\*)[[:space:]]' |
            awk -v object="${object#"$build/object/"}" '$NF !~ /^\./ && $0 !~ / d / { print object ": " $NF }'
    done | grep -vE '^lib/base/output\.o: slots$|^lib/cli/program\.o: (interrupted|returned)$'
}
check 'the library holds no writable state' "$(writable_state)"

# --- what programs link: starting one takes milliseconds ---
links() { # links LIBRARY PROGRAM...: every program beside these that links the library
    library=$1
    shift
    for program in $programs; do
        case " $* " in *" $program "*) continue ;; esac
        readelf -d "$build/bin/$program" | grep -q "NEEDED.*\[$library" && echo "$program links $library"
    done
}
check 'only train and score link oneDNN' "$(links libdnnl train score)"
check 'only train and score link OpenMP' "$(links libgomp train score)"
check 'only load and save link the archive library' "$(links libarchive load save)"
check 'only load and save link SQLite, and none the library of PostgreSQL' "$(links libsqlite3 load save; links libpq)"
check 'one file includes pcre2.h' "$(grep -rl 'include *<pcre2' lib cmd | grep -vx lib/stage/clean_pattern.c)"
check 'one file includes ICU, one libstemmer, and no program links them' \
    "$(grep -rl 'include *<unicode/' lib cmd | grep -vx lib/stage/words_icu.c
    grep -rl 'include *<libstemmer' lib cmd | grep -vx lib/stage/words_stem.c; links libicu; links libstemmer)"
check 'no program links a C++ library by itself' "$(links libstdc++)"

# --- pages, tests ---
check 'every program has a page and a bats file' \
    "$(for program in $programs; do
        [ -e "man/$program.1" ] || echo "no man/$program.1"
        [ -e "tests/$program.bats" ] || echo "no tests/$program.bats"
    done)"
check 'every page of section 1 has its program' \
    "$(for page in man/*.1; do [ -e "cmd/$(basename "$page" .1).c" ] || echo "$page"; done)"
check 'every fuzz target has a corpus' \
    "$(for file in tests/fuzz/*.c; do
        name=$(basename "$file" .c)
        [ "$name" = replay ] || [ -n "$(ls "tests/fuzz/corpus/$name" 2>/dev/null)" ] || echo "tests/fuzz/corpus/$name"
    done)"

# --- form ---
# shellcheck disable=SC2086 # one word a file
check 'clang-format would change nothing' "$(clang-format-14 --dry-run $sources 2>&1 | grep ': warning:')"
check 'shellcheck has nothing to say' "$(shellcheck -x -s sh tests/*.sh tests/bench/*.sh tests/faults/*.sh pipelines/*.sh 2>&1)"
check 'no line of a bats file begins with !, which would fail no test' "$(grep -nE '^ *! ' tests/*.bats)"
check 'no file is longer than 700 lines' \
    "$(find lib cmd tests pipelines -name '*.[ch]' -exec wc -l {} + -o -name '*.bats' -exec wc -l {} + \
        -o -name '*.sh' -exec wc -l {} + | awk '$2 != "total" && $1 > 700')"
check 'every public header compiles alone' \
    "$(for header in lib/*/*.h; do
        [ "$header" = lib/base/banned.h ] || echo "#include \"${header#lib/}\"" |
            "${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -Ilib -Wall -Wextra -Wno-unused -fsyntax-only -x c - 2>&1
    done)"
check 'all public headers compile together: no name stands for two things' \
    "$(for header in lib/*/*.h; do
        case $header in lib/base/banned.h | *_private.h | */internal.h) continue ;; esac
        echo "#include \"${header#lib/}\""
    done | "${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -Ilib -fsyntax-only -x c - 2>&1 | grep 'error:')"
check 'no home folder is named' \
    "$(grep -rnIE '(^|[^a-zA-Z0-9_}])/(home|root|Users)/[a-z]' Makefile README.md lib cmd man pipelines examples tests 2>/dev/null)"
check 'the example tables are what their script makes' \
    "$(LC_ALL=C awk -v rows=800 -v seed=1 -f examples/customers.awk | diff - examples/customers.csv | head -n 4
    LC_ALL=C awk -v rows=120 -v seed=2 -v new=1 -f examples/customers.awk | diff - examples/customers-new.csv | head -n 4
    for table in messages.tsv headlines.csv; do
        LC_ALL=C awk -v rows=600 -v seed=1 -f "examples/${table%.*}.awk" | diff - "examples/$table" | head -n 4
    done)"
finish
