#!/bin/sh
# valgrind.sh NAME: the unit test NAME under valgrind; `programs`: every small run of tests/faults/lib.sh; `pipeline`:
# those of the main pipeline alone.
# shellcheck source=tests/faults/lib.sh
set -u
tree=$(cd "$(dirname "$0")/.." && pwd)
. "$tree/tests/faults/lib.sh"
valgrind="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
    --suppressions=$tree/tests/valgrind.supp --log-file=$work/log.%p"
# checked COMMAND: sh runs it, and what valgrind found in it
checked() {
    rm -f log.* out
    sh -c "$1" </dev/null >shown 2>said || {
        echo "exit status $?: $1"
        tail -n 5 said
        cat log.* 2>/dev/null | head -n 40
    }
}
case $1 in
programs) chosen=. ;;
pipeline) chosen='^(load-csv|clean|normalize|train-logistic|score-raw|metrics|show-model) ' ;;
*)
    check "unit $1" "$(checked "cd $tree && $valgrind build/unit/$1")"
    finish
    ;;
esac
small_inputs
small_runs | grep -E "$chosen" >runs
mkdir watched
for program in "$WEIR_BIN"/*; do
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$valgrind" "$program" >"watched/$(basename "$program")"
done
chmod +x watched/*
PATH=$work/watched:$PATH
while read -r name program command; do
    check "$name" "$(checked "$command")"
done <runs
finish
