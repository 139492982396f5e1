# The scripts of pipelines/, as they stand, on the data that examples/ and Debian have. quickstart.sh is run by whoever
# reads the README, and in a bare Debian before a release: here it would build in the middle of the tests.
load helper

setup() {
    cd "$TREE" || return
    PATH=$WEIR_BIN:$PATH
}

@test "train-table: without operands, the customers" {
    run sh pipelines/train-table.sh examples/customers.csv churned "$BATS_TEST_TMPDIR/model"
    [ "$status" = 0 ]
    [[ $output == *accuracy* ]]
    [ -s "$BATS_TEST_TMPDIR/model" ]
}

@test "train-table: no such table, no model" {
    run sh pipelines/train-table.sh nowhere.csv churned "$BATS_TEST_TMPDIR/model"
    [ "$status" != 0 ]
    [[ $output == *nowhere.csv* ]]
    [ ! -e "$BATS_TEST_TMPDIR/model" ]
}

# share NAME: of the measures that $output lists
share() { awk -v name="$1" '$1 == name { print int(1000 * $2) }' <<<"$output"; }

@test "spam: messages of a table without a header, and of one with a header" {
    run sh pipelines/spam.sh examples/messages.tsv "$BATS_TEST_TMPDIR/model"
    [ "$status" = 0 ] && [ "$(share f1)" -gt 950 ]
    { printf 'text,kind\n'; awk -F '\t' '{ gsub("\"", "", $2); print "\"" $2 "\"," $1 }' examples/messages.tsv; } \
        >"$BATS_TEST_TMPDIR/messages.csv"
    run sh pipelines/spam.sh "$BATS_TEST_TMPDIR/messages.csv" "$BATS_TEST_TMPDIR/model" --label kind
    [ "$status" = 0 ] && [ "$(share f1)" -gt 950 ]
    # the model has the words: raw messages are enough
    printf 'text\nclaim your prize call 0800123456 now\nsee you at home tomorrow\n' |
        score -q "$BATS_TEST_TMPDIR/model" >"$BATS_TEST_TMPDIR/scored"
    is "$(column "$BATS_TEST_TMPDIR/scored" prediction | paste -sd ' ')" 'spam ham'
}

@test "topics: headlines with a header, and without one" {
    run sh pipelines/topics.sh examples/headlines.csv "$BATS_TEST_TMPDIR/model" --label topic
    [ "$status" = 0 ] && [ "$(share accuracy)" -gt 950 ]
    tail -n +2 examples/headlines.csv >"$BATS_TEST_TMPDIR/bare.csv"
    run sh pipelines/topics.sh "$BATS_TEST_TMPDIR/bare.csv" "$BATS_TEST_TMPDIR/model"
    [ "$status" = 0 ] && [ "$(share accuracy)" -gt 950 ]
    run sh pipelines/topics.sh nowhere.csv "$BATS_TEST_TMPDIR/none"
    [ "$status" != 0 ] && [ ! -e "$BATS_TEST_TMPDIR/none" ]
}

@test "train-images: Fashion-MNIST, one epoch" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'takes minutes under a sanitizer'
    [ -e /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ] || skip 'no dataset-fashion-mnist'
    run sh pipelines/train-images.sh /usr/share/datasets/fashion-mnist 1 "$BATS_TEST_TMPDIR/model"
    [ "$status" = 0 ]
    score "$BATS_TEST_TMPDIR/model" -q <(load /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz \
        --labels /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz) | metrics --fail-under accuracy=0.85
}

@test "photos: a folder of pictures to a trained network, which then scores an archive" {
    for class in dark light; do
        mkdir -p "$BATS_TEST_TMPDIR/photos/$class"
        for n in $(seq 10); do
            python3 - "$BATS_TEST_TMPDIR/photos/$class/$n.png" $class "$n" <<'PY'
import struct, sys, zlib
level = int(sys.argv[3]) * 5 + (200 if sys.argv[2] == 'light' else 0)
chunk = lambda name, data: struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
rows = b''.join(b'\0' + bytes([level, (y * 9) % 256, 255 - level] * 20) for y in range(24))
open(sys.argv[1], 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 20, 24, 8, 2, 0, 0, 0))
                              + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
PY
        done
    done
    cd "$BATS_TEST_TMPDIR" || return
    run sh "$TREE/pipelines/photos.sh"
    [ "$status" = 64 ] && [ "$output" = 'usage: photos.sh PHOTOS [EPOCHS [MODEL]]' ]
    run sh "$TREE/pipelines/photos.sh" photos 2 # where there is no build
    [ "$status" = 0 ]
    [[ $output == *accuracy* ]]
    mv photos.model model
    tar -cf "$BATS_TEST_TMPDIR/photos.tar" -C "$BATS_TEST_TMPDIR/photos" .
    [ "$(score -q "$BATS_TEST_TMPDIR/model" "$BATS_TEST_TMPDIR/photos.tar" | pick -q prediction | save -q --format csv - | tail -n +2 | grep -cE '^(dark|light)$')" = 20 ]
}

