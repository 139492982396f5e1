# augment: rows made of others, for training alone.
load helper

csv() { save -q --format csv -; }
numbers() { pick -q image <"$1" | csv | tail -n +2 | tr -d '"[]'; }
# ramp FILE ROWS: images of 6x8 pixels, whose pixel is 10 times its row and its column; the row's number is in the corner
ramp() {
    python3 - "$@" <<'PY'
import struct, sys
name, rows = sys.argv[1], int(sys.argv[2])
pixels = b''.join(bytes((r % 200 if x == y == 0 else 10 * y + x) for y in range(6) for x in range(8)) for r in range(rows))
open(name + '-idx3-ubyte', 'wb').write(struct.pack('>IIII', 0x803, rows, 6, 8) + pixels)
PY
    command load -q "$1-idx3-ubyte" -o "$1"
}
# moved LIMIT KINDS: each image of a ramp on standard input is it by (dx, dy), LIMIT at most, with 0 beyond its edge; that
# many different ones are there
moved() {
    awk -F, -v limit="$1" -v wanted="$2" '
        { for (dy = -limit; dy <= limit; dy++) for (dx = -limit; dx <= limit; dx++) {
            good = 1
            for (y = 0; y < 6; y++) for (x = 0; x < 8; x++) {
                from_x = x - dx; from_y = y - dy
                inside = from_x >= 0 && from_x < 8 && from_y >= 0 && from_y < 6
                want = inside ? 10 * from_y + from_x : 0
                if (!(inside && from_x == 0 && from_y == 0) && $(8 * y + x + 1) != want) good = 0
            }
            if (good) { found++; seen[dx, dy] = 1 } } }
        END { for (s in seen) kinds++; exit !(found == NR && NR == 60 && kinds >= wanted) }'
}
labelled() { # labelled ROWS: a table that can be learned from
    seq "$1" | awk 'BEGIN { print "text,x,y" } { print ($1 % 2 ? "good fine day " : "bad grim day ") $1 "," ($1 * 37) % 11 + $1 % 2 "," $1 % 2 }' >t.csv
}

@test "each row, then its copies, marked, with the number of the row that they come from" {
    printf 'text,y\nab cd ef,1\n,0\ngh,1\n' | command load -q - --label y -o t
    [ "$(augment -q --swap 1 --copies 2 t | csv | tr '\n' ' ')" = \
        'text,y,augmented,origin ab cd ef,1,false,0 cd ab ef,1,true,0 cd ab ef,1,true,0 ,0,false,1 ,0,true,1 ,0,true,1 gh,1,false,2 gh,1,true,2 gh,1,true,2 ' ]
    augment -q --swap 1 t | show | grep -qE 'label +split +group'
    [ "$(augment -q --swap 1 --replace t | pick -q text augmented | csv | tr '\n' ' ')" = 'text,augmented cd ab ef,true ,true gh,true ' ]
    run augment --swap 1 --copies 2 t -o out
    [ "$output" = 'augment: 3 rows in, 9 out, 6 added' ]
}

@test "a group that is there is kept; once more, and copies stay marked and in their group" {
    printf 'text,y,g\nab cd,1,x\nef gh,0,y\n' | command load -q - --label y | pick -q --role g=group >t
    [ "$(augment -q --swap 1 t | csv | tr '\n' ' ')" = 'text,y,g,augmented ab cd,1,x,false cd ab,1,x,true ef gh,0,y,false gh ef,0,y,true ' ]
    printf 'text,y\nab cd,1\n' | augment -q --label y --swap 1 | augment -q --swap 1 | csv >twice
    [ "$(tr '\n' ' ' <twice)" = 'text,y,augmented,origin ab cd,1,false,0 cd ab,1,true,0 cd ab,1,true,0 ab cd,1,true,0 ' ]
}

@test "rows that are for validation or test have no copies" {
    printf 'text,y,part\nab cd,1,train\nef gh,0,validation\nij kl,1,test\nmn op,0,\nqr st,1,training\n' | command load -q - --label y |
        pick -q --role part=split >t
    [ "$(augment -q --swap 1 t | pick -q text augmented | csv | tr '\n' ' ')" = \
        'text,augmented ab cd,false cd ab,true ef gh,false ij kl,false mn op,false qr st,false st qr,true ' ]
}

