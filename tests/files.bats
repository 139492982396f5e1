#!/usr/bin/env bats
# load on files as rows: pictures and texts of folders and archives.
load helper

FIXTURES=$BATS_TEST_DIRNAME/fixtures/files
export FIXTURES

# png FILE WIDTH HEIGHT EXPRESSION [KIND]: a PNG whose pixel (x, y) is the tuple that the expression gives; KIND is
# rgb, rgba, gray, gray16 or palette (the expression gives an index into black, red, green, blue).
png() {
    python3 - "$@" <<'PY'
import struct, sys, zlib
file, width, height, expression = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
kind = sys.argv[5] if len(sys.argv) > 5 else 'rgb'
depth, color, size = {'rgb': (8, 2, 1), 'rgba': (8, 6, 1), 'gray': (8, 0, 1), 'gray16': (16, 0, 2), 'palette': (8, 3, 1)}[kind]
chunk = lambda name, data: struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
pixel = eval('lambda x, y: ' + expression)
rows = b''.join(b'\0' + b''.join(v.to_bytes(size, 'big') for x in range(width) for v in pixel(x, y)) for y in range(height))
palette = chunk(b'PLTE', bytes([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])) if kind == 'palette' else b''
open(file, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, depth, color, 0, 0, 0))
                       + palette + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
PY
}
# pixels ARGUMENT...: the tensors that load makes, a line each.
pixels() { load -q "$@" | pick image | save --format jsonl - | jq -c '.image | flatten'; }
# photos: a folder of two classes with two pictures each.
photos() {
    mkdir -p photos/cat photos/dog
    png photos/cat/1.png 4 4 '(10*x, 0, 0)'
    png photos/cat/2.png 8 4 '(0, 0, 200)'
    png photos/dog/1.png 2 2 '(0, 100*y, 0)'
    cp "$FIXTURES/red-blue.jpg" photos/dog/3.jpg
}
pack() { # pack ARCHIVE: photos, as the ending says
    python3 - "$1" <<'PY'
import os, sys, tarfile, zipfile
files = sorted(os.path.join(at, name) for at, _, names in os.walk('photos') for name in names)
if sys.argv[1].endswith('.zip'):
    with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as out:
        for file in files:
            out.write(file, os.path.relpath(file, 'photos'))
else:
    with tarfile.open(sys.argv[1], 'w:gz' if sys.argv[1].endswith('gz') else 'w') as out:
        for file in files:
            out.add(file, os.path.relpath(file, 'photos'))
PY
}

@test "a folder: paths in byte order as ids, labels from folders, pictures of one size" {
    photos
    load photos --label-from folder --size 2x2 -q >out
    is "$(show --json <out | jq -r '.columns[] | .name + " " + .type + " " + .role')" 'path utf8 id
label utf8 label
image tensor<uint8>[2, 2, 3] feature'
    is "$(pick -q path label <out | save -q --format csv -)" 'path,label
cat/1.png,cat
cat/2.png,cat
dog/1.png,dog
dog/3.jpg,dog'
}

@test "tar, tar.gz and zip give what the folder gives, from a pipe too" {
    photos
    load -q photos --label-from folder --size 3x5 >folder
    for archive in photos.tar photos.tar.gz photos.zip; do
        pack $archive
        load -q $archive --label-from folder --size 3x5 | cmp - folder
        load -q --label-from folder --size 3x5 <$archive | cmp - folder
        cat $archive | load -q --label-from folder --size 3x5 | cmp - folder
    done
}

@test "7z: from a file, and not from a pipe" {
    is "$(load -q "$FIXTURES/texts.7z" --label-from folder | save -q --format jsonl -)" '{"path":"ham/1.txt","label":"ham","text":"call me\n"}
{"path":"spam/2.txt","label":"spam","text":"WIN\n"}'
    fails 'cat "$FIXTURES/texts.7z" | load' 65 'a 7z archive is read from a file only'
}

@test "shrinking is the average over the area, enlarging is linear" {
    png a.png 4 2 '(40*x, 100*y, 7)'
    is "$(pixels a.png --size 2x1)" '[20,50,7,100,50,7]'
    png b.png 3 1 '(90*x,)' gray
    is "$(pixels b.png --gray --size 2x1)" '[30,150]'
    png c.png 2 1 '(100*x,)' gray
    is "$(pixels c.png --gray --size 4x1)" '[0,25,75,100]'
}

