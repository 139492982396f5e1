# profile: golden numbers, profiles of shards, text and page, what is kept out, strange values, bad files.
load helper
golden=$BATS_TEST_DIRNAME/golden

# agrees LABEL FILE [PATH]: the profile has the numbers of golden/profile.tsv, those with the label only when it is
# LABEL, and not that of PATH.
agrees() {
    python3 - "$1" "$2" "$golden/profile.tsv" "${3:-}" <<'END'
import json, sys
label, file, golden, leave = sys.argv[1:]
columns = {c["name"]: c for c in json.load(open(file))["columns"]}
wrong = compared = 0
for line in open(golden, encoding="utf-8"):
    name, path, wanted = line.rstrip("\n").split("\t")
    if path.split(".")[0] in ("class", "number"):
        if path.split(".")[0] != label:
            continue
        path = "label." + path.split(".", 1)[1]
    if f"{name}.{path}" == leave:
        continue
    value, rest = columns[name], path
    while rest:
        if isinstance(value, dict) and rest in value:
            value, rest = value[rest], ""
        else:
            key, _, rest = rest.partition(".")
            value = value[int(key)] if isinstance(value, list) else value[key]
    compared += 1
    tolerance = 1e-11 * max(1, abs(float(wanted)))
    if not abs(value - float(wanted)) <= tolerance:
        wrong += 1
        print(f"{name} {path}: is {value}, wanted {wanted}")
print(compared)
sys.exit(wrong > 0 or compared < 90)
END
}
# plain FILE: a profile without what may differ in the last digit when parts are joined.
plain() {
    jq -c 'del(.columns[].state.values.mean_rest, .columns[].state.values.squares, .columns[].state.lengths.mean_rest,
        .columns[].state.lengths.squares, .columns[].state.label, (.columns[] | select(.distinct > 64) | .top)) |
        (.columns[] | (.values?, .lengths?, .label?) | select(. != null) | .. | numbers) |=
            (if . < 1000 then . * 1e9 else . * 1e6 end | round)' "$1"
}

@test "golden numbers, with a label of classes and one of numbers" {
    for label in class number; do
        profile -q --min-count 1 --label $label "$golden/profile.csv" -o p.json
        agrees $label p.json
    done
}

@test "the profile of shards is that of the whole: counts, sketches, bins and values the same, sums to 9 digits" {
    command load -q --label class "$golden/profile.csv" -o whole.arrows
    profile -q --min-count 1 whole.arrows -o whole.json
    partition -q --seed 3 a.arrows=0.5 b.arrows=0.3 c.arrows=0.2 <whole.arrows
    for part in a b c; do profile -q --min-count 1 $part.arrows -o $part.json; done
    profile -q --merge a.json b.json c.json -o merged.json
    plain whole.json >wanted
    plain merged.json | diff - wanted
    profile -q --merge a.json b.json -o ab.json
    profile -q --merge ab.json - <c.json | plain /dev/stdin | diff - wanted
    profile -q --merge whole.json | cmp - whole.json
    agrees class merged.json day.top.values.0.1 # of 343 days each shard tells 64
}

@test "shards of many rows: within the errors that the profile tells" {
    awk 'BEGIN { srand(4); print "x,n,t"; for (i = 0; i < 60000; i++)
        printf "%.6f,%d,%s\n", rand() * rand() * 1000, 30000 * rand(), "v" int(3000 * rand() * rand()) }' >x.csv
    command load -q x.csv -o x.arrows
    partition -q a.arrows=0.6 b.arrows=0.4 <x.arrows
    for part in a b x; do profile -q $part.arrows -o $part.json; done
    profile -q --merge a.json b.json -o m.json
    python3 - <<'END'
import csv, json, bisect, collections
rows = list(csv.DictReader(open("x.csv")))
for name in ("x.json", "m.json"):
    columns = {c["name"]: c for c in json.load(open(name))["columns"]}
    for column in ("x", "n"):
        values = sorted(float(r[column]) for r in rows)
        quantiles = columns[column]["values"]["quantiles"]
        error = quantiles.pop("error")
        assert 0 < error < 0.01, error
        for q, value in quantiles.items():
            low, high = bisect.bisect_left(values, value), bisect.bisect_right(values, value)
            place = float(q) * (len(values) - 1)
            assert low - error * len(values) - 1 <= place <= high + error * len(values) + 1, (name, column, q)
        assert abs(columns[column]["distinct"] / len(set(values)) - 1) < 0.04
    counts = collections.Counter(r["t"] for r in rows)
    top = columns["t"]["top"]
    assert 0 < top["slack"] <= top["rest"] < 600
    listed = dict(top["values"])
    assert len(listed) == 64
    assert all(n <= counts[v] <= n + top["slack"] for v, n in listed.items())
    assert all(n <= top["rest"] for v, n in counts.items() if v not in listed)
    assert abs(columns["t"]["distinct"] / len(counts) - 1) < 0.04
