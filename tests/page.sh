#!/bin/sh
# page.sh NAME.SECTION: a page of man/ in TAP: mandoc's lint, the same options and synopsis as --help, and its examples
# run, in order and in one folder, with a copy of examples/ in it.
# Of the tour (section 7) every block is one.
#
# A block after the comment `.\" not run: WHY` is left out (cron, a network).
set -u
. tests/tap.sh
page=man/$1
program=${1%.*}
bin=$PWD/build/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check 'mandoc -T lint is silent' "$(mandoc -T lint -W warning "$page" 2>&1)"

rendered() { mandoc -T utf8 -O width=1000 "$1" | sed 's/.\x08//g'; }

# The options, short and long, that .It lines of OPTIONS name, and those that --help lists.
options_of_page() {
    awk '/^\.Sh/ { inside = ($2 == "OPTIONS") }
        inside && /^\.It/ {
            for (i = 2; i <= NF; i++)
                if ($i == "Fl") {
                    name = $(i + 1) == "Fl" ? "-" $(i + 2) : $(i + 1)
                    if (name ~ /^-?[a-zA-Z]/) print "-" name
                }
        }' "$page" | sort
}
options_of_help() {
    "$bin/$program" --help | grep -oE '^ {2,6}(-[a-zA-Z0-9], )?--[a-z][a-z0-9-]*' | tr -s ', ' '\n' | grep . | sort
}
# "clean [OPTION]... [FILE...]" and "clean [OPTION ...] [FILE ...]" are the same synopsis.
plainly() { tr -s ' ' | sed 's/^ //; s/ *\.\.\./.../g; s/\]\.\.\./...]/g'; }
if [ "${1##*.}" = 1 ]; then
    options_of_page >"$work/page"
    options_of_help >"$work/help"
    check 'the options are those of --help' "$(diff "$work/page" "$work/help" | grep '^[<>]' |
        sed 's/^</only in the page:/; s/^>/only in --help:/')"
    synopsis=$(rendered "$page" | sed -n '/^SYNOPSIS/,/^[A-Z]/ { /^ /p }' | plainly)
    usage=$("$bin/$program" --help | sed -n 's/^usage: //p' | plainly)
    check 'the synopsis is that of --help' \
        "$(printf '%s\n' "$synopsis" | grep -qxF -- "$usage" || printf '%s\n' "--help has: $usage" "the page has: $synopsis")"
fi

# What a reader sees of each .Dl line and .Bd block is what runs: mandoc renders it.
blocks() { # writes $work/1.sh, $work/2.sh ...
    awk -v folder="$work" -v tour="$([ "${1##*.}" = 7 ] && echo 1)" '
        function open_block() { file = folder "/" ++count ".mdoc"; print ".Dd January 1, 2026\n.Dt X 1\n.Os\n.Sh A" >file }
        /^\.Sh/ { inside = tour || $2 == "EXAMPLES"; next }
        !inside { next }
        /^\.\\" not run:/ { leave = 1; next }
        /^\.Bd/ { literal = 1; if (!leave) open_block() }
        (literal || /^\.D[l1]/) && !leave { if (!literal && last !~ /^\.D[l1]/) open_block(); print >file }
        leave && /^\.D[l1]/ { leave = 2 }
        /^\.Ed/ { literal = 0; leave = 0 }
        leave == 2 && !/^\.D[l1]/ { leave = 0 }
        { last = $0 }' "$page"
    for block in "$work"/*.mdoc; do
        [ -e "$block" ] || continue
        rendered "$block" | sed '1,/^A$/d; $d' |
            awk '!indent && NF { match($0, /^ */); indent = RLENGTH + 1 } indent { print substr($0, indent) }' >"${block%.mdoc}.sh"
    done
}
blocks "$1"
count=$(find "$work" -name '*.sh' | wc -l)
[ "${1##*.}" != 1 ] || [ "$count" != 0 ] || check 'there are examples' "none of them is in a .Dl or .Bd"
mkdir "$work/run"
cp -r examples "$work/run"
number=1
while [ "$number" -le "$count" ]; do
    script=$work/$number.sh
    said=$(cd "$work/run" && PATH=$bin:$PATH timeout 120 bash -e -o pipefail "$script" 2>&1 </dev/null >/dev/null) &&
        said= || said=$(printf '%s\n' "exit status $?" "$said" "$(cat "$script")")
    [ -s "$script" ] || said='the example is empty'
    check "example $number runs: $(head -n 1 "$script" | cut -c1-70)" "$said"
    number=$((number + 1))
done
finish
