#!/bin/sh
# 800 JPEGs out of their archive, decoded and shrunk to 64 x 64, the whole process, beside Pillow with scaled decoding in
# one thread. PHOTOS=FILE.tar takes pictures of one's own.
. tests/bench/measure.sh
what='800 JPEGs of 500 x 375 out of a tar, to 64 x 64'
if peer_has PIL; then
    file=${PHOTOS:-$made/photos.tar}
    if [ ! -e "$file" ]; then
        "$PEER" tests/bench/photos.py make "$file.part"
        mv "$file.part" "$file"
    fi
    race 5 load "load -q $file --size 64x64" 'Pillow, draft:told' "$(peer photos.py read "$file")"
    rows "$what" 1.8
else
    skipped "$what" Pillow
fi