END
    jq -c '.columns[] | [.values.histogram, .state.distinct]' x.json >wanted
    jq -c '.columns[] | [.values.histogram, .state.distinct]' m.json | cmp - wanted
}

@test "text, to the letter" {
    cat >a.csv <<'END'
id,age,city,when,paid,label
1,20,Oslo,2024-01-01,true,yes
2,30,Lima,2024-01-03,false,no
3,,Oslo,2024-02-01,true,yes
4,30,,2024-01-09,true,no
5,-7,Oslo,2024-01-01,,
6,0,Zürich,2024-01-02,true,yes
END
    profile -q --text --min-count 1 --label label --id id a.csv >text
    diff text - <<'END'
6 rows, 6 columns, label label

id  int64, id
  missing 0, different 6

age  int64
  missing 1 (16.7 %), different 4, zero 1 (20 %), negative 1 (20 %)
  mean 14.6, deviation 15.3831
  minimum -7, quartiles 0, 20, 30, maximum 30
  ▄  ▄         ▄    █  -7 to 31
  most frequent: 30 (2), -7 (1), 0 (1), 20 (1)
  with label: correlation ratio 0.816

city  utf8
  missing 1 (16.7 %), different 3, empty 0
  characters: mean 4.4, deviation 0.8
  minimum 4, quartiles 4, 4, 4, maximum 6
  █ ▂  4 to 7
  most frequent: Oslo (3), Lima (1), Zürich (1)
  with label: Cramér's V 1

when  date32
  missing 0, different 5
  mean 2024-01-08, deviation 11.0755
  minimum 2024-01-01, quartiles 2024-01-01, 2024-01-03, 2024-01-08, maximum 2024-02-01
  █▄▄     ▄                      ▄  2024-01-01 to 2024-02-02
  most frequent: 2024-01-01 (2), 2024-01-02 (1), 2024-01-03 (1),
    2024-01-09 (1), 2024-02-01 (1)
  with label: correlation ratio 0.239

paid  bool
  missing 1 (16.7 %), different 2, zero 1 (20 %), negative 0
  mean 0.8, deviation 0.4
  minimum 0, quartiles 1, 1, 1, maximum 1
  ▂█  0 to 2
  most frequent: true (4), false (1)
  with label: correlation ratio 0.612

label  utf8, label
  missing 1 (16.7 %), different 2, empty 0
  characters: mean 2.6, deviation 0.489898
  minimum 2, quartiles 2, 3, 3, maximum 3
  ▆█  2 to 4
  most frequent: yes (3), no (2)
END
    profile -q --min-count 1 --label label --id id a.csv -o p.json
    profile -q --text p.json | cmp - text
    show p.json | cmp - text
    show --json p.json | cmp - p.json
    profile -q p.json | cmp - p.json
    script -qec 'profile -q p.json' /dev/null </dev/null | tr -d '\r' | cmp - text
}

@test "the page is well-formed, accessible and asks for nothing; Chromium shows it without a word" {
    profile -q --label class "$golden/profile.csv" --report r.html -o p.json
    python3 "$TREE/tests/html_page.py" r.html >said
    for line in 'Rows: 900' 'Cells missing: 401' 'whole | bar of the strength | – | 0.473 | –' 'text (utf8)' 'Most frequent values' 'Median | 1000000.43'; do
        grep -qF -- "$line" said || { echo "no '$line' in"; cat said; return 1; }
    done
    profile -q p.json --report again.html >/dev/null
    cmp r.html again.html
    command -v chromium >/dev/null || skip 'no chromium here'
    for size in 1200,900 390,900; do
        timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/chromium" --enable-logging=stderr \
            --window-size=$size --screenshot=page.png "file://$PWD/r.html" 2>log
        [ "$(head -c 4 page.png | tail -c 3)" = PNG ]
        never grep -i 'CONSOLE' log
    done
    timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/chromium" --dump-dom \
        "file://$PWD/r.html" 2>/dev/null >dom
    [ "$(grep -c '<svg' dom)" -ge 12 ]
}