@test "train never validates with what was made, nor learns from copies of what it validates with" {
    labelled 200
    augment -q --label y --swap 0.5 --copies 3 t.csv | pick -q --drop text >a
    run train --model logistic --validation 0.25 --epochs 2 a -o model
    [ "$status" = 0 ]
    left=$(sed -n 's/^train: \([0-9]*\) made rows were left out.*/\1/p' <<<"$output")
    learned=$(sed -n 's/^train: \([0-9]*\) rows of .*/\1/p' <<<"$output")
    validated=$(sed -n 's/.*validation of \([0-9]*\) rows.*/\1/p' <<<"$output")
    [ "$left" -gt 0 ] && [ "$left" = $((3 * validated)) ] && [ $((learned + validated + left)) = 800 ]
    # shuffled, the same rows stand on the same sides
    run train --model logistic --validation 0.25 --epochs 2 <(shuffle -q a) -o model2
    [[ $output == *"train: $left made rows were left out"*"validation of $validated rows"* ]]
    # neither column is a feature, and a row without them is scored
    score -q model t.csv | csv | head -n 2 | grep -q prediction
    never grep -q 'augmented\|origin' <(show model | sed -n '/^features/,/^$/p')
    fails 'augment -q --label y --swap 0.5 --replace t.csv | pick -q --drop text | train -q --model logistic --validation 0.25 >/dev/null' 65 \
        'train: a share of 0.25 of 200 rows leaves none for validation, where made rows have no place'
}

