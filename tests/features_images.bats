# features of images: edges, texture, shape and colours.
load helper

golden=$BATS_TEST_DIRNAME/golden

# numbers STREAM COLUMN: a line a row, lists spread out
numbers() { pick -q "$2" <"$1" | save -q --format csv - | tail -n +2 | tr -d '"[]'; }
# near A B: the same rows, numbers within 1e-4 (of their size where it is above 1)
near() {
    paste -d, "$1" "$2" | awk -F, '
        NF % 2 { print "line " NR ": " $0; bad = 1 }
        { for (i = 1; i <= NF / 2; i++) {
            a = $i; b = $(i + NF / 2); size = b < 0 ? -b : b; size = size > 1 ? size : 1
            if (a == "" || !((a - b) <= 1e-4 * size && (b - a) <= 1e-4 * size)) {
                print "line " NR ": " a " and " b; bad = 1 }
        } compared++ }
        END { exit bad || compared < 2 }' && [ "$(wc -l <"$1")" = "$(wc -l <"$2")" ]
}
# images FILE HEIGHT WIDTH VALUE...: a stream of images of one value each, by load
images() {
    python3 - "$@" <<'PY'
import struct, sys
name, height, width, values = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), [int(v) for v in sys.argv[4:]]
open(name + '-idx3-ubyte', 'wb').write(struct.pack('>IIII', 0x803, len(values), height, width) + b''.join(bytes([v]) * (height * width) for v in values))
PY
    command load -q "$1-idx3-ubyte" -o "$1"
}

@test "every method gives scikit-image's numbers" {
    while IFS=$'\t' read -r name options; do
        file=images.arrows
        case $name in colour*) file=images-colour.arrows ;; esac
        # shellcheck disable=SC2086 # several words
        features -q $options "$golden/$file" -o out.arrows
        numbers out.arrows image | head -n "$(wc -l <"$golden/images-$name.csv")" >out.csv
        near out.csv "$golden/images-$name.csv" || { echo "$name"; return 1; }
    done <"$golden/images.cases"
}

@test "floats from 0 to 1 are images as bytes are" {
    normalize -q --method scale=255 "$golden/images.arrows" -o f.arrows
    for name in sobel canny lbp-uniform glcm-wide; do
        options=$(sed -n "s/^$name\t//p" "$golden/images.cases")
        [ $name != glcm-wide ] || options="$options --levels 16"
        # shellcheck disable=SC2086 # several words
        features -q $options "$golden/images.arrows" -o a.arrows
        # shellcheck disable=SC2086
        features -q $options f.arrows -o b.arrows
        numbers a.arrows image >a
        numbers b.arrows image >b
        # rounding decides between values that are equal, in images of one gray or of shapes
        head -n 2 a >a.head
        head -n 2 b >b.head
        near a.head b.head || [ $name = lbp-uniform ] || { echo $name; return 1; }
    done
}

@test "a constant image gives the values that the page says, and no NaN" {
    images one 16 16 0 77 255
    for method in sobel canny hog; do
        features -q --method $method one -o out
        [ "$(numbers out 'image' | tr ',' '\n' | sort -u)" = 0 ]
    done
    features -q --method glcm --angles 0 one -o out
    [ "$(numbers out image | sort -u)" = 0,0,1,1,1,1,0 ]
    features -q --method hu --log one -o out
    [ "$(numbers out image | head -n 1)" = 0,0,0,0,0,0,0 ]
    for method in lbp 'lbp --codes' hu 'hu --log' colour 'colour --joint'; do
        # shellcheck disable=SC2086 # several words
        features -q --method $method one -o out
        never grep -iE 'nan|inf' <(numbers out image)
    done
}

@test "the column is replaced, or stays beside a new one" {
    images one 8 8 1 2
    features -q --method sobel --column image --into edges one | show >seen
    grep -q '^image  *edges' seen
    fails 'features --method sobel --into image one >/dev/null' 64 "features: a column 'image' is there already"
    fails 'features --method sobel --column imag one >/dev/null' 64 "features: no column 'imag' here; did you mean 'image'?"
}

@test "images that are too small are told, with sizes and what to do" {
    images small 12 20 5
    fails 'features --method hog small >/dev/null' 65 \
        "features: column 'image': images of 20x12 are smaller than a block of 2x2 cells of 8x8 pixels: take a smaller --cell or --block, or load them larger (--size)"
    fails 'features --method glcm --distances 1,12 --angles 90 small >/dev/null' 65 \
        "features: column 'image': no two pixels of an image of 20x12 are 12 apart at 90 degrees: take smaller --distances"
    features -q --method hog --cell 6x6 small -o out
    images dot 1 1 9
    for method in sobel canny lbp hu colour; do
        features -q --method $method dot -o out
        never grep -iE 'nan|inf' <(numbers out image)
    done
}