@test "names and values are escaped everywhere" {
    printf '{"<b>&\\u0007\\u202e":"</script><img src=x>\\u001b[31m\\u202e\\n\\"","n":1}\n' >a.jsonl
    for _ in 1 2 3 4 5 6; do cat a.jsonl; done >b.jsonl
    profile -q b.jsonl --report r.html -o p.json
    python3 "$TREE/tests/html_page.py" r.html >said
    grep -qF '</script><img src=x>{U+001B}[31m{U+202E}{\n}" | 6 (100 %)' said
    profile -q --text p.json >text
    [ "$(LC_ALL=C tr -d '\n' <text | LC_ALL=C grep -c '[[:cntrl:]]')" = 0 ]
    never grep -q $'\u202e' text
    [ "$(jq -r '.columns[0].top.values[0][0]' p.json)" = $'</script><img src=x>\e[31m\u202e\n"' ]
    profile -q p.json | cmp - p.json
    printf '{"t":""}\n%.0s' 1 2 3 4 5 6 | profile -q --report e.html -o e.json
    python3 "$TREE/tests/html_page.py" e.html >said
    grep -qx '(empty) | 6 (100 %) | .*' said
    profile -q --text e.json >said
    grep -qx '  most frequent: (empty) (6)' said
}

@test "rare values are not kept, nor any with --no-values" {
    awk 'BEGIN { print "name,plan,pay"; for (i = 0; i < 100; i++)
        print (i < 96 ? "person" int(i / 4) : "crowd") "," (i % 2 ? "gold" : "tin") "," 1000 + i }' >a.csv
    echo 'crowd,gold,1500' >>a.csv
    profile -q a.csv -o p.json
    [ "$(jq -c '[.columns[0].top | .values, .slack, .rest]' p.json)" = '[[["crowd",5]],0,4]' ]
    [ "$(grep -c person p.json)" = 0 ]
    profile -q --text --min-count 4 a.csv | grep -q 'most frequent: crowd (5), person0 (4), person1 (4)'
    profile -q --no-values a.csv --report r.html -o hidden.json
    profile -q --no-values --text a.csv >text
    for file in hidden.json r.html text; do [ "$(grep -cE 'person|crowd|gold|tin\b|1099|1500' $file)" = 0 ]; done
    [ "$(jq -c '.columns[2] | [.missing, .distinct, .values.mean, .values.minimum]' hidden.json)" = '[0,101,1053.960396039604,null]' ]
    profile -q hidden.json | cmp - hidden.json
    profile -q --text hidden.json | grep -q 'mean 1053.96, deviation'
    profile -q --merge p.json hidden.json -o m.json
    [ "$(jq -c '[.rows, .values, .columns[2].values.mean, .columns[0].top]' m.json)" = '[202,false,1053.960396039604,null]' ]
}

@test "nothing at all, nothing but missing values, one value, huge ones, none that is a number" {
    printf 'a,b\n' >none.csv
    profile -q --text none.csv >text
    head -n 1 text | grep -qx '0 rows, 2 columns'
    profile -q none.csv -o none.json
    profile -q --merge none.json none.json | cmp - none.json
    python3 - <<'END'
import struct
rows = [float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324, 0.0, -0.0]
open("x.npy", "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118)
    + b"{'descr': '<f8', 'fortran_order': False, 'shape': (8,), }".ljust(117) + b"\n" + struct.pack("<8d", *rows))
END
    profile -q x.npy --report r.html -o x.json
    python3 "$TREE/tests/html_page.py" r.html >/dev/null
    [ "$(jq -c '.columns[0].values | [.count, .nan, .infinite, .zeros, .negative, .minimum, .maximum]' x.json)" = '[5,1,2,2,2,-1e+308,1e+308]' ]
    [ "$(jq -c '.columns[0].distinct' x.json)" = 6 ]
    [ "$(grep -ciE ':(nan|-?inf)' x.json)" = 0 ]
    profile -q x.json | cmp - x.json
    profile -q --merge x.json x.json | profile --text | grep -q 'not a number 2, infinite 4'
    printf 'c,h,i,y\n' >k.csv
    for i in 0 1 2 3 4 5; do echo "7,1.7e308,922337203685477580$i,$((i % 2))"; done >>k.csv
    profile -q --label y k.csv -o k.json
    [ "$(jq -c '.columns[0] | [.values.deviation, .values.quantiles["0.5"], .label]' k.json)" = '[0,7,{}]' ]
    [ "$(jq -c '.columns[1].values | [.mean, .maximum]' k.json)" = '[1.7e+308,1.7e+308]' ]
    grep -q '"minimum":9223372036854775800,"maximum":9223372036854775805' k.json
    [ "$(jq -c '.columns[2].distinct' k.json)" = 6 ]
    profile -q k.json | cmp - k.json
    printf 'a,y\n,1\n,2\n' | profile -q --label y -o m.json
    [ "$(jq -c '.columns[0] | [.missing, .distinct]' m.json)" = '[2,0]' ]
    profile -q --text m.json | grep -q 'missing 2 (100 %), different 0'
}

