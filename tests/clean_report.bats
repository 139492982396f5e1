# clean --report: a page about what was changed.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cat >a.csv <<'END'
id,age,city,paid,bought,note,fixed,label
1,20," Paris","1.234,50",01/02/2026,<b>one</b>,7,a
2,,rome,"12,5",2.3.2026,two,7,b
3,999,"Rome ","3,0",04.05.2026,three,7,a
4,40,,"x",05.06.2026,four,7,b
5,28,ROME,"5,0",,five,7,
6,28,rome,"7,0",07.07.2026,six,7,a
END
}

# page FILE: what the page says, which is checked too
page() { python3 "$TREE/tests/html_page.py" "$1"; }
# has LINE...: standard input has each of these lines
has() {
    local all line
    all=$(cat)
    for line; do
        grep -qxF -- "$line" <<<"$all" || { printf 'no line:\n%s\nin:\n%s\n' "$line" "$all"; return 1; }
    done
}
cleaned() {
    clean -q --id id --label label --trim --case lower --numbers paid=comma --dates bought=dmy --range age=0..120 \
        --missing age=median,paid=drop,city=mode --flag-missing --drop-constant "$@" a.csv
}

@test "the page says what each step changed, dropped, filled, added and left out" {
    cleaned --report r.html -o a.arrows
    page r.html >said
    has <said 'What clean changed' 'Rows in: 6' 'Rows out: 4' 'Rows dropped: 2' "1 row: 'paid' is missing" \
        "1 row: 'label' is missing" \
        'Step 1: text' '--case lower --trim' \
        'city | 3 | 0 | 0 | row 1: [-{␣}P-]aris → [+p+]aris; row 3: [-Rome{␣}-] → [+rome+]; row 5: [-ROME-] → [+rome+]' \
        'Step 2: convert' '--numbers paid=comma --dates bought=dmy' \
        'Types changed: paid (utf8 → float64), bought (utf8 → date32)' \
        'bought | 5 | 0 | 0 | row 1: [-01/02/2026-] → [+2026-02-01+]; row 2: [-2.3.2026-] → [+2026-03-02+]; row 3: [-04.05.2026-] → [+2026-05-04+]; row 4: [-05.06.2026-] → [+2026-06-05+]; row 6: [-07.07.2026-] → [+2026-07-07+]' \
        'paid | 5 | 1 | 0 | row 1: [-1.234,50-] → [+1234.5+]; row 2: [-12,5-] → [+12.5+]; row 3: [-3,0-] → [+3+]; row 5: [-5,0-] → [+5+]; row 6: [-7,0-] → [+7+]; row 4: [-x-] → missing' \
        'Step 3: values' 'Columns left out: fixed' \
        'Columns added: age_missing, city_missing, paid_missing, bought_missing' \
        'age | 1 | 0 | 1 | filled with median [+28+] (row 2); row 3: [-999-] → [+28+]' \
        "'paid' is missing | 1 | row 4: paid = missing, id = 4, label = b, age = 40, city = missing" \
        "'label' is missing | 1 | row 5: label = missing, id = 5, age = 28, city = rome, paid = 5"
}

@test "columns before and after: histograms, statistics and the most frequent values" {
    cleaned --report r.html -o a.arrows
    page r.html >said
    has <said 'age (int64)' 'Measure | Before | After' 'Rows | 6 | 4' 'Missing | 1 | 0' 'Minimum | 20 | 20' \
        'Median | 28 | 28' 'Maximum | 999 | 28' 'Mean | 223 | 26' \
        'Histogram, before: 5 numbers (3 bars)' 'Histogram, after: 4 numbers (2 bars)' \
        'bought (utf8 → date32)' 'Maximum | – | 2026-07-07' \
        'city (utf8)' 'Value | Before | After' 'rome | 2 | 3' 'Rome{␣} | 1 | 0' 'missing | 1 | 0' 'different values | 4 | 2'
    awk -F, 'BEGIN { print "x"; for (i = 1; i <= 1000; i++) print i % 100 == 0 ? 100000 : i }' >x.csv
    clean -q --range x=..5000 --report x.html x.csv -o x.arrows
    page x.html | has 'x | 10 | 0 | 0 | row 100: [-100000-] → [+500+]; row 200: [-100000-] → [+500+]; row 300: [-100000-] → [+500+]; row 400: [-100000-] → [+500+]; row 600: [-100000-] → [+500+]; row 1,000: [-100000-] → [+500+]' \
        'Maximum | 100,000 | 999' 'Median | 505.5 | 500'
}

