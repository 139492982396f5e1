# The examples of examples/ and the scripts of pipelines/, as a user would run them, on an installation of its own.
load helper

setup_file() {
    [ -z "${WEIR_SANITIZED:-}" ] || return 0
    make -s -C "$TREE" install DESTDIR="$BATS_FILE_TMPDIR/root" PREFIX=/opt/weir >&2
    # pkg-config leads to the place of the installation, wherever DESTDIR put it
    export PKG_CONFIG_PATH=$BATS_FILE_TMPDIR/root/opt/weir/lib/pkgconfig
    sed -i "s|^prefix=.*|prefix=$BATS_FILE_TMPDIR/root/opt/weir|" "$PKG_CONFIG_PATH/weir.pc"
}

setup() {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'the installed build is the one that is tested'
    PATH=$BATS_FILE_TMPDIR/root/opt/weir/bin:$PATH
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$TREE/examples" .
}

wanted() { # the logarithms of `months`, by awk
    pick months <"$1" | save --format csv - | LC_ALL=C awk 'NR > 1 { printf "%.9f\n", log(1 + $1) }'
}

@test "a filter of a user's own in C: built with pkg-config, run in a pipe" {
    # shellcheck disable=SC2046 # flags
    cc -O2 -Wall -Werror examples/logarithm.c $(pkg-config --cflags --libs weir) -o logarithm
    [ "$(wc -l <examples/logarithm.c)" -lt 80 ]
    load examples/customers.csv | ./logarithm months monthly_bill >out.arrows
    wanted out.arrows >logarithms
    column out.arrows months_log | awk '{ printf "%.9f\n", $1 }' | diff - logarithms
    [ "$(column out.arrows monthly_bill | grep -c '^$')" = "$(column out.arrows monthly_bill_log | grep -c '^$')" ]
    fails 'load examples/customers.csv | ./logarithm moths' 65 "no column 'moths'"
    fails 'load examples/customers.csv | ./logarithm city' 65 "'city' holds no numbers"
    fails 'load nowhere.csv | ./logarithm months' 65 'stopped: load failed'
}

@test "the C filter links only what it uses" {
    # shellcheck disable=SC2046 # flags
    cc -O2 examples/logarithm.c $(pkg-config --cflags --libs weir) -o logarithm
    run readelf -d logarithm
    [[ $output != *libdnnl* && $output != *libarchive* ]]
}

@test "a filter of a user's own in JavaScript" {
    [ -e "$TREE/build/peers/node_modules/apache-arrow" ] || skip 'npm did not bring apache-arrow'
    command -v node >/dev/null || skip 'no node'
    cp examples/logarithm.mjs .
    ln -s "$TREE/build/peers/node_modules" .
    load examples/customers.csv --label churned | clean >in.arrows
    node logarithm.mjs months <in.arrows >out.arrows
    wanted out.arrows >logarithms
    column out.arrows months_log | awk '{ printf "%.9f\n", $1 }' | diff - logarithms
    # roles and the plan came through: a model of it scores, and what it was made of is shown
    train --model logistic --epochs 1 -q -o model <out.arrows
    show model | grep clean
    # cut within, and between two batches: no model
    size=$(stat -c %s in.arrows)
    for end in $((size - 1)) $((size - 8)) $((size / 2)); do
        run sh -c "head -c $end in.arrows | node logarithm.mjs months | train --model logistic -q -o half"
        [ "$status" != 0 ]
        [ ! -e half ]
    done
}

@test "batch-score: the crontab's command, with folders of ours" {
    mkdir -p srv/in srv/out
    train-customers() { clean | normalize | train --model logistic -q -o srv/churn.model; }
    load examples/customers.csv --label churned --id customer_id,name | train-customers
    cp examples/customers-new.csv srv/in
    command=$(sed -n 's|^[*]/10 [* ]*||p' examples/batch-score.crontab | sed "s|/srv/churn|$PWD/srv|g")
    [ -n "$command" ]
    bash -c "$command --settle 0"
    [ "$(column srv/out/customers-new.csv.arrows prediction | wc -l)" = 120 ]
    # the service runs the same command, with its closing line for the journal
    grep -qxF "ExecStart=/usr/local/bin/$(sed -n 's|^[*]/10 [* ]*||p' examples/batch-score.crontab | sed 's/ -q$//')" \
        examples/weir-batch-score.service
}
