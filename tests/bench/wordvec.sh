#!/bin/sh
# Word vectors of 10 MB of texts in 5 epochs, reading and writing included, beside fastText's training alone, with its two
# threads and the same settings; and how well each finds the groups of words that the texts were made of: which share of
# a word's ten nearest is of its group, and how often a pair of one group is nearer than one of two.
#
#   MEGABYTES=10 ROUNDS=1
. tests/bench/measure.sh
megabytes=${MEGABYTES:-10}
texts=$made/groups-$megabytes.txt
groups=$made/groups-words.txt
[ -e "$texts" ] || { "$made/groups" "${megabytes}000000" >"$texts.part" && mv "$texts.part" "$texts"; }
[ -e "$groups" ] || { "$made/groups" words >"$groups.part" && mv "$groups.part" "$groups"; }
{ echo text && cat "$texts"; } >"$work/texts.csv"

learn() { # FILE OPTIONS
    echo "features -q --method wordvec --column text $2 --save-vectors $work/$1.txt $work/texts.csv >/dev/null"
}
score() { # FILE
    "$PEER" tests/bench/wordvec_peer.py score "$groups" "$work/$1.txt"
}
quality() { # WHAT FILE
    { score "$2" && score theirs; } | awk -v what="$1" '
        { near[NR] = $1; pairs[NR] = $2 }
        END {
            holds = near[1] >= near[2] - 0.005 && pairs[1] >= pairs[2] - 0.005
            printf "| %s: nearest words of the group; pairs in order | %s; %s | fastText | %s; %s | | no worse by 0.005: %s |\n",
                what, near[1], pairs[1], near[2], pairs[2], holds ? "holds" : "short"
        }'
}

# name, options, those of fastText, times as fast in order and with --hogwild
while IFS=, read -r name options theirs order wild; do
    what="$name, $megabytes MB, 5 epochs"
    if ! peer_has fasttext; then
        skipped "$what" fastText
        continue
    fi
    race "${ROUNDS:-1}" pipe "$(learn ours "$options")" wild "$(learn wild "$options --hogwild")" \
        fastText:told "$(peer wordvec_peer.py train "$texts" "$work/theirs.txt" "$theirs")" </dev/null
    cp "$work/race" "$work/all"
    sed 2d "$work/all" >"$work/race"
    rows "$what" "$order"
    sed 1d "$work/all" >"$work/race"
    rows "$what, --hogwild" "$wild"
    quality "$what" ours
    quality "$what, --hogwild" wild
done <<'CASES'
skip-gram,,skipgram 3 6,1,1.5
skip-gram without subwords,--subwords 0,skipgram 0 0,,
CBOW,--architecture cbow,cbow 3 6,,
CASES