@test "the stream is the same with the page and without, and the page whatever the batches, with a state as when learned" {
    cleaned --save-state s.json -o plain.arrows
    cleaned --report r.html -o a.arrows
    cmp a.arrows plain.arrows
    cleaned --report r2.html | cmp - plain.arrows
    cmp r.html r2.html
    clean -q --state s.json --id id --label label --report s.html a.csv -o s.arrows
    cmp s.html r.html
    cmp s.arrows plain.arrows
    command load -q --id id --label label a.csv -o in.arrows
    for row in 1 2 3 4 5 6; do { head -n 1 a.csv; sed -n "$((row + 1))p" a.csv; } >row.csv
        command load -q --like in.arrows row.csv; done >rows.arrows
    clean -q --state s.json --report b.html rows.arrows -o b.arrows
    cmp b.html r.html
    [ "$(grep -c -e "$PWD" -e "$(hostname)" -e "$(date +%Y-%m-%d)" r.html)" = 0 ]
}

@test "rows are numbered as they came in, behind steps that drop some" {
    printf 'x,y\n1,a\n,b\n3,c \n500,d\n5,e \n' >d.csv
    clean -q --missing x=drop --smooth x=exponential:0.5 --report d.html d.csv -o d.arrows
    page d.html | has "'x' is missing | 1 | row 2: x = missing, y = b" \
        'x | 3 | 0 | 0 | row 3: [-3-] → [+2+]; row 4: [-500-] → [+251+]; row 5: [-5-] → [+128+]'
    printf '%s' '{"rules": [{"name": "few", "column": "x", "range": [0, 100], "action": "drop"}]}' >rules.json
    clean -q --missing keep --rules rules.json --report f.html d.csv -o f.arrows
    page f.html | has 'Step 1: rules' "--rules '{...}'" 'Rows out: 4' 'Step 2: values'
}

@test "hostile names and values stay text" {
    python3 - <<'END'
import csv
evil = ['</td></table><script>alert(1)</script>', '\u202eevil\u2066', 'a\x01b\x7f', '"\'><img src=x onerror=alert(1)>',
        '<!-- ]]> --> &lt; &amp;', '\ufeff\u200b\u00ad', 'x' * 5000 + '<u>', 'a\u0301' * 400, '\uffff', '  ', 'a\n\tb']
with open('h.csv', 'w', encoding='utf-8', newline='') as file:
    rows = csv.writer(file, quoting=csv.QUOTE_ALL)
    rows.writerow(['</title><script>alert(2)</script>', '\u202ename', 'n' * 3000, 'plain'])
    for i, value in enumerate(evil * 3):
        rows.writerow([' ' + value, value + ' ', value.upper() + ' ', '' if i % 2 else value])
END
    clean -q --trim --case lower --missing keep --report h.html h.csv -o h.arrows
    page h.html >said
    grep -qF '(cut: 3,000 bytes)' said
    grep -qF '{U+202E}name' said
    grep -qF '{U+0001}' said
    grep -qF '{U+FEFF}{U+200B}{U+00AD}' said
    grep -qF '(cut: 5,004 bytes)' said
    [ "$(wc -c <h.html)" -lt 100000 ]
}

@test "--no-values leaves values out" {
    cleaned --no-values --report n.html -o a.arrows
    page n.html >said
    has <said 'age | 1 | 0 | 1 | filled with median (row 2); changed in row 3' "'paid' is missing | 1 | row 4"
    [ "$(grep -ciE 'paris|rome|1234|1\.234|999|<b>one|Minimum|Most frequent' said)" = 0 ]
}

