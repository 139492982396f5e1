# measure.sh: sourced by the cases of the bench. A case prints rows of a Markdown table.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
made=build/bench # the bench's programs, and the inputs that they make, which stay from run to run
# shellcheck disable=SC2034 # for the cases
images=/usr/share/datasets/fashion-mnist
# shellcheck disable=SC2034
network='conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense 10'

# input FILE ARGUMENT...: the path of what `users ARGUMENT...` writes, made when it is not there
input() {
    file=$made/$1
    shift
    if [ ! -e "$file" ]; then
        "$made/users" "$@" >"$file.part"
        mv "$file.part" "$file"
    fi
    echo "$file"
}
users() { input "users-$1.csv" 1000000 "$1"; } # TIMES 1,020,000 rows
wide() { input "wide-$1-$2.csv" wide "$1" "$2"; } # ROWS COLUMNS

peer_has() { [ -x "$PEER" ] && "$PEER" -c "import $1" 2>/dev/null; }
peer() { echo "$PEER tests/bench/$*"; } # the command of a peer's script
skipped() { echo "| $1 | | $2 | skipped: not there | | |"; } # WHAT PEER

# race ROUNDS NAME COMMAND...: as race.c has it, ours first; then `rows` tells
race() { "$made/race" "$@" >"$work/race"; }
# rows WHAT REACH [UNIT]: a row for each that ran beside ours: the least (and the median) of its runs, in s, ms or us,
# and how many times as long as ours it took. REACH: '' nothing; 1.5 the least ratio; '<5' the most that our median may
# be, in the unit; '+25' the most by which our median may be above theirs.
rows() {
    awk -F '\t' -v what="$1" -v reach="$2" -v unit="${3:-s}" '
        function shown(least, median) { return sprintf("%.*f (%.*f) %s", digits, least * scale, digits, median * scale, unit) }
        function verdict(ratio, theirs) {
            if (reach == "")
                return ""
            if (reach ~ /^</)
                return sprintf("at most %s %s: %s", substr(reach, 2), unit, median * scale <= substr(reach, 2) + 0 ? "holds" : "short")
            if (reach ~ /^\+/)
                return sprintf("at most %s %s more: %s", substr(reach, 2), unit,
                    (median - theirs) * scale <= substr(reach, 2) + 0 ? "holds" : "short")
            return sprintf("%s: %s", reach, ratio >= reach + 0 ? "holds" : "short")
        }
        BEGIN { scale = unit == "us" ? 1e6 : unit == "ms" ? 1e3 : 1; digits = unit == "s" ? 3 : 1 }
        NR == 1 { least = $2; median = $3; ours = shown($2, $3) (unit == "s" && $4 ? sprintf(", CPU %.2f s", $4) : "") }
        NR > 1 {
            printf "| %s | %s | %s | %s | %.2f (%.2f) | %s |\n", what, ours, $1, shown($2, $3), $2 / least, $3 / median,
                verdict($2 / least, $3)
        }' "$work/race"
}