@test "titanic: folds of a table, each scored by a model that never saw it" {
    run sh pipelines/titanic.sh
    [ "$status" = 64 ] && [ "$output" = 'usage: titanic.sh TABLE [LABEL [ID,...]]' ]
    head -n 201 examples/customers.csv >"$BATS_TEST_TMPDIR/some.csv"
    run sh pipelines/titanic.sh "$BATS_TEST_TMPDIR/some.csv" churned customer_id,name
    [ "$status" = 0 ]
    [[ $output == *'200 rows in, 200 measured, 0 without a label, 0 without a prediction'* ]]
    [ "$(awk '$1 == "accuracy" { print ($2 > 0.6) }' <<<"$output")" = 1 ]
    measured=$output
    pick -q --drop customer_id,name <"$BATS_TEST_TMPDIR/some.csv" | save -q --format csv - >"$BATS_TEST_TMPDIR/bare.csv"
    run sh pipelines/titanic.sh "$BATS_TEST_TMPDIR/bare.csv" churned ''
    is "$output" "$measured" # ids make no difference, and none are needed
    run sh pipelines/titanic.sh nowhere.csv churned
    [ "$status" != 0 ]
}

@test "heart: trained on one hospital, measured on each of the others" {
    # ages and pulses decide; the second hospital has no cholesterol, and older patients
    for hospital in here there; do
        awk -v hospital=$hospital 'BEGIN {
            for (i = 0; i < 160; i++) {
                age = 30 + i * 7919 % 45 + (hospital == "there" ? 10 : 0)
                pulse = 90 + i * 104729 % 100
                print age "," i % 2 "," 1 + i % 4 ",130," (hospital == "there" ? "?" : 200 + i % 60) ",0," i % 3 "," pulse \
                    ",0,1.5,?,0,3," (age * 2 - pulse > -20 ? 1 + i % 4 : 0)
            }
        }' >"$BATS_TEST_TMPDIR/$hospital.data"
    done
    run sh pipelines/heart.sh "$BATS_TEST_TMPDIR/here.data"
    [ "$status" = 64 ] && [ "$output" = 'usage: heart.sh HOSPITAL OTHER...' ]
    run sh pipelines/heart.sh "$BATS_TEST_TMPDIR/here.data" "$BATS_TEST_TMPDIR/there.data"
    [ "$status" = 0 ]
    [[ $output == *'a quarter that it never saw'*'classification of 160 rows'* ]]
    [ "$(awk '$1 == "accuracy" { print ($2 > 0.8) }' <<<"$output" | tr '\n' ' ')" = '1 1 ' ]
    grep -qE '^ +160 +[0-9.]+ .* there.data$' <<<"$output"
}

@test "batch-score: scores what is new, once" {
    mkdir "$BATS_TEST_TMPDIR/in"
    sh pipelines/train-table.sh examples/customers.csv churned "$BATS_TEST_TMPDIR/model"
    cp examples/customers-new.csv "$BATS_TEST_TMPDIR/in"
    touch -d '2 hours ago' "$BATS_TEST_TMPDIR/in/customers-new.csv"
    sh pipelines/batch-score.sh "$BATS_TEST_TMPDIR/model" "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
    out=$BATS_TEST_TMPDIR/out/customers-new.csv.arrows
    [ "$(column "$out" prediction | wc -l)" = 120 ]
    before=$(stat -c '%i %y' "$out")
    sh pipelines/batch-score.sh "$BATS_TEST_TMPDIR/model" "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
    [ "$(stat -c '%i %y' "$out")" = "$before" ]
}

# The blocks of README.md in one language, as one script.
blocks() { awk -v fence="\`\`\`$1" '/^```/ { inside = $0 == fence; next } inside' "$TREE/README.md"; }

@test "README: the commands run as they stand, and Python and JavaScript read what they wrote" {
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$TREE/examples" .
    [ "$(blocks sh | wc -l)" -gt 5 ]
    blocks sh | bash -e -o pipefail
    [ -s churn.model ] && [ -s scored.arrows ]
    if "$TREE/build/peers/bin/python" -c 'import pyarrow' 2>/dev/null; then
        blocks python | sed 's/\.to_pandas()//' | "$TREE/build/peers/bin/python" -
    fi
    if [ -e "$TREE/build/peers/node_modules/apache-arrow" ]; then
        ln -s "$TREE/build/peers/node_modules" .
        { blocks js; echo 'if (table.numRows !== 120) process.exit(1);'; } >read.mjs
        node read.mjs
    fi
}

@test "cats-dogs: three ways to tell two classes of pictures apart" {
    cd "$BATS_TEST_TMPDIR" || return
    run sh "$TREE/pipelines/cats-dogs.sh" photos
    [ "$status" = 64 ] && [ "$output" = 'usage: cats-dogs.sh PHOTOS WORK [EPOCHS [COPIES]]' ]
    # bars that stand and bars that lie, of any width and shade
    python3 - <<'PY'
import os, random, struct, zlib
random.seed(5)
chunk = lambda name, data: struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
for kind in 'across', 'down':
    os.makedirs('photos/' + kind)
    for n in range(20):
        width, shift, dark, light = random.randint(4, 9), random.randint(0, 9), random.randint(0, 99), random.randint(150, 255)
        at = lambda x, y: light if ((y if kind == 'across' else x) + shift) // width % 2 else dark
        rows = b''.join(b'\0' + b''.join(bytes([at(x, y)] * 3) for x in range(64)) for y in range(64))
        open('photos/%s/%d.png' % (kind, n), 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 64, 64, 8, 2, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
PY
    sh "$TREE/pipelines/cats-dogs.sh" photos work 2 1 >out
    [ "$(grep -cE '^(textbook|network) (train|test) accuracy [01]\.[0-9]+ of [0-9]+$' out)" = 4 ]
    [ "$(grep -c '^hog fold-' out)" = 5 ]
    [ "$(sed -n 's/^hog test accuracy \(.*\) of 40$/\1/p' out)" = 1.0000 ]
    score -q work/hog.model photos | metrics -q --fail-under accuracy=0.95
}