@test "lists, tensors, bytes of images, dates with times" {
    printf '%s\n' '{"l":[1,2,3]}' '{"l":[]}' '{"l":null}' >a.jsonl
    profile -q a.jsonl -o p.json
    [ "$(jq -c '.columns[0] | [.type, .missing, .distinct, .lengths.count, .lengths.maximum, .lengths.zeros]' p.json)" = '["list<int64>",1,2,2,3,1]' ]
    printf 't\n2024-01-01T10:00:00\n2024-01-02T10:00:00\n' | profile -q --text >text
    grep -q 'mean 2024-01-01T22:00:00, deviation 4.32e+10' text
    grep -q 'minimum 2024-01-01T10:00:00, quartiles 2024-01-01T16:00:00, 2024-01-01T22:00:00' text
    python3 - <<'END'
import struct
def idx(name, shape, data):
    open(name, "wb").write(bytes([0, 0, 8, len(shape)]) + b"".join(struct.pack(">I", n) for n in shape) + data)
idx("i.idx", (3, 2, 2), bytes([0, 10, 20, 30] * 2 + [255, 0, 0, 1]))
END
    profile -q i.idx -o i.json
    [ "$(jq -c '.columns[0] | [.type, .distinct, .values.count, .values.maximum, .values.zeros, .values.mean]' i.json)" = '["tensor<uint8>[2, 2]",2,12,255,4,31.333333333333332]' ]
    profile -q i.json | cmp - i.json
    profile -q --merge i.json i.json | jq -e '.columns[0].values.count == 24' >/dev/null
}

@test "the same bytes on one processor, from pipes, in batches of any size" {
    profile -q --label class "$golden/profile.csv" >a
    command load -q --label class "$golden/profile.csv" | taskset -c 0 profile -q >b
    cmp a b
    command load -q --label class "$golden/profile.csv" -o s.arrows
    { head -n 1 "$golden/profile.csv"; sed -n '2,301p' "$golden/profile.csv"; } >1.csv
    { head -n 1 "$golden/profile.csv"; sed -n '302,$p' "$golden/profile.csv"; } >2.csv
    for part in 1 2; do command load -q --like s.arrows $part.csv -o $part.arrows; done
    profile -q 1.arrows 2.arrows | cmp - a
    mkfifo fifo
    cat s.arrows >fifo &
    profile -q fifo | cmp - a
    wait
}

@test "a cut stream gives no profile and no page; a full disk is told" {
    command load -q --label class "$golden/profile.csv" -o s.arrows
    size=$(wc -c <s.arrows)
    echo old >p.json
    for part in 1 3 5 7 9; do
        head -c $((size * part / 10)) s.arrows >cut
        fails 'profile -q cut --report r.html -o p.json' 65 'profile: '
        [ "$(cat p.json)" = old ]
        [ ! -e r.html ]
    done
    fails "profile -q s.arrows >/dev/full" 74 'No space left on device'
    fails "profile -q s.arrows --report /dev/full -o /dev/null" 74 'No space left on device'
    tells 'printf "a,b\n1,2\n3\n" | profile' 65 "$(printf '%s\n' \
        'load: standard input:3: 1 field where the header has 2; --bad null or --bad drop would let it through' 'profile: stopped: load failed')"
}

