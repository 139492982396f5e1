#!/bin/sh
# Texts cleaned by every step, one in ten of them as it comes from the web, reading included.
. tests/bench/measure.sh
file=$made/texts-dirty-100000.csv
[ -e "$file" ] || { "$made/texts" 100000 | awk -F , 'NR > 1 && NR % 10 == 0 {
        gsub(/ a/, " <b>a</b>", $2)
        $2 = "<p>" $2 " &amp; Sooooo!!! http://example.com/" NR " or ann@example.com &nbsp; cafe\314\201</p>" }
    { print $1 "," $2 }' >"$file.part" && mv "$file.part" "$file"; }
steps='--html text --unicode nfc --drop-controls --urls token --emails token --repeats 2 --squeeze --case fold --trim'
what='load \| clean of 100,000 texts, every step'
set -- pipe "load -q --id doc_id $file | clean -q $steps"
for library in python pandas ftfy; do
    if peer_has "$(echo "$library" | sed 's/python/re/')"; then
        set -- "$@" "$library:told" "$(peer text_peers.py $library "$file")"
    else
        skipped "$what" $library
    fi
done
race 3 "$@"
rows "$what" ''