@test "--fit: stretch, crop and pad" {
    png a.png 4 2 '(50*x,)' gray
    is "$(pixels a.png --gray --size 2x2)" '[25,125,25,125]'
    is "$(pixels a.png --gray --size 2x2 --fit crop)" '[50,100,50,100]'
    is "$(pixels a.png --gray --size 4x4 --fit pad)" '[0,0,0,0,0,50,100,150,0,50,100,150,0,0,0,0]'
}

@test "PNG: palette, 16 bits, gray, and what is transparent lies on white" {
    png p.png 4 1 '(x,)' palette
    is "$(pixels p.png)" '[0,0,0,255,0,0,0,255,0,0,0,255]'
    is "$(pixels p.png --gray)" '[0,76,150,29]'
    png w.png 3 1 '((0, 32768, 65535)[x],)' gray16
    is "$(pixels w.png)" '[0,0,0,128,128,128,255,255,255]'
    png a.png 3 1 '(100, 0, 0, (0, 128, 255)[x])' rgba
    is "$(pixels a.png)" '[255,255,255,177,127,127,100,0,0]'
}

@test "JPEG: scaled, gray, progressive, CMYK, turned as EXIF says" {
    near() { # near TENSOR VALUE...: no value is further than 6 from the one wanted
        jq -ne --argjson is "$1" --argjson wanted "$2" '($is | length) == ($wanted | length) and ([range($is | length) | ($is[.] - $wanted[.]) | fabs] | max) <= 6' >/dev/null || { echo "is $1, wanted $2"; return 1; }
    }
    near "$(pixels "$FIXTURES/red-blue.jpg" --size 2x1)" '[200,30,40,20,60,210]'
    near "$(pixels "$FIXTURES/red-blue.jpg" --size 2x1 --gray)" '[82,65]'
    near "$(pixels "$FIXTURES/progressive.jpg" --size 2x1)" '[200,30,40,20,60,210]'
    near "$(pixels "$FIXTURES/cmyk.jpg" --size 2x1)" '[200,30,40,20,60,210]'
    near "$(pixels "$FIXTURES/turned.jpg" --size 1x2)" '[200,30,40,20,60,210]'
    is "$(load -q "$FIXTURES/turned.jpg" | show --json | jq -r '.columns[1].type')" 'tensor<uint8>[16, 8, 3]'
}

@test "without --size all pictures must be of one size, and the one that is not is named" {
    photos
    says 65 "load: photos: 'cat/2.png': it is 8 x 4, not 4 x 4 as the first; --size would bring all to one size; --bad null or --bad drop would let it through" photos
    is "$(load -q photos --bad drop | pick path | save --format csv -)" 'path
cat/1.png'
    says 65 "load: photos/cat/2.png: column 'image' is tensor<uint8>[4, 8, 3] here and tensor<uint8>[4, 4, 3] in photos/cat/1.png; --size would settle it" photos/cat/1.png photos/cat/2.png
}

@test "labels by a pattern and by a table" {
    photos
    mkdir flat
    for class in cat dog; do for n in 1 2; do cp photos/cat/1.png "flat/x_${class}_$n.png"; done; done
    is "$(load -q flat --label-from 'x_{label}_*' | pick path label | save --format csv -)" 'path,label
x_cat_1.png,cat
x_cat_2.png,cat
x_dog_1.png,dog
x_dog_2.png,dog'
    printf 'breed,file\n3.5,x_cat_1\n4.5,x_cat_2.png\n1,x_dog_1.png\n2,./x_dog_2.png\n' >flat/labels.csv
    is "$(load flat --label-from flat/labels.csv 2>log | pick -q path label | save -q --format csv -)" 'path,label
x_cat_1.png,3.5
x_cat_2.png,4.5
x_dog_1.png,1
x_dog_2.png,2'
    is "$(cat log)" 'load: 4 rows in, 4 out'
    sed -i '$d' flat/labels.csv
    says 65 "load: flat: 'x_dog_2.png': it has no label in the table of --label-from; --bad null or --bad drop would let it through" flat --label-from flat/labels.csv
    mkdir -p notes.d/v1.2 # the ending is the file's, and no folder's
    echo hi >notes.d/v1.2/README
    printf 'path,label\nv1,old\nREADME,new\n' >notes.csv
    is "$(load -q notes.d --label-from notes.csv | pick -q label | save -q --format csv - | tail -n 1)" new
    echo '1,x_cat_1' >>flat/labels.csv
    says 65 "load: flat/labels.csv: 'x_cat_1' has two labels" flat --label-from flat/labels.csv
    says 65 "load: flat: 'x_cat_1.png': its path has no part that --label-from takes the label from; --bad null or --bad drop would let it through" flat --label-from folder
    fails "load flat --label-from '{label}{label}'" 64 'a pattern has'
    fails "load flat --label-from nowhere.csv" 66 'nowhere.csv'
    fails "load flat/labels.csv --label-from folder" 64 '--label-from goes with pictures and texts'
}

