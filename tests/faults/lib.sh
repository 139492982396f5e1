# lib.sh: sourced by the campaigns, `sh tests/faults/NAME.sh [HOW MANY]`, from any folder: TAP on standard output,
# everything in an empty folder of its own, the programs from $WEIR_BIN (build/bin when unset). SEED is where the random
# choices begin.
# shellcheck disable=SC2034 # what the scripts use
set -u
tree=${tree:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$tree/tests/tap.sh"
WEIR_BIN=${WEIR_BIN:-$tree/build/bin}
shim=${WEIR_BUILD:-$tree/build}/faults/shim.so
PATH=$WEIR_BIN:$PATH
LC_ALL=C.UTF-8
export PATH LC_ALL
unset CDPATH
SEED=${SEED:-1}
work=$(mktemp -d) || exit 1
trap 'cd / && rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1
command -v train >/dev/null || { echo "no programs in $WEIR_BIN" >&2; exit 66; }

# random_numbers COUNT MOST: so many numbers from 1 to MOST, the same for the same seed
random_numbers() { awk -v count="$1" -v most="$2" -v seed="$SEED" 'BEGIN {
    srand(seed); rand(); for (i = 0; i < count; i++) print 1 + int(rand() * most) }'; }
# points COUNT MOST: 1 to MOST, or when those are more than COUNT, so many of them at random
points() { if [ "$2" -le "$1" ]; then seq "$2"; else random_numbers "$1" "$2" | sort -nu; fi; }

# with_fault FAULT PROGRAM COMMAND: sh runs COMMAND; PROGRAM in it meets the fault. What it says is in `said`.
with_fault() {
    # a sanitizer's library stays in front of nothing: the shim hands its calls on to it
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 WEIR_FAULT=$1 WEIR_FAULT_IN=$2 WEIR_FAULT_COUNT=${4:-} \
        LD_PRELOAD=$shim sh -c "$3" >shown 2>said
}
# calls PROGRAM COMMAND KIND: how many calls of this kind the program makes when nothing fails
calls() {
    rm -f counts
    with_fault '' "$1" "$2" "$work/counts"
    awk -v kind="$3" '$1 == kind { print $2; exit }' counts
}
# wanted COMMAND: makes `want`, what the command writes when nothing fails
wanted() {
    rm -f want
    if sh -c "$1" </dev/null; then mv out want; else echo "it fails by itself: $1" >&2; exit 70; fi
}
# verdict STATUS FAULT: what is wrong with a run that left `out` and `said`, where `want` is the right output
verdict() {
    if [ "$1" = 0 ]; then
        cmp -s out want || echo "$2: status 0, but not the right output"
    elif [ "$1" -lt 64 ] || [ "$1" -gt 75 ]; then
        echo "$2: status $1: $(tail -n 1 said)"
    else
        [ -s said ] || echo "$2: status $1, and not a word"
        # what refuses memory is a want of memory (or, in a library that knows no such word, the end of it)
        case $2:$1 in malloc=*:7[01]) ;; malloc=*) echo "$2: status $1: $(tail -n 1 said)" ;; esac
        case $2 in
        # the file has its name when its folder or standard output fails: it is told, and what stands there is whole
        sync=* | close=*) [ ! -e out ] || cmp -s out want || echo "$2: status $1, and half an output" ;;
        *) [ ! -e out ] || echo "$2: status $1, and an output: $(tail -n 1 said)" ;;
        esac
    fi
    [ -z "$(find . -name '.out.*')" ] || { echo "$2: left $(find . -name '.out.*')"; rm -f .out.*; }
    rm -f out
}

