#!/bin/sh
# job.sh KIND BUILD NAME: one job of tests/run.sh, its lines `ok NAME` and `not ok NAME`, reasons after `#`, printed
# whole when it is done.
set -u
kind=$1 build=$2 name=$3
output=build/jobs/$kind-$build-$name
begun=$(date +%s)
mark=
[ "$build" = build ] || mark="[${build#build-}] "
WEIR_BIN=$PWD/$build/bin
WEIR_BUILD=$PWD/$build
export WEIR_BIN WEIR_BUILD
reports=$PWD/build/jobs/reports-$kind-$build-$name
if [ "$build" != build ]; then
    WEIR_SANITIZED=${build#build-}
    mkdir -p "$reports"
    ASAN_OPTIONS=log_path=$reports/report:exitcode=99:allocator_may_return_null=1:detect_stack_use_after_return=1
    UBSAN_OPTIONS=log_path=$reports/report:print_stacktrace=1
    TSAN_OPTIONS=log_path=$reports/report:exitcode=99:suppressions=$PWD/tests/tsan.supp
    LSAN_OPTIONS=print_suppressions=0
    export WEIR_SANITIZED ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS LSAN_OPTIONS
fi

limit=600 # seconds
[ "$kind" != valgrind ] || limit=3600

one() { # one TITLE COMMAND...: a test that is a whole command
    title=$1
    shift
    if timeout $limit "$@" >"$output.said" 2>&1; then
        echo "ok $mark$title"
    else
        status=$?
        [ $status != 124 ] || echo "took more than $limit s" >>"$output.said"
        echo "not ok $mark$title (exit status $status)"
        tail -n 30 "$output.said" | sed 's/^/# /'
    fi
}
# many TITLE COMMAND...: prints TAP itself; its numbers give way to the title. An exit status that no line explains
# is a failure of its own.
many() {
    title=$1
    shift
    timeout $limit "$@" >"$output.said" 2>&1
    status=$?
    sed -En "s/^(ok|not ok)( [0-9]+)? /\\1 $mark$title: /p; /^#/p; /^(ok|not ok|#|[0-9]+\.\.[0-9]+)/!s/^/# /p" "$output.said"
    if [ $status != 0 ] && ! grep -q '^not ok ' "$output.said"; then
        echo "not ok $mark$title (exit status $status)"
    fi
}

run() {
    case $kind in
    unit) one "unit $name" "$build/unit/$name" ;;
    bats) many "$name" bats --tap "tests/$name.bats" ;;
    guards) many guards sh tests/guards.sh ;;
    page) many "man $name" sh tests/page.sh "$name" ;;
    fuzz) one "fuzz corpus $name" "$build/fuzz/$name" "tests/fuzz/corpus/$name" ;;
    valgrind) many valgrind sh tests/valgrind.sh "$name" ;;
    esac
    if [ -n "$(ls "$reports" 2>/dev/null)" ]; then
        echo "not ok $mark$kind $name: the sanitizer reported"
        cat "$reports"/* | head -n 60 | sed 's/^/# /'
    fi
}
run >"$output" 2>&1
echo "$(($(date +%s) - begun)) $kind $build $name" >>build/jobs/seconds
exec 9>build/jobs/lock
flock 9
cat "$output"
