#!/bin/sh
# TF-IDF, counts and hashes of the terms of 100,000 texts, reading included, beside scikit-learn's own work alone; and the
# values, which must be the same.
. tests/bench/measure.sh
file=$made/texts-100000.csv
[ -e "$file" ] || { "$made/texts" 100000 >"$file.part" && mv "$file.part" "$file"; }
for case in 'tfidf 8' 'tfidf-pairs ' 'hash '; do
    method=${case% *}
    what="load \\| features of 100,000 texts, $method"
    case $method in
    tfidf-pairs) options='--method tfidf --ngrams 1-2' ;;
    *) options="--method $method" ;;
    esac
    set -- pipe "load -q --id doc_id --drop like $file | features -q --column text $options"
    if peer_has sklearn; then
        set -- "$@" scikit-learn:told "$(peer tfidf_peer.py "$method" "$file")"
    else
        skipped "$what" scikit-learn
    fi
    race 3 "$@"
    rows "$what" "${case#* }"
done
peer_has sklearn || exit 0
load -q --id doc_id --drop like "$file" | features -q --column text --method tfidf -o "$work/tfidf.arrows"
"$PEER" tests/bench/tfidf_peer.py values "$file" "$work/tfidf.arrows" | awk '{
    printf "| largest difference of %d TF-IDF values | %.1e | scikit-learn | | | at most 1e-6: %s |\n", $1, $2,
        ($2 <= 1e-6 ? "holds" : "short") }'