@test "texts: each file a row; a byte order mark is left out, what is not UTF-8 is refused" {
    mkdir -p texts/ham texts/spam
    printf 'call me\nsoon' >texts/ham/a.txt
    printf '\357\273\277WIN ☂' >texts/spam/b.txt
    is "$(load -q texts --label-from folder | save -q --format jsonl -)" '{"path":"ham/a.txt","label":"ham","text":"call me\nsoon"}
{"path":"spam/b.txt","label":"spam","text":"WIN ☂"}'
    printf '\377\376h\0i\0' >texts/ham/wide.txt
    fails 'load texts' 65 "'ham/wide.txt': this is UTF-16 text; \`iconv -f utf-16 -t utf-8\` makes it readable; --bad null"
    rm texts/ham/wide.txt
    printf 'Stra\337e' >texts/spam/c.txt
    printf 'a\0b' >texts/spam/d.txt
    fails 'load texts' 65 "'spam/c.txt': it is not UTF-8"
    is "$(load texts --bad null 2>log | pick -q text | save -q --format jsonl - | tail -n 2)" '{"text":null}
{"text":null}'
    is "$(cat log)" "load: 4 rows in, 4 out (2 values against their type made null (2 in 'text'))"
}

@test "a damaged picture follows --bad; --no-values leaves its name out" {
    photos
    head -c 200 "$FIXTURES/red-blue.jpg" >photos/cat/1.png
    head -c 60 photos/cat/2.png >photos/cat/3.png
    echo '<html>' >photos/dog/2.jpg
    printf 'GIF89a' >photos/dog/9.gif
    says 65 "load: photos: 'cat/1.png': its JPEG data is cut or damaged: Premature end of JPEG file; --bad null or --bad drop would let it through" photos --size 2x2
    says 65 "load: photos: file 1: its JPEG data is cut or damaged: Premature end of JPEG file; --bad null or --bad drop would let it through" photos --size 2x2 --no-values
    is "$(load photos --size 2x2 --bad drop 2>log | pick -q path | save -q --format csv - | paste -sd ' ')" 'path cat/2.png dog/1.png dog/3.jpg'
    is "$(cat log)" "load: 7 rows in, 3 out, 4 dropped (4 values against their type dropped their rows (4 in 'image'))"
    is "$(load -q photos --size 1x1 --gray --bad flag | save -q --format jsonl - | jq -c '[.path, .image == null, .load_reason != null]' | paste -sd ' ')" \
        '["cat/1.png",true,true] ["cat/2.png",false,false] ["cat/3.png",true,true] ["dog/1.png",false,false] ["dog/2.jpg",true,true] ["dog/3.jpg",false,false] ["dog/9.gif",true,true]'
    is "$(load -q photos --size 1x1 --label-from '{label}.png' --bad flag | pick -q load_reason | save -q --format jsonl - | jq -r '.load_reason // "none"')" "\
'image': its JPEG data is cut or damaged: Premature end of JPEG file
none
'image': its PNG data is cut or damaged: it ends too early
none
'image': it is neither JPEG nor PNG
'label': its path has no part that --label-from takes the label from
'image': it is GIF; JPEG and PNG are read"
    fails 'load photos/dog/9.gif --format files --size 2x2' 65 'it is GIF; JPEG and PNG are read'
}

@test "links, hidden files and what is no picture are passed over, and counted" {
    photos
    ln -s /etc/passwd photos/cat/0.png
    ln -s / photos/all
    mkdir photos/.git photos/__MACOSX
    echo x >photos/__MACOSX/1.png
    echo x >photos/cat/.hidden.png
    echo 'about these' >photos/README.txt
    mkfifo photos/pipe.png
    says 0 'load: 4 rows in, 4 out (5 files and 2 links passed over)' photos --size 2x2 -o out
    pack photos.tar
    is "$(load photos.tar --size 2x2 2>&1 >/dev/null | tail -n 1)" 'load: 4 rows in, 4 out (4 files and 1 link passed over)'
    tar -cf whole.tar -C photos cat dog # folders are members too, and none that is passed over
    is "$(load whole.tar --size 2x2 2>&1 >/dev/null | tail -n 1)" 'load: 4 rows in, 4 out (1 file and 1 link passed over)'
    tar -cf rooted.tar -C photos/dog .
    is "$(load rooted.tar --size 2x2 2>&1 >/dev/null | tail -n 1)" 'load: 2 rows in, 2 out'
}