@test "score takes rows as they are" {
    mkdir set
    python3 - <<'PY'
import os, struct, zlib
chunk = lambda name, data: struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
for kind, level in ('dark', 20), ('light', 200):
    os.mkdir('set/' + kind)
    for n in range(5):
        rows = b''.join(b'\0' + bytes([level + n]) * 8 for y in range(8))
        open('set/%s/%d.png' % (kind, n), 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 8, 8, 8, 0, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
PY
    command load -q set --label-from folder --gray | augment -q --flip horizontal --brightness 0.1 --copies 2 |
        train -q --model logistic -o model
    [ "$(score -q model set | csv | tail -n +2 | wc -l)" = 10 ]
}

@test "a flip is the mirrored image, a shift moves it by whole pixels" {
    ramp r 60
    numbers r >plain
    for direction in horizontal vertical; do
        augment -q --flip $direction --replace r -o f
        numbers f | awk -F, -v vertical=$([ $direction = vertical ] && echo 1 || echo 0) '
            NR == FNR { for (i = 1; i <= 48; i++) plain[FNR, i] = $i; next }
            { same = mirrored = 1
              for (y = 0; y < 6; y++) for (x = 0; x < 8; x++) {
                from = vertical ? 8 * (5 - y) + x + 1 : 8 * y + 8 - x
                same = same && $(8 * y + x + 1) == plain[FNR, 8 * y + x + 1]
                mirrored = mirrored && $(8 * y + x + 1) == plain[FNR, from] }
              a += same; b += mirrored }
            END { exit !(a + b == 60 && a > 15 && b > 15) }' plain -
    done
    augment -q --shift 2 --fill zero --replace r -o s
    numbers s | moved 2 11
    augment -q --crop 8x6 --pad 1 --fill zero --replace r -o c
    numbers c | moved 1 9
}

@test "crops, brightness, contrast and noise keep to their bounds" {
    ramp r 50
    augment -q --crop 8x6 --pad 1 --replace r -o c
    [ "$(numbers c | awk -F, 'NF == 48' | wc -l)" = 50 ]
    augment -q --crop 4x3 --replace r -o c
    numbers c | tr , '\n' | awk '{ if ($1 < 0 || $1 > 57) bad = 1 } END { exit bad }'
    augment -q --brightness 0.1 --replace r -o b
    paste -d ' ' <(numbers r | tr , '\n') <(numbers b | tr , '\n') |
        awk '{ d = $2 - $1; if (d > 26 || (d < -26) || ($1 < 26 && $2 > 52)) bad = 1; if (d > 0) up++; if (d < 0) down++ }
            END { exit bad || !up || !down }'
    normalize -q --method scale=255 r -o f
    augment -q --noise 0.1 --replace f -o n
    paste -d ' ' <(numbers f | tr , '\n') <(numbers n | tr , '\n') |
        awk '{ d = $2 - $1; s += d; q += d * d } END { m = s / NR; v = sqrt(q / NR - m * m); exit !(m < 0.01 && m > -0.01 && v > 0.09 && v < 0.11) }'
    augment -q --contrast 0.5 --replace f -o n
    paste -d ' ' <(numbers f | awk -F, '{ for (i = 1; i <= NF; i++) s += $i; print s / NF; s = 0 }') \
        <(numbers n | awk -F, '{ for (i = 1; i <= NF; i++) s += $i; print s / NF; s = 0 }') |
        awk '{ d = $1 - $2; if (d > 1e-5 || d < -1e-5) bad = 1 } END { exit bad || NR != 50 }'
}

@test "a rotation is about the middle, a crop is enlarged, contrast is from the mean; each by as much as was said" {
    ramp r 60
    normalize -q --method scale=255 r -o f
    # a ramp turned is a ramp as steep: the middle keeps its value, and the direction tells the angle
    augment -q --rotate 40 --replace f -o t
    numbers t | awk -F, '
        { across = 255 * ($21 - $20); down = 255 * ($28 - $20); middle = 255 * ($20 + $21 + $28 + $29) / 4
          angle = atan2(10 * across - down, across + 10 * down) * 45 / atan2(1, 1)
          bad = bad || across * across + down * down < 100.9 || across * across + down * down > 101.1
          bad = bad || middle < 28.49 || middle > 28.51 || angle > 40.1 || angle < -40.1
          most = angle > most ? angle : most; least = angle < least ? angle : least }
        END { exit bad || most < 30 || least > -30 || NR != 60 }'
    augment -q --crop 4x3 --replace f -o c
    numbers c | awk -F, '
        { across = 255 * ($21 - $20); down = 255 * ($28 - $20); at = 255 * $20 - 8.75; place = int(at + 0.5)
          bad = bad || across < 0.49 || across > 0.51 || down < 4.99 || down > 5.01 || at - place > 0.01 || place - at > 0.01
          bad = bad || place % 10 > 4 || place > 34; seen[place] = 1 }
        END { for (p in seen) kinds++; exit bad || kinds < 15 }'
    augment -q --contrast 0.5 --replace f -o n
    paste -d ' ' <(numbers f) <(numbers n) | awk '
        { a = b = aa = bb = 0; split($1, x, ","); split($2, y, ",")
          for (i = 1; i <= 48; i++) { a += x[i] / 48; aa += x[i] ^ 2 / 48; b += y[i] / 48; bb += y[i] ^ 2 / 48 }
          factor = sqrt((bb - b * b) / (aa - a * a)); bad = bad || factor < 0.499 || factor > 1.501
          most = factor > most ? factor : most; least = NR == 1 || factor < least ? factor : least }
        END { exit bad || most < 1.3 || least > 0.7 }'
    # copies differ
    augment -q --noise 0.1 --replace --copies 2 f -o n
    [ "$(numbers n | sort -u | wc -l)" = 120 ]
}

@test "texts: words change places, go, and are mistyped; a word and its letters stay" {
    seq 200 | awk 'BEGIN { print "text" } { print "alpha beta gamma delta " $1 }' | command load -q - -o t
    augment -q --drop-words 0.5 --replace t | pick -q text | csv | tail -n +2 >dropped
    [ "$(grep -c . dropped)" = 200 ]
    never grep -E '^ | $|  ' dropped
    awk '{ n += NF } END { exit !(n > 300 && n < 700) }' dropped
    augment -q --drop-words 1 --replace t | pick -q text | csv | tail -n +2 | awk 'NF != 1 { bad = 1 } END { exit bad }'
    augment -q --typo 0.3 --replace t | pick -q text | csv | tail -n +2 >typos
    [ "$(grep -cx 'alpha beta gamma delta.*' typos)" -lt 20 ]
    # what stood before the first word stands before the first that is left
    printf 'text\n"\tab cd ef gh"\n' | augment -q --drop-words 0.7 --copies 50 --replace - | pick -q text | csv | tail -n +2 | tr -d '"' |
        awk 'substr($0, 1, 1) != "\t" || substr($0, 2, 1) == " " { bad = 1 } $1 != "ab" { other++ } END { exit bad || !other || NR != 50 }'
    # exchanged, left out, doubled, replaced
    printf 'text\nab\n' | augment -q --typo 0.4 --copies 300 --replace - | pick -q text | csv | tail -n +2 | sort -u >kinds
    for kind in ba a b aab abb aa bb ab; do grep -qx $kind kinds; done
    # of every word something is left, and none loses more than it has
    awk 'BEGIN { print "text"; for (i = 0; i < 100; i++) print "ab cde f" }' | augment -q --typo 1 --replace - | pick -q text |
        csv | tail -n +2 | awk 'NF != 3 { bad = 1 } { n += length() } END { exit bad || NR != 100 || n / NR < 6 || n / NR > 12 }'
    printf 'text\n"größe  ßéß\t日本語"\n"a"\n' | command load -q - -o u
    augment -q --typo 0.5 --copies 50 u | pick -q text | csv | iconv -f utf-8 -t utf-8 >/dev/null
}

@test "texts without spaces have words too" {
    printf 'text\n今日は天気がいいから散歩しましょう\nสวัสดีครับผมชื่อวีร์\n我喜欢苹果\n' | command load -q - -o t
    pick -q text <t | csv | tail -n +2 >plain
    augment -q --swap 1 --replace t | pick -q text | csv | tail -n +2 >swapped
    [ "$(sed -n 2p swapped)" = 'ครับสวัสดีชื่อผมวีร์' ]
    for n in 1 2 3; do # the same characters, elsewhere
        letters() { sed -n "${n}p" "$1" | iconv -t UTF-32LE | od -An -v -tu4 -w4 | sort -n; }
        cmp <(letters plain) <(letters swapped)
        never cmp -s <(sed -n "${n}p" plain) <(sed -n "${n}p" swapped)
    done
    augment -q --drop-words 1 --replace t | pick -q text | csv | tail -n +2 >one
    awk 'NR == FNR { whole[FNR] = $0; next }
        { bad = bad || $0 == "" || length($0) > 20 || !index(whole[FNR], $0) } END { exit bad }' plain one
}

@test "the same seed gives the same bytes, whatever the batches and the threads" {
    ramp whole 700
    ramp a 20
    python3 - <<'PY'
import struct
data = open('whole-idx3-ubyte', 'rb').read()[16:]
for name, first, last in ('a', 0, 37), ('b', 37, 700):
    open(name + '-idx3-ubyte', 'wb').write(struct.pack('>IIII', 0x803, last - first, 6, 8) + data[first * 48:last * 48])
PY
    for part in a b; do command load -q $part-idx3-ubyte -o $part; done
    set -- -q --flip horizontal,vertical --rotate 20 --shift 1 --noise 0.1 --copies 30 --seed 5
    augment "$@" whole | csv >1
    augment "$@" a b | csv >2
    taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" augment "$@" whole | csv >3
    cmp 1 2
    cmp 1 3
    never cmp -s 1 <(augment "$@" --seed 6 whole | csv)
    # the first copies are the same however many there are
    augment -q --noise 0.1 --copies 2 --seed 5 whole | csv | awk 'NR % 3 == 2' >a2
    augment -q --noise 0.1 --copies 1 --seed 5 whole | csv | awk 'NR % 2 == 0' >a1
    cmp <(head -n 10 a1) <(head -n 10 a2)
}

@test "options and columns that cannot be" {
    ramp r 2
    printf 'text,n\na b,1\n' >t.csv
    fails 'augment r' 64 'augment: nothing is to be changed: images by --flip'
    fails 'augment --flip sideways r' 64 "augment: option '--flip' takes horizontal and vertical, not 'sideways'"
    fails 'augment --pad 2 --flip vertical r' 64 'augment: --pad is what --crop cuts from, which is not given'
    fails 'augment --fill zero --noise 0.1 r' 64 'augment: --fill has no effect without --crop, --shift or --rotate'
    fails 'augment --crop 9x6 r >/dev/null' 65 "augment: column 'image': no part of 9x6 can be cut from images of 8x6 with 0 pixels around them: take a smaller --crop or a larger --pad"
    fails 'augment --crop 9 r' 64 "augment: option '--crop' takes WIDTHxHEIGHT, each from 1 to 65535, not '9'"
    fails 'augment --flip vertical t.csv >/dev/null' 65 'augment: no column holds images, which are to be changed'
    fails 'augment --swap 0.1 r >/dev/null' 65 'augment: no column holds texts, which are to be changed'
    fails 'augment --swap 0.1 --column n t.csv >/dev/null' 64 "augment: column 'n' is int64, which 'augment' cannot take"
    fails 'augment --swap 2 t.csv' 64 "option '--swap'"
    printf 'text,augmented\na b,1\n' >u.csv
    fails 'augment --swap 0.1 u.csv >/dev/null' 64 "augment: a column 'augmented' is there already"
}

@test "nothing is left when the input breaks off; a full disk is told; no rows give none" {
    ramp r 100
    head -c 3000 r >cut
    fails 'augment --flip vertical -o out cut' 65 'augment: '
    [ ! -e out ]
    fails 'augment --flip vertical r >/dev/full' 74 'augment: '
    pick -q --rows 0 <r | augment -q --flip vertical | csv >none
    [ "$(wc -l <none)" = 1 ]
}

@test "memory does not grow with the rows, nor with the copies" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    ramp few 3000
    ramp many 30000
    peak augment -q --flip horizontal --copies 2 few >few.peak
    peak augment -q --flip horizontal --copies 10 many >many.peak
    [ "$(cat many.peak)" -le "$(($(cat few.peak) + 10000))" ]
}
