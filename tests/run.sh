#!/bin/sh
# The test run: one line a test, and a last line `N passed, N failed, N skipped`.
#
#   sh tests/run.sh                   everything: installs what is missing, builds, guards, unit tests, the programs'
#                                     tests, pages and examples, the same under sanitizers, fuzz corpora, valgrind
#   sh tests/run.sh check             on what stands in build/: guards, unit tests, the programs' tests, pages
#   sh tests/run.sh sanitized BUILD   unit tests, programs' tests and fuzz corpora of another build
#   sh tests/run.sh fuzz BUILD        the fuzz corpora alone
#   sh tests/run.sh valgrind          small runs of every program and the unit tests under valgrind
#
# A job is one line `KIND BUILD NAME`, done by tests/job.sh; as many run at once as there are cores.
# shellcheck disable=SC2046 # names of files here hold no blanks: one word each
set -eu
cd "$(dirname "$0")/.."
exec </dev/null
unset CDPATH MAKEFLAGS MAKELEVEL
LC_ALL=C.UTF-8
export LC_ALL
mode=${1:-all}
cores=$(nproc)

names() { # names FOLDER ENDING: the files there, without folder and ending
    for file in "$1"/*"$2"; do
        [ ! -e "$file" ] || basename "$file" "$2"
    done
}
jobs_of() { # jobs_of KIND BUILD NAME...
    kind=$1 build=$2
    shift 2
    for name; do echo "$kind $build $name"; done
}
unit_jobs() { jobs_of unit "$1" $(names tests/unit .c); }
bats_jobs() { jobs_of bats "$1" $(names tests .bats); }
fuzz_jobs() { jobs_of fuzz "$1" $(names tests/fuzz .c | grep -vx replay); }
house_jobs() {
    jobs_of guards build all
    [ ! -d man ] || jobs_of page build $(cd man && ls)
}
valgrind_jobs() { jobs_of valgrind build "$@"; }

build() { # build WORDS FOR MAKE...: silent unless it fails
    echo "building: make $*"
    make -j"$cores" "$@" >build/make.log 2>&1 || {
        tail -n 40 build/make.log
        echo "not ok make $*"
        echo "0 passed, 1 failed"
        exit 1
    }
}

mkdir -p build
log=build/tests.log
case $mode in
all)
    sh tests/packages.sh build test
    [ -z "$(command -v ccache)" ] || CC='ccache gcc'
    sh tests/peers.sh interchange >build/peers.log 2>&1 &
    peers=$!
    build CC="${CC:-gcc}" all units
    build CC="${CC:-gcc}" build-asan
    wait "$peers" || tail -n 1 build/peers.log
    # valgrind for what reads bytes; the long ones first
    jobs=$(bats_jobs build-asan; unit_jobs build-asan; valgrind_jobs pipeline $(names tests/unit .c | grep -E '^(stream|model_file|stage_plan)')
        bats_jobs build; unit_jobs build; fuzz_jobs build-asan; house_jobs)
    ;;
check) jobs=$(house_jobs; unit_jobs build; bats_jobs build) ;;
sanitized) jobs=$(unit_jobs "$2"; bats_jobs "$2"; [ ! -d "$2/fuzz" ] || fuzz_jobs "$2") ;;
fuzz) jobs=$(fuzz_jobs "$2") ;;
valgrind) jobs=$(valgrind_jobs programs $(names tests/unit .c)) ;;
*)
    echo "usage: sh tests/run.sh [check | sanitized BUILD | fuzz BUILD | valgrind]" >&2
    exit 64
    ;;
esac

rm -rf build/jobs
mkdir -p build/jobs
printf '%s\n' "$jobs" | xargs -P "$cores" -L 1 sh tests/job.sh | tee "$log"

passed=$(grep -c '^ok ' "$log" || true)
skipped=$(grep -c '^ok .*# skip' "$log" || true)
failed=$(grep -c '^not ok ' "$log" || true)
if [ "$failed" != 0 ]; then
    echo
    echo "failed:"
    grep '^not ok ' "$log"
fi
echo
echo "slowest, in seconds: $(sort -rn build/jobs/seconds | head -n 5 | paste -sd ';')"
echo "skipped: $skipped"
echo "$((passed - skipped)) passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
