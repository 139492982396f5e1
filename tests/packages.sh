#!/bin/sh
# The Debian packages that Weir wants: this one list, and what brings them.
#
#   sh tests/packages.sh GROUP...            installs what is missing with apt-get (by sudo unless root), saying what
#   sh tests/packages.sh --check GROUP...    installs nothing; status 1, and the line that would, when something is missing
#   sh tests/packages.sh --list GROUP...     their names: apt-get install $(sh tests/packages.sh --list build)
#
# Groups: build, test, fuzz, quickstart. A package is there when what the last column names is: a program, a file, a
# module of python, or a header that the compiler finds.
set -eu
compiler=${CC:-gcc}

list() {
    cat <<'LIST'
build       gcc                    gcc
build       libc6-dev              stdio.h
build       make                   make
build       libarchive-dev         archive.h
build       libdnnl-dev            dnnl.h
build       libicu-dev             unicode/ubrk.h
build       libjansson-dev         jansson.h
build       libjpeg62-turbo-dev    jpeglib.h
build       liblz4-dev             lz4frame.h
build       libpcre2-dev           pcre2posix.h
build       libpng-dev             png.h
build       libpq-dev              postgresql/libpq-fe.h
build       libsqlite3-dev         sqlite3.h
build       libstemmer-dev         libstemmer.h
build       libutf8proc-dev        utf8proc.h
build       libxxhash-dev          xxhash.h
build       libzstd-dev            zstd.h
build       zlib1g-dev             zlib.h
quickstart  dataset-fashion-mnist  /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz
test        bats                   bats
test        bzip2                  bzip2
test        clang-format-14        clang-format-14
test        file                   file
test        jq                     jq
test        mandoc                 mandoc
test        pkg-config             pkg-config
test        procps                 ps
test        postgresql             /usr/share/doc/postgresql
test        python3-venv           python:ensurepip
test        shellcheck             shellcheck
test        sqlite3                sqlite3
test        valgrind               valgrind
test        xz-utils               xz
test        zstd                   zstd
fuzz        clang-14               clang-14
fuzz        libclang-rt-14-dev     /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux
LIST
}

found() {
    case $1 in
    /*) [ -e "$1" ] ;;
    *.h) echo "#include <$1>" | $compiler -E - >/dev/null 2>&1 ;;
    python:*) python3 -c "import ${1#*:}" 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

missing() {
    for group; do
        list | while read -r of package sign; do
            [ "$of" = "$group" ] || continue
            found "$sign" || echo "$package"
        done
    done
}

mode=
case ${1-} in --*) mode=$1; shift ;; esac
if [ "$mode" = --list ]; then
    for group; do
        list | awk -v group="$group" '$1 == group { print $2 }'
    done
    exit
fi
# shellcheck disable=SC2046 # one word a package
set -- $(missing "$@")
[ $# -gt 0 ] || exit 0
if [ "$mode" = --check ]; then
    echo "missing: $*" >&2
    echo "on Debian 12: apt-get install --no-install-recommends $*" >&2
    exit 1
fi
command -v apt-get >/dev/null || { echo "missing: $* (Debian's names), and there is no apt-get to bring them" >&2; exit 1; }
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing with apt-get: $*"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -qq -y --no-install-recommends "$@" >/dev/null