@test "usage errors" {
    fails 'profile --top 65 x' 64 "option '--top' takes a whole number from 0 to 64"
    fails 'profile --min-count 0 x' 64 "option '--min-count' takes a whole number"
    fails 'profile --merge' 64 '--merge takes the files of profiles as operands'
    profile -q "$golden/profile.csv" -o p.json
    fails 'profile p.json p.json' 64 "'p.json' is a profile: --merge folds several into one"
    fails 'profile --min-count 9 p.json' 64 '--min-count is for a stream: a profile is read as it was made'
    fails 'profile --merge --drop name p.json p.json' 64 '--drop is for a stream: a profile is read as it was made'
    fails 'profile --report - p.json' 64 '--report takes a file'
    fails 'profile --report a -o a p.json' 64 "--report and --output name one file, 'a'"
    fails 'profile --report no/such/folder p.json' 73 'no/such/folder'
    fails "profile --merge p.json '$golden/profile.csv'" 65 'is no profile, and --merge reads nothing else'
    printf 'x\n1\n' | profile -q -o x.json
    fails 'profile --merge p.json x.json' 65 "profile: 'x.json': a profile of 6 columns and one of 1 cannot be merged"
    printf 'z\n1\n' | profile -q -o z.json
    fails 'profile --merge x.json z.json' 65 "profile: 'z.json': column 'x' is not in the second profile"
}

@test "a damaged file is refused with what is wrong, wherever it is cut or changed" {
    printf 'a,b\n1,x\n2,y\n' | profile -q --min-count 1 --label b -o p.json
    size=$(wc -c <p.json)
    for ((at = 16; at < size - 2; at += 37)); do
        head -c $at p.json >cut.json
        run --separate-stderr profile cut.json
        [ "$status" = 65 ] && [[ "$stderr" == "profile: 'cut.json': no JSON at "* ]]
    done
    # change WHAT TO MESSAGE
    change() {
        jq -c "$1" p.json | sed 's/^{"weir:profile":/&/' >bad.json
        tells 'profile bad.json' 65 "profile: 'bad.json': $2"
    }
    change '."weir:profile" = 2' 'not a profile of a form that is known here'
    change '.rows = -1' "'rows' is missing or is not what it should be"
    change '.columns = 3' "'columns' is missing or is not what it should be"
    change '.columns[0].missing = 3' "column 1: 'missing' is missing or is not what it should be"
    change '.columns[0].type = "int9"' "column 1: 'int9' is not a type"
    change '.columns[0].values.count = 3' "column 1: 'histogram' is missing or is not what it should be"
    change '.columns[0].values.negative = 3' "column 1: 'negative' is missing or is not what it should be"
    change '.columns[0].values.maximum = 0' 'column 1: the state of statistics contradicts itself'
    change '.columns[0].state.values.points = [2,1]' "column 1: 'points' is missing or is not what it should be"
    change '.columns[0].state.values.exponent = 1e5' "column 1: 'histogram' is missing or is not what it should be"
    change '.columns[0].state.distinct = "s1"' 'column 1: a sketch of different values of 1 digits'
    change '.columns[0].state.label.classes = [1]' "column 1: 'classes' is missing or is not what it should be"
    change '.columns[1].top.values[0][1] = 9' "column 2: 'top' is missing or is not what it should be"
    change '.label.classes = "zz"' "'classes' is missing or is not what it should be"
    printf 'a\n18446744073709551615\n' | load -q --types a=uint64 | profile -q --min-count 1 -o p.json
    [ "$(jq -r '.columns[0].top.values[0][0]' p.json)" = 18446744073709551615 ]
    for number in 18446744073709551616 ' 18446744073709551615' 9223372036854775807; do
        sed "s/\"18446744073709551615\"/\"$number\"/" p.json >bad.json
        tells 'profile bad.json' 65 "profile: 'bad.json': column 1: 'top' is missing or is not what it should be"
    done
}

@test "memory does not grow with the rows" {
    [ -z "$WEIR_SANITIZED" ] || skip 'memory means nothing here'
    rows() { awk -v rows="$1" 'BEGIN { srand(1); print "a,b,c"; for (i = 0; i < rows; i++)
        print rand() "," int(1e9 * rand()) ",name" int(1e6 * rand()) }'; }
    rows 4000 | command load -q - -o 1.arrows
    rows 40000 | command load -q - -o 10.arrows
    rows 400000 | command load -q - -o 100.arrows
    ten=$(peak profile -q 10.arrows)
    hundred=$(peak profile -q 100.arrows)
    [ "$hundred" -le $((ten + 4096)) ] || { echo "$ten $hundred"; return 1; }
}