@test "options that cannot be" {
    images one 16 16 1
    fails 'features --method hog --cell 8 one' 64 "features: option '--cell' takes WIDTHxHEIGHT, each from 1 to 65535, not '8'"
    fails 'features --method hog --cell 0x8 one' 64 "features: option '--cell' takes WIDTHxHEIGHT"
    fails 'features --method hog --norm L3 one' 64 "features: option '--norm' takes one of l1, l1-sqrt, l2, l2-hys, not 'L3'"
    fails 'features --method hog --sigma 2 one' 64 "features: 'features --method hog' has no option 'sigma'"
    fails 'features --method canny --low 0.3 one' 64 'features: --low 0.3 is above --high 0.2'
    fails 'features --method lbp --pattern ror --points 16 one' 64 \
        "features: a histogram of the patterns 'ror' takes at most 12 --points: take --pattern uniform or --codes"
    fails 'features --method lbp --pattern odd one' 64 "features: option '--pattern' takes one of default, ror, uniform, not 'odd'"
    fails 'features --method glcm --angles a one' 64 "features: option '--angles' takes 1 to 16 numbers from -360 to 360, not 'a'"
    fails 'features --method glcm --distances 1,nan one' 64 "takes 1 to 16 numbers from 1 to 65535, not 'nan'"
    fails 'features --method glcm --distances 0.5 one' 64 "takes 1 to 16 numbers from 1 to 65535, not '0.5'"
    fails "features --method glcm --angles $(seq -s, 17) one" 64 "takes 1 to 16 numbers, not 17"
    fails 'features --method colour --joint --bins 64 one' 64 "features: option '--bins' takes a number from 1 to 32"
    printf 'a,y\n1,2\n' >t.csv
    fails 'features --method hog t.csv >/dev/null' 65 'features: no column holds images: tensors of uint8 or float32'
    fails 'features --method hog --column a t.csv >/dev/null' 64 "features: column 'a' is int64, which 'features' cannot take"
}

@test "the same bytes whatever the batches and the threads, and from a state" {
    head -c 1600000 /dev/urandom >bytes
    python3 - <<'PY'
import struct
data = open('bytes', 'rb').read()[:2000 * 784]
for name, first, last in ('whole', 0, 2000), ('a', 0, 37), ('b', 37, 2000):
    open(name + '-idx3-ubyte', 'wb').write(struct.pack('>IIII', 0x803, last - first, 28, 28) + data[first * 784:last * 784])
PY
    for part in whole a b; do command load -q $part-idx3-ubyte -o $part; done
    for method in sobel canny lbp hog glcm hu colour; do
        features -q --method $method --save-state s.json whole | save -q --format csv - >1
        taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" features -q --method $method whole | save -q --format csv - >2
        features -q --method $method a b | save -q --format csv - >3
        features -q --state s.json whole | save -q --format csv - >4
        cmp 1 2
        cmp 1 3
        cmp 1 4
    done
    sed 's/"image"/"other"/' s.json >other.json
    fails 'features --merge s.json other.json --save-state both.json' 65 "features: other.json: the states differ in column 'image'"
    sed 's/\[28, 28\]/[28, 27]/' s.json >other.json
    fails 'features --merge s.json other.json --save-state both.json' 65 "features: other.json: the states differ in column 'image'"
    features --merge s.json s.json --save-state both.json
    cmp <(features -q --state both.json a | save -q --format csv -) <(features -q --method colour a | save -q --format csv -)
}

@test "score replays it: raw images in, the trained model's answer out" {
    images dark 16 16 1 2 3 4 5 6 7 8
    mkdir -p set/dark set/light
    for n in 1 2 3 4 5 6; do
        for kind in dark light; do
            python3 - "set/$kind/$n.png" $kind "$n" <<'PY'
import struct, sys, zlib
chunk = lambda name, data: struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
step, n = (3 if sys.argv[2] == 'dark' else 40), int(sys.argv[3])
rows = b''.join(b'\0' + bytes((x * step + y * n) % 256 for x in range(16)) for y in range(16))
open(sys.argv[1], 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 16, 16, 8, 0, 0, 0, 0))
                              + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
PY
        done
    done
    command load -q set --label-from folder --gray -o set.arrows
    features -q --method hog set.arrows | train -q --model logistic -o model
    features -q --method hog set.arrows | score -q model | pick -q prediction | save -q --format csv - >a
    score -q model set.arrows | pick -q prediction | save -q --format csv - >b
    cmp a b
    score -q model set | pick -q prediction | save -q --format csv - >c
    cmp a c
    command load -q set --label-from folder --gray --size 24x24 -o large.arrows
    fails 'score model large.arrows >/dev/null' 65 "score: column 'image' is tensor<uint8>[24, 24] here and was tensor<uint8>[16, 16] in training"
}

@test "nothing is left when the input breaks off, and a full disk is told" {
    head -c 3000 "$golden/images.arrows" >cut.arrows
    fails 'features --method hog -o out.arrows cut.arrows' 65 'features: '
    [ ! -e out.arrows ]
    fails "features --method sobel $golden/images.arrows >/dev/full" 74 'features: '
}

@test "memory does not grow with the rows" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    for rows in 20000 60000; do
        python3 - $rows <<'PY'
import struct, sys
rows = int(sys.argv[1])
open('many-idx3-ubyte', 'wb').write(struct.pack('>IIII', 0x803, rows, 28, 28) + bytes(range(256)) * (rows * 784 // 256 + 1))
PY
        truncate -s $((16 + rows * 784)) many-idx3-ubyte
        command load -q many-idx3-ubyte -o many.arrows
        peak features -q --method hog many.arrows >"peak.$rows"
    done
    [ "$(cat peak.60000)" -le "$(($(cat peak.20000) + 10000))" ]
}
