# measure.sh: sourced by the cases of the bench.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# best_of N COMMAND...: the least seconds of N runs. A run that fails ends the case.
best_of() {
    runs=$1 best=
    shift
    while [ "$runs" -gt 0 ]; do
        begun=$(date +%s%N)
        "$@" >/dev/null 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
        ended=$(date +%s%N)
        best=$(awk -v a="$begun" -v b="$ended" -v best="$best" 'BEGIN {
            took = (b - a) / 1e9; printf "%.4f", best == "" || took < best ? took : best }')
        runs=$((runs - 1))
    done
    echo "$best"
}
peer_has() { [ -x "$PEER" ] && "$PEER" -c "import $1" 2>/dev/null; }
# result WHAT OURS PEER THEIRS: a line, with the ratio
result() {
    awk -v what="$1" -v ours="$2" -v peer="$3" -v theirs="$4" 'BEGIN {
        if (theirs == "") printf "%-44s %9.4f s   %s: skipped\n", what, ours, peer
        else printf "%-44s %9.4f s   %s: %.4f s   %.2f times as fast\n", what, ours, peer, theirs, theirs / ours }'
}
