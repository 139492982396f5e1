# make install and uninstall: where things go, a prefix in the names, and nothing left behind.
load helper

setup() {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'the plain build is the one that is installed'
    cd "$BATS_TEST_TMPDIR" || return
    # a build folder of its own for what is staged, with the programs as they were built
    mkdir build
    ln -s "$TREE/build/object" "$TREE/build/bin" "$TREE/build/libweir.a" "$TREE/build/dependencies" build/
}
into() { make -s -C "$TREE" "$@" BUILD="$PWD/build" DESTDIR="$PWD/root"; }

@test "install: programs, pages, library, headers, pkg-config file and completion" {
    into install PREFIX=/usr
    for program in "$TREE"/cmd/*.c; do
        name=$(basename "$program" .c)
        [ -x "root/usr/bin/$name" ]
        [ -e "root/usr/share/man/man1/$name.1" ]
        [ -e "root/usr/share/bash-completion/completions/$name" ]
    done
    [ -e root/usr/lib/libweir.a ]
    [ -e root/usr/include/weir/stream/batch.h ]
    [ "$(PKG_CONFIG_PATH=root/usr/lib/pkgconfig pkg-config --modversion weir)" = "$(root/usr/bin/weir --version | awk '{ print $NF }')" ]
    bash -n root/usr/share/bash-completion/completions/weir
    root/usr/bin/load "$TREE/examples/customers.csv" | root/usr/bin/pick --rows 1 | root/usr/bin/save --format csv - | grep C-0001
}

@test "install with a prefix: the names, the pages and how programs find each other" {
    into install PREFIX=/usr PROGRAM_PREFIX=w-
    [ -x root/usr/bin/w-clean ]
    [ ! -e root/usr/bin/clean ]
    [ -x root/usr/bin/weir ]
    page=root/usr/share/man/man1/w-clean.1
    grep -q '^\.Nm w-clean' "$page"
    run ! grep -E '(Nm|Xr) (load|clean|train|score)( |$)' root/usr/share/man/man*/*
    mandoc -T lint -W warning "$page"
    # text input: w-clean starts w-load; weir finds w-pick
    PATH=/usr/bin:/bin root/usr/bin/w-clean "$TREE/examples/customers.csv" | root/usr/bin/weir pick --rows 2 city | root/usr/bin/weir save --format csv - | grep -x city
}

@test "uninstall: leaves what is not ours, and nothing of ours" {
    mkdir -p root/usr/bin
    echo other >root/usr/bin/other
    into install PREFIX=/usr
    into uninstall PREFIX=/usr
    [ "$(cd root && find . ! -type d)" = ./usr/bin/other ]
    [ ! -e root/usr/include/weir ]
}