@test "10,000 columns make no page that cannot be read" {
    awk 'BEGIN { n = 10000; for (i = 0; i < n; i++) printf "c%d%s", i, i < n - 1 ? "," : "\n"
        for (r = 0; r < 8; r++) for (i = 0; i < n; i++) printf "%s%s", (i + r) % 5 ? i % 2 ? " v" r : r : "", i < n - 1 ? "," : "\n" }' >w.csv
    clean -q --trim --report w.html w.csv -o w.arrows
    page w.html >said
    grep -qF 'the 40 of 10,000 columns with the most' said
    [ "$(wc -c <w.html)" -lt 200000 ]
}

@test "memory does not grow with the rows" {
    [ -z "$WEIR_SANITIZED" ] || skip 'memory means nothing in a sanitizer build'
    rows() { awk -v n="$1" 'BEGIN { print "x,t,u"; for (i = 0; i < n; i++) print (i * 7919) % 1000003 / 8 ", " i " ," (i % 9 ? "Abc" : "") }' >"$1.csv"; command load -q "$1.csv" -o "$1.arrows"; }
    peak() { /usr/bin/time -f %M clean -q --trim --case lower --range x=..100000 --report m.html "$1.arrows" -o m.arrows 2>&1; }
    rows 100000
    rows 1000000
    small=$(peak 100000) large=$(peak 1000000)
    [ "$large" -lt $((small * 5 / 4 + 4096)) ] || { echo "$small KB, then $large KB"; return 1; }
}

@test "nothing to tell, and no rows" {
    printf 'x,y\n1,a\n2,b\n' | clean -q --report n.html -o n.arrows
    page n.html | has 'Nothing was changed.' 'No column differs.' 'no options: the defaults'
    printf 'x,y\n' | clean -q --report e.html -o e.arrows
    page e.html | has 'Rows in: 0' 'Nothing was changed.'
}

@test "what cannot be is said, and the page appears whole or not at all" {
    fails 'clean --report - a.csv' 64 'clean: --report takes a file: standard output carries the stream'
    fails 'clean --report r.html -o r.html a.csv' 64 "clean: --report and --output name one file, 'r.html'"
    cleaned --save-state s.json -o a.arrows
    fails 'clean --merge s.json --save-state t.json --report r.html' 64 'clean: --report cannot stand beside --merge, which reads no stream'
    fails 'clean --report none/r.html -o b.arrows a.csv' 73 "clean: 'none/r.html': No such file or directory"
    [ ! -e b.arrows ]
    echo old >r.html
    head -c 300 a.arrows >cut.arrows
    fails 'clean --report r.html cut.arrows >/dev/null' 65 'clean: '
    [ "$(cat r.html)" = old ]
    [ -z "$(find . -name '.r.html.*')" ]
    if [ -e /dev/full ]; then
        fails 'clean --report /dev/full a.csv -o b.arrows' 74 "clean: cannot write '/dev/full': No space left on device"
    fi
}

@test "a browser shows the page without a fault, as wide as the window and no wider" {
    command -v chromium >/dev/null || skip 'no chromium here'
    cleaned --report r.html -o a.arrows
    for width in 400 1100; do
        # the page has no script: a frame around it is measured
        {
            printf '<body style="margin:0"><iframe id="f" style="border:0;width:%dpx;height:900px" srcdoc="' "$width"
            sed -e 's/&/\&amp;/g' -e 's/"/\&quot;/g' r.html
            # shellcheck disable=SC2016
            printf '"></iframe><script>document.getElementById("f").onload = e => { const d = e.target.contentDocument.documentElement; document.title = `${d.scrollWidth - d.clientWidth} too wide`; document.body.textContent = "measured " + document.title; };</script>'
        } >frame.html
        chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
            --disable-component-update --disable-sync --user-data-dir="$PWD/profile" --virtual-time-budget=5000 \
            --dump-dom "file://$PWD/frame.html" 2>/dev/null >dom
        grep -qF 'measured 0 too wide' dom || { grep -o 'measured [^<]*' dom; return 1; }
    done
}