# The small runs that faults are tried on: each program once or more, on the first rows of the example. Each writes `out`.
small_inputs() {
    head -n 41 "$tree/examples/customers.csv" >t.csv
    mkdir pictures
    cp "$tree"/tests/fixtures/files/[prt]*.jpg pictures
    tail -c +2 "$tree/tests/fuzz/corpus/files/interlaced.png" >pictures/1.png
    gzip -c t.csv >t.csv.gz
    load -q --label churned t.csv -o t.arrows
    cp "$tree/tests/fuzz/corpus/arrow/lz4.arrows" lz4.arrows
    save -q sqlite:t.db --table t t.arrows
    save -q --format jsonl - <t.arrows >t.jsonl
    seq 1 70000 | awk 'BEGIN { print "n,x,y,label" } { print $1 "," $1 * 7 % 1000 "," $1 % 13 "," ($1 % 2 ? "a" : "b") }' |
        load -q --label label -o big.arrows # more than the 1M that some runs may hold
    printf 'city,country\nLyon,France\n"Z\303\274rich",Switzerland\n' >cities.csv
    echo '{"rules": [{"column": "age", "range": [18, 100]}, {"column": "plan", "pattern": "^[a-z]+$", "action": "drop"}]}' >rules.json
    clean -q t.arrows -o c.arrows
    normalize -q c.arrows -o n.arrows
    train -q --model logistic n.arrows -o m
    train -q --net 'dense 3 relu' --epochs 2 n.arrows -o net
    train -q --net 'dense 3 relu' --epochs 1 --checkpoint ck n.arrows -o net.1
    score -q m t.arrows -o s.arrows
    profile -q --min-count 2 t.arrows -o p.json
    head -n 41 "$tree/examples/headlines.csv" | load -q --label topic -o x.arrows
    features -q --method tfidf --column text --drop title x.arrows -o sparse.arrows
    features -q --method counts --column text x.arrows -o counts.arrows
    head -n 61 "$tree/examples/readings.csv" | load -q -o r.arrows
    { printf '\0\0\010\003\0\0\0\012\0\0\0\020\0\0\0\020' # 10 images of 16 x 16
        awk 'BEGIN { for (i = 0; i < 2560; i++) printf "%c", 33 + i * i % 90 }'; } >i-idx3-ubyte
    load -q i-idx3-ubyte -o i.arrows
}
# A line each: NAME PROGRAM COMMAND
small_runs() {
    # libraries and sanitizers that find no memory crash in ways that look like findings: there only what needs neither
    [ -z "${WEIR_SANITIZED:-}" ] || sieve='^(train|score)'
    grep -vE "${sieve:-^$}" <<'END'
load-csv load load -q --label churned t.csv -o out
load-gzip load load -q --label churned t.csv.gz -o out
load-jsonl load load -q --label churned t.jsonl -o out
load-arrow load load -q --label churned t.arrows -o out
load-pictures load load -q --size 3x3 --bad null pictures -o out
load-sqlite load load -q sqlite:t.db --table t -o out
save-csv save save -q --format csv out <t.arrows
save-jsonl save save -q --format jsonl out <t.arrows
save-sqlite save save -q sqlite:out --table t t.arrows
save-npy save pick -q months <t.arrows | save -q --format npy out
pick pick pick -q age plan churned <t.arrows -o out
pick-lz4 pick pick -q <lz4.arrows -o out
pick-text pick pick -q age plan churned <t.csv -o out
shuffle shuffle shuffle -q --seed 3 t.arrows -o out
shuffle-spill shuffle shuffle -q --seed 3 --memory 1M big.arrows -o out
partition partition partition -q out=1 <t.arrows
partition-text partition partition -q --label churned --stratify churned out=0.9 <t.csv
sample sample sample -q --rows 30 t.arrows -o out
sample-spill sample sample -q --rows 40000 --memory 1M big.arrows -o out
sample-classes sample sample -q --method balance --oversample --by city t.arrows -o out
clean clean clean -q t.arrows -o out
clean-pipe clean cat t.arrows | clean -q -o out
clean-spill clean for i in $(seq 20); do cat big.arrows; done | clean -q -o out
clean-stdout clean clean -q t.arrows >part && mv part out
clean-report clean clean -q --trim --missing age=drop --report out t.arrows >part
clean-text load clean -q --label churned t.csv -o out
clean-parts clean clean -q --html text --unicode nfc --case fold --trim --rules rules.json --means-missing age=40 --smooth months=median:3 --smooth-by city t.arrows -o out
clean-convert clean load -q --types months=utf8 t.csv | clean -q --numbers months -o out
normalize normalize normalize -q c.arrows -o out
encode encode encode -q c.arrows -o out
encode-target encode encode -q --method target --min-count 2 c.arrows -o out
features-tfidf features features -q --method tfidf --column text x.arrows -o out
features-hash features features -q --method hash --width 64 --column text x.arrows -o out
features-lda features features -q --method lda --topics 3 --passes 1 counts.arrows -o out
features-wordvec features features -q --method wordvec --width 4 --epochs 1 --min-count 2 --buckets 100 --column text x.arrows -o out
features-hog features features -q --method hog i.arrows -o out
features-lbp features features -q --method lbp i.arrows -o out
features-glcm features features -q --method glcm i.arrows -o out
features-canny features features -q --method canny i.arrows -o out
features-pca features features -q --method pca n.arrows -o out
features-polynomial features features -q --method polynomial n.arrows -o out
features-bins features features -q --method bins t.arrows -o out
features-row features features -q --method row n.arrows -o out
features-window features features -q --method window --window 3 --time time --by machine --column temperature r.arrows -o out
tokenize tokenize tokenize -q --stem english --stop-words english --ids --column text x.arrows -o out
tokenize-icu tokenize tokenize -q --words icu --column text x.arrows -o out
augment-texts augment augment -q --swap 0.2 --typo 0.2 --column text x.arrows -o out
augment-images augment augment -q --flip horizontal --rotate 10 --noise 0.1 i.arrows -o out
enrich enrich enrich -q cities.csv --on city t.arrows -o out
dedup dedup dedup -q --by city t.arrows -o out
dedup-mark dedup dedup -q --by city --keep best=age --mark t.arrows -o out
dedup-near dedup dedup -q --near name=0.9,age=0.9 --mark t.arrows -o out
dedup-texts dedup rm -f ix && dedup -q --near name --index ix t.arrows >part && mv part out
train-logistic train train -q --model logistic n.arrows -o out
train-linear train train -q --model linear --label age --drop churned c.arrows -o out
train-net train train -q --net 'dense 3 relu' --epochs 1 --batch 20 n.arrows -o out
train-spill train train -q --net 'dense 2' --epochs 1 --batch 5000 --memory 1M big.arrows -o out
train-regress train train -q --net 'dense 3 relu' --epochs 1 --label age --drop churned c.arrows -o out
train-sparse train train -q --model logistic --epochs 2 sparse.arrows -o out
train-ftrl train train -q --model logistic --optimizer ftrl --epochs 1 sparse.arrows -o out
train-resume train train -q --net 'dense 3 relu' --epochs 2 --resume ck n.arrows -o out
score-raw score score -q m t.csv -o out
score-stream score score -q m t.arrows -o out
score-net score score -q net t.arrows -o out
score-inbox score rm -rf i o && mkdir i && cp t.csv i && score -q m --in i --out o --settle 0 && mv o/t.csv.arrows out
audit audit audit -q --json t.arrows -o out
audit-mark audit audit -q --mark t.arrows -o out
profile profile profile -q t.arrows -o out
profile-page profile profile -q --report out t.arrows >part
profile-merge profile profile -q --merge p.json p.json -o out
profile-text profile profile -q --text p.json >part && mv part out
metrics metrics metrics -q --json s.arrows -o out
metrics-text metrics metrics -q s.arrows -o out
metrics-page metrics metrics -q --report out s.arrows >part
plot-svg plot plot -q --columns age --format svg histogram t.arrows -o out
plot-png plot plot -q --columns age,months --by plan --format png scatter t.arrows -o out
plot-text plot plot -q --by plan --format text histogram t.arrows -o out
plot-roc plot plot -q --format text roc s.arrows -o out
plot-confusion plot plot -q --format sixel confusion s.arrows -o out
plot-calibration plot plot -q --format kitty calibration s.arrows -o out
plot-images plot plot -q --format png images i.arrows -o out
show-model show show m -o out
show-json show show --json net -o out
show-stream show show s.arrows -o out
show-stdout show show m >part && mv part out
END
}