@test "archives: a path that leads out, a cut one, an encrypted one, an empty folder" {
    photos
    for path in ../evil.png /evil.png 'a/../../evil.png'; do
        python3 -c 'import sys, tarfile
info = tarfile.TarInfo(sys.argv[1])
tarfile.open("evil.tar", "w").addfile(info)' "$path"
        says 65 "load: evil.tar: its member '$path' has a path that leads out of it; archives with such are refused" evil.tar
    done
    pack photos.tar && pack photos.zip && pack photos.tgz
    size=$(stat -c %s photos.tar)
    head -c $((size / 512 / 20 * 512)) photos.tar >cut.tar
    fails 'load cut.tar --size 2x2' 65 'cut'
    head -c 1536 photos.tar >cut.tar # before the mark of the end
    fails 'load cut.tar --size 2x2' 65 'cut'
    for archive in photos.zip photos.tgz; do
        size=$(stat -c %s $archive)
        for share in 10 30 50 70 90 95; do
            head -c $((size * share / 100)) $archive >cut.${archive#*.}
            fails "load cut.${archive#*.} --size 2x2" 65 cut.${archive#*.}
        done
    done
    mkdir empty
    says 65 'load: empty: it holds no pictures and no texts' empty
    python3 -c 'import zipfile
zipfile.ZipFile("empty.zip", "w").close()'
    says 65 'load: empty.zip: it holds no pictures and no texts' empty.zip
    mkdir hollow
    tar -cf hollow.tar hollow
    says 65 'load: hollow.tar: it holds no pictures and no texts' hollow.tar
    tar -cf void.tar -T /dev/null
    gzip void.tar -k
    for archive in void.tar void.tar.gz; do
        says 65 "load: $archive: it begins with zeros: a tar archive that holds nothing, or a file that was never filled" $archive
    done
    zip=$(python3 -c 'import zipfile
out = zipfile.ZipFile("secret.zip", "w"); out.writestr("a.txt", "x" * 20); out.close()
data = bytearray(open("secret.zip", "rb").read())
for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
    data[data.index(mark) + at] |= 1
open("secret.zip", "wb").write(data)')
    fails 'load secret.zip' 65 "it is encrypted"
    python3 -c 'import zipfile
out = zipfile.ZipFile("book.xlsx", "w"); out.writestr("[Content_Types].xml", "<x/>"); out.close()'
    says 65 'load: book.xlsx: this is an Office file: save the sheet as CSV' book.xlsx
}

@test "limits: pixels that are claimed, a member of 65 MiB, an archive that unpacks to far more than it is" {
    python3 - <<'PY'
import struct, tarfile, zlib, zipfile
chunk = lambda name, data: struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
open('claim.png', 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 10000, 10000, 8, 2, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(b'\0')))
jpeg = bytearray(open('%s/red-blue.jpg' % __import__('os').environ['FIXTURES'], 'rb').read())
at = jpeg.index(b'\xff\xc0') + 5
jpeg[at:at + 4] = struct.pack('>HH', 60000, 60000)
open('claim.jpg', 'wb').write(jpeg)
with zipfile.ZipFile('large.zip', 'w', zipfile.ZIP_DEFLATED) as out:
    out.writestr('a.txt', 'a')
    out.writestr('b.txt', bytes(65 << 20))
with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as out:
    for i in range(6):
        out.writestr('%d.txt' % i, b' ' * (60 << 20))
PY
    says 65 'load: claim.png: it claims 10000 x 10000 pixels, and at most 67108864 are read; --bad null or --bad drop would let it through' claim.png --size 8x8
    says 65 'load: claim.jpg: it claims 60000 x 60000 pixels, and at most 67108864 are read; --bad null or --bad drop would let it through' claim.jpg --size 8x8
    says 65 "load: large.zip: 'b.txt': it is larger than 64 MiB; --bad null or --bad drop would let it through" large.zip
    is "$(load -q large.zip --bad drop | pick path | save --format csv - | tail -n 1)" a.txt
    fails 'load bomb.zip --bad drop' 65 'it unpacks to more than 200 times its size'
}

@test "score reads a folder as training did: size, gray, fit and labels" {
    mkdir -p photos/dark photos/light
    for n in $(seq 8); do
        png photos/dark/$n.png $((8 + n)) 8 "($n, $n, 2 * x)"
        png photos/light/$n.png 8 $((8 + n)) "(200 + $n, 240, 250 - x)"
    done
    load -q photos --label-from folder --size 4x4 --gray --fit crop | normalize -q --method scale=255 |
        train -q --net 'flatten | dense 2' --epochs 60 --lr 0.05 --seed 1 -o model
    mkdir new
    cp photos/light/3.png new/a.png
    cp photos/dark/5.png new/b.png
    echo broken >new/c.jpg
    is "$(score -q model new | pick -q path prediction | save -q --format csv -)" 'path,prediction
a.png,light
b.png,dark
c.jpg,'
    score -q model photos >direct
    load -q photos --label-from folder --size 4x4 --gray --fit crop | score -q model >piped
    is "$(pick -q path prediction probability <piped | save -q --format csv -)" "$(pick -q path prediction probability <direct | save -q --format csv -)"
    metrics -q --fail-under accuracy=0.99 <direct
    echo 'a,b' >table.csv
    fails 'score -q model table.csv' 65 "no column"
    [[ "$stderr" != *label-from* ]]
    (cd new && python3 -c 'import zipfile
out = zipfile.ZipFile("../new.zip", "w")
for name in "a.png", "b.png", "c.jpg": out.write(name)
out.close()')
    score -q model new.zip | cmp - <(score -q model new)
}

@test "the same bytes on one core and on all" {
    photos
    for n in $(seq 60); do cp photos/dog/3.jpg photos/dog/x$n.jpg; done
    load -q photos --size 7x5 --label-from folder | cmp - <(taskset -c 0 "$WEIR_BIN/load" -q photos --size 7x5 --label-from folder)
}

@test "other programs take a folder too; one that wants a model or a stream does not" {
    mkdir texts
    echo hi >texts/a.txt
    is "$(show texts --json 2>/dev/null | jq -r '.columns[].name' | paste -sd ' ')" 'path text'
    fails 'load --like texts texts' 66 "cannot read 'texts': it is a directory"
}

@test "--drop: a row for each file all the same, without its picture or its text" {
    photos
    is "$(load -q photos --drop image --label-from folder | save -q --format csv - | tail -n 2)" 'dog/1.png,dog
dog/3.jpg,dog'
    mkdir texts && echo hello >texts/a.txt && printf '\377' >texts/b.txt
    is "$(load -q texts --drop text | save -q --format csv - | paste -sd ' ')" 'path a.txt b.txt'
    is "$(load -q texts --drop path --bad null | save -q --format jsonl - | paste -sd ' ')" '{"text":"hello\n"} {"text":null}'
}

@test "options that make no sense" {
    photos
    for size in 0x4 4 x 4x 4x4x4 99999x9 5000x5000; do fails "load photos --size $size" 64 "option '--size' takes WIDTHxHEIGHT"; done
    says 64 "load: photos/cat/1.png: column 'image' is tensor<uint8>[4, 4, 3] and not utf8; types are converted in text alone" photos/cat/1.png --types image=utf8
    fails 'load photos --fit zoom' 64 fit
    printf 'a\n1\n' >a.csv
    mkdir texts && echo hello >texts/a.txt
    for option in '--size 4x4' --gray '--fit crop'; do
        fails "load a.csv $option" 64 "${option%% *} goes with pictures, and a.csv is csv"
        fails "load texts $option" 64 "${option%% *} goes with pictures, and texts holds texts"
    done
    fails 'load a.csv --label-from folder' 64 '--label-from goes with pictures and texts, and a.csv is csv'
}

@test "memory does not grow with the number of pictures, in a folder or an archive" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    mkdir -p few/a many/a
    png one.png 200 150 '(x, y, x ^ y)'
    for i in $(seq 2000); do
        ln one.png "many/a/$i.png"
        [ "$i" -gt 200 ] || ln one.png "few/a/$i.png"
    done
    for from in few many; do
        tar chf $from.tar --hard-dereference $from
        peak load -q --size 32x32 $from >$from.folder
        peak load -q --size 32x32 $from.tar >$from.archive
        peak load -q --size 1x1 --drop image $from >$from.paths
    done
    [ "$(cat many.folder)" -le "$(($(cat few.folder) + 4096))" ]
    [ "$(cat many.archive)" -le "$(($(cat few.archive) + 4096))" ]
    [ "$(cat many.paths)" -le "$(($(cat few.paths) + 4096))" ]
}
