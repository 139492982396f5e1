#!/bin/sh
# make bench: every case of tests/bench (NAME.sh), ours beside what a user would pick instead, both measured in this run,
# in turn. A peer that `make bench-peers` has not brought is named as skipped. All cases together write RESULTS.md.
#
#   CASE_SECONDS=900 sh tests/bench/run.sh [CASE...]    a case that takes longer is ended, and said to have failed
set -eu
cd "$(dirname "$0")/../.."
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
PATH=$PWD/build/bin:$PATH
PEER=$PWD/build/peers/bin/python
LC_ALL=C.UTF-8
export PATH PEER LC_ALL

cases() { # the cases, curves or not: -v
    for case in tests/bench/*.sh; do
        case $case in */run.sh | */measure.sh) ;; *) basename "$case" .sh ;; esac
    done | grep "$@" '^curve-'
}
machine() {
    echo "- machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(uname -sr)"
    echo "- when: $(date -u +%Y-%m-%d), load average $(cut -d ' ' -f 1 /proc/loadavg) before the first case"
    echo "- $(weir --version), oneDNN $(dpkg-query -W -f '${Version}' libdnnl2 2>/dev/null || echo unknown)"
    if [ -x "$PEER" ]; then
        "$PEER" -m pip list --format freeze 2>/dev/null | sed 's/==/ /' |
            grep -iE '^(torch|numpy|scikit-learn|pyarrow|polars|duckdb|pandas|onnxruntime|pillow) ' | paste -sd ',' |
            sed 's/,/, /g; s/^/- peers: /'
    else
        echo '- peers: none; make bench-peers brings them'
    fi
}
table() { # CASE...: those that compare
    printf '| %s |\n' 'what | ours | beside | theirs | times as long | to reach' '--- | --- | --- | --- | --- | ---'
    for case; do
        timeout "${CASE_SECONDS:-900}" sh "tests/bench/$case.sh" || echo "| $case | failed | | | | |"
    done
}
curves() { # CASE...: those that grow
    for case; do
        echo
        timeout "${CASE_SECONDS:-900}" sh "tests/bench/$case.sh" || echo "$case: failed"
    done
}
report() {
    cat <<END
# Results of \`make bench\`

Written by the bench; not by hand.

$(machine)

The least of several runs, and in brackets their median; ours and theirs in turn, whole processes on our side and the
work alone, without start and import, on theirs, unless the row says other.

END
    # shellcheck disable=SC2046 # names of cases
    table $(cases -v)
    printf '\n## Cost as work grows\n'
    # shellcheck disable=SC2046
    curves $(cases)
}

if [ $# = 0 ]; then
    report | tee build/bench/RESULTS.md
    cp build/bench/RESULTS.md tests/bench/RESULTS.md
else
    for case; do
        case $case in curve-*) curves "$case" ;; *) table "$case" ;; esac
    done
fi
