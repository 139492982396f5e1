# plot: every kind, its numbers beside those of metrics, every format, terminals, and what it refuses.
load helper

golden=$BATS_TEST_DIRNAME/golden

# drawn FILE: checks the drawing, and prints its texts and how many shapes it has.
drawn() { python3 "$TREE/tests/svg.py" "$1"; }

# shows FILE LINE...: the drawing has these lines.
shows() {
    drawn "$1" >shown || return 1
    shift
    for line; do grep -qxF -- "$line" shown || { printf 'no line: %s\n' "$line"; cat shown; return 1; }; done
}

log() { # epochs of a training, as train writes them
    awk 'BEGIN { for (e = 1; e <= 12; e++) printf "{\"epoch\":%d,\"step\":%d,\"loss\":%g,\"accuracy\":%g,\"validation_loss\":%g,\"validation_accuracy\":%g,\"learning_rate\":%g,\"seconds\":0.1}\n", e, e * 10, 1 / e, 1 - 1 / (e + 1), 0.2 + (e - 7) ^ 2 / 100, 0.8, 0.01 / e }'
}

@test "curves: the areas are those of metrics, all of it is on the drawing" {
    metrics --json -q "$golden/metrics-two.arrows" >m.json
    plot roc -q "$golden/metrics-two.arrows" -o roc.svg
    drawn roc.svg >roc
    grep -qx 'ROC curve' roc
    grep -qx '363 rows, 110 of them yes' roc
    is "$(grep AUC roc)" "$(jq -r .auc m.json | xargs printf 'AUC %.4f')"
    plot precision-recall -q "$golden/metrics-two.arrows" -o pr.svg
    is "$(drawn pr.svg | grep ^AP)" "$(jq -r .pr_auc m.json | xargs printf 'AP %.4f')"
    plot roc -q "$golden/metrics-four.arrows" -o four.svg
    is "$(drawn four.svg | awk '/^AUC/ { sum += $2; n++ } END { printf "%d %.3f", n, sum / n }')" \
        "$(metrics --json -q "$golden/metrics-four.arrows" | jq -r .auc | xargs printf '4 %.3f')"
}

@test "the confusion matrix is that of metrics, cell by cell" {
    plot confusion -q "$golden/metrics-four.arrows" -o c.svg
    drawn c.svg >c
    metrics --json -q "$golden/metrics-four.arrows" | jq -r '.confusion[][]' >wanted
    grep -o 'label [^<]*, predicted [^<]*: [0-9]* row' c.svg | sed 's/.*: //; s/ row//' | cmp - wanted
    grep -xE '[0-9]+' c | head -n 20 | grep -qx 75
}

@test "calibration: every row is in a bin" {
    plot calibration -q "$golden/metrics-two.arrows" -o c.svg
    drawn c.svg >c
    is "$(grep -oE '>[0-9]+ rows? with a probability' c.svg | tr -dc '0-9\n' | paste -sd+ | bc)" 363
    grep -qx 'share of yes' c
    grep -qF 'mark: 15' c
    printf '{"y":"%s","prediction":"%s","probability":[%s]}\n' a b 0.09,0.91 b b 0.07,0.93 b a 0.7,0.3 >three.jsonl
    command load -q --types 'probability=fixed_list<float64>[2]' --label y three.jsonl -o three.arrows
    plot calibration -q three.arrows -o three.svg
    grep -qF '<title>2 rows: mean probability 0.9200, share 0.5000</title>' three.svg
    grep -qF '<title>1 row: mean probability 0.3000, share 1.0000</title>' three.svg
    plot calibration -q --log-scale y "$golden/metrics-four.arrows" -o four.svg
    shows four.svg 'probability of the prediction'
}

@test "numbers: predicted over true, and residuals that add up" {
    plot predicted -q "$golden/metrics-numbers.arrows" -o p.svg
    shows p.svg 'mark: 273'
    plot residuals -q "$golden/metrics-numbers.arrows" -o r.svg
    is "$(drawn r.svg | grep -c 'rect: ')" 1
    is "$(grep -oE '>[0-9]+ rows? from' r.svg | tr -dc '0-9\n' | paste -sd+ | bc)" 273
    { echo y,prediction; seq 6000 | sed 's/.*/&.5,&.25/'; } >many.csv
    plot predicted -q --label y many.csv -o many.svg
    drawn many.svg >many
    grep -qx '6,000 rows, 5,000 of them drawn, by chance' many
    grep -qx 'mark: 5000' many
    plot residuals -q --label y many.csv | grep -qF '<title>6,000 rows from -0.25 to below' # predicted - true
}

@test "learning curves: of what train writes, and an epoch that comes again replaces" {
    log >train.log
    plot learning train.log -o l.svg 2>err
    drawn l.svg >l
    grep -qx '12 epochs; lowest validation loss 0.2 in epoch 7' l
    for text in training validation loss accuracy 'learning rate' epoch; do grep -qx "$text" l; done
    { head -n 9 train.log; tail -n +6 train.log; } >again.log
    plot learning again.log | cmp - l.svg
    plot learning <train.log | cmp - l.svg
    plot learning --log-scale y train.log >ly.svg
    shows ly.svg loss accuracy 'learning rate'
    seq 20000 | awk '{ printf "{\"epoch\":%d,\"loss\":%g}\n", $1, ($1 % 2 + 1) / $1 }' >long.log
    plot learning long.log --log-scale xy -o long.svg
    shows long.svg training '20,000 epochs'
    never grep -qx validation shown
    # each of the first ten epochs, which have a quarter of the axis
    is "$(grep 'stroke-width="2"' long.svg | sed 's/.*points="//; s/".*//' | xargs -n 2 | awk '$1 < 225.5' | wc -l)" 10
    command load -q "$TREE/examples/customers.csv" --label churned --drop customer_id,name,city,plan |
        clean -q | train -q --net 'dense 2' --epochs 3 --validation 0.2 --log own.log -o m.model
    plot learning own.log -o own.svg
    drawn own.svg >own
    grep -q '^3 epochs; lowest' own
}

@test "learning: a log cut at any byte is drawn without its last line, or refused" {
    log | head -n 3 >train.log
    size=$(wc -c <train.log)
    for at in $(seq 0 11 "$size"); do
        head -c "$at" train.log >cut.log
        epochs=$(grep -c '}$' cut.log || true)
        if [ "$epochs" = 0 ]; then
            fails 'plot learning cut.log' 65 "plot: 'cut.log': "
            continue
        fi
        plot learning cut.log --format text >out 2>err
        sed -n 2p out | grep -q "^$epochs epoch"
        whole=$(tail -n 1 cut.log | grep -c '}$' || true)
        [ "$whole" = 1 ] || grep -qx 'plot: the last line of the log is not complete, and is left out' err
        [ "$whole" = 0 ] || [ ! -s err ]
    done
}

@test "learning: what is no log" {
    echo '{"epoch":1,"loss":"small"}' >a.log
    fails 'plot learning a.log' 65 "plot: 'a.log': line 1: \"loss\" is no number"
    echo '{"loss":1}' >a.log
    fails 'plot learning a.log' 65 "'a.log': line 1: no \"epoch\" in a JSON object: only what \`train --log\` writes can be drawn"
    printf '{"epoch":1,"loss":1}\n{"epoch":-1}\n' >a.log
    fails 'plot learning a.log' 65 "line 2: \"epoch\" is no number of an epoch"
    printf '\n\n' >a.log
    fails 'plot learning a.log' 65 "'a.log': no epoch in it"
    printf '{"epoch":1}\nnone\n{"epoch":2}\n' >a.log
    fails 'plot learning a.log' 65 "'a.log': line 2: no JSON at byte"
    { printf '{"epoch":1,"x":"'; head -c 70000 /dev/zero | tr '\0' x; printf '"}\n'; } >a.log
    fails 'plot learning a.log' 65 "'a.log': line 1: longer than 65536 bytes"
    fails 'plot learning none.log' 66 "'none.log': No such file or directory"
    fails 'plot learning a.log b.log' 64 'learning curves are drawn of one log'
    echo '{"epoch":1}' >a.log
    plot learning a.log >one.svg
    shows one.svg 'No loss is told in it that is a finite number.'
}

@test "histograms: counts add up, groups, logarithms" {
    printf 'a,b,g,t\n1,0.5,x,w\n2,0.25,y,w\n2,-1,x,w\n,4,z,w\n' >h.csv
    plot histogram -q h.csv -o h.svg
    drawn h.svg >h
    grep -qx a h && grep -qx b h && grep -qx '1 missing' h
    grep -qF '<title>2 rows from 1.5 to below 2.5</title>' h.svg
    plot histogram -q --columns a --by g h.csv -o by.svg
    shows by.svg 'Histogram by g'
    sed 's/,z,/,,/' h.csv >without.csv
    plot histogram -q --columns a --by g without.csv -o without.svg
    shows without.svg '1 row without a value left out'
    plot histogram -q --columns b --log-scale xy h.csv -o log.svg
    shows log.svg '1 not above 0 and left out'
    is "$(grep -oE '1 row from [0-9.e-]+ to below [0-9.e-]+' log.svg | awk '{ for (v = 0.25; v <= 4; v *= 2) if ($4 <= v && v < $7) print v }' | paste -sd' ')" '0.25 0.5 4'
    seq 1 1000 | awk 'BEGIN { print "x" } { print $1 / 7 }' >many.csv
    plot histogram -q many.csv -o many.svg
    is "$(grep -oE '>[0-9]+ rows? from' many.svg | tr -dc '0-9\n' | paste -sd+ | bc)" 1000
    sort -R --random-source=<(yes) h.csv | grep -v '^a,' | { head -n 1 h.csv; cat; } >shuffled.csv
    plot histogram -q --columns a --by g shuffled.csv | cmp - by.svg
}

@test "scatter: two columns, the first elements of a list, the label's colours, a sample" {
    { echo a,b,y; seq 300 | awk '{ print $1 "," $1 % 17 "," ($1 % 3 ? "no" : "yes") }'; } >s.csv
    plot scatter -q --label y s.csv -o s.svg
    drawn s.svg >s
    for text in 'b over a' '300 rows' no yes 'mark: 302'; do grep -qx "$text" s; done
    plot scatter -q --label y --points 100 --seed 1 s.csv -o few.svg
    drawn few.svg >few
    grep -qx '300 rows, 100 of them drawn, by chance' few
    grep -qx 'mark: 102' few
    command load -q --label y s.csv -o s.arrows
    { head -n 100 s.csv | command load -q --like s.arrows; { head -n 1 s.csv; tail -n +101 s.csv; } | command load -q --like s.arrows; } |
        plot scatter -q --points 100 --seed 1 | cmp - few.svg
    plot scatter -q --points 100 --seed 2 s.arrows >other.svg
    never cmp -s other.svg few.svg
    printf '{"v":[1,2,3],"y":"a"}\n{"v":[4,5,null],"y":"b"}\n{"v":[null,5,6],"y":"b"}\n' >l.jsonl
    command load -q --types 'v=fixed_list<float64>[3]' --label y l.jsonl -o l.arrows
    plot scatter -q l.arrows -o l.svg
    drawn l.svg >l
    grep -qx 'v 2 over v 1' l
    grep -qx '3 rows, 1 without both numbers' l
    plot scatter -q --columns v l.arrows | cmp - l.svg
    printf 'a,b\n5,-1\n5,2\n' >same.csv
    plot scatter -q --log-scale x same.csv -o same.svg
    shows same.svg '2 rows'
    plot scatter -q --log-scale y same.csv -o same.svg
    shows same.svg '2 rows; no logarithms: not all are above 0'
}

@test "images: bytes, shares and other numbers; right and wrong" {
    python3 - <<'PY'
import struct
with open("i.idx", "wb") as f:
    f.write(struct.pack(">IIII", 0x803, 30, 4, 5) + bytes(i % 256 for i in range(30 * 20)))
with open("l.idx", "wb") as f:
    f.write(struct.pack(">II", 0x801, 30) + bytes(i % 3 for i in range(30)))
PY
    command load -q i.idx --labels l.idx -o i.arrows
    plot images -q i.arrows -o i.svg
    drawn i.svg >i
    grep -qx '25 pictures' i
    grep -qx 'image: 25' i
    plot images -q --rows 30 i.arrows >one.svg
    shows one.svg 'image: 30'
    plot images -q --rows 5 i.arrows --format png | file - | grep -q 'PNG image data, 720 x 480, 8-bit/color RGB'
    train -q --model logistic i.arrows -o i.model
    score -q i.model i.arrows | plot images -q -o s.svg
    drawn s.svg >s
    grep -qE '^25 pictures, [0-9]+ predicted wrongly: framed, with the label below$' s
    normalize -q i.arrows | plot images -q >n.svg
    shows n.svg 'image: 25'
}

@test "labels of any kind stay text: markup, controls, both directions, very long, empty" {
    printf 'y,prediction\n<script>alert(1)</script>,a\na,<script>alert(1)</script>\n\xd7\xa9\xd7\x9c,\xe2\x80\xaex\n"",a\n%s,a\n\x1b[31m,a\n' \
        "$(head -c 3000 /dev/zero | tr '\0' w)" >odd.csv
    plot confusion -q --label y --title '&<"> 日本' odd.csv -o odd.svg
    drawn odd.svg >odd
    grep -qxF '&<"> 日本' odd
    grep -qF 'U+202Ex' odd
    grep -qF 'U+001B[31m' odd
    plot confusion -q --label y odd.csv --format text >odd.txt
    never grep -q "$(printf '\x1b')" odd.txt
    [ "$(wc -L <odd.txt)" -le 80 ]
}

# squares FILE CLASSES: whether each row of squares is as high as its letters, and each square has its number.
squares() {
    python3 - "$1" "$2" <<'END'
import re, sys
source, classes = open(sys.argv[1], encoding="utf-8").read(), int(sys.argv[2])
texts = re.findall(r'<text class="(f\d+)(?: b)?"(?: text-anchor="(\w+)")? font-size="([\d.]+)" x="([-\d.]+)" y="([-\d.]+)">([^<]*)<', source)
numbers = [t for t in texts if re.fullmatch(r"[\d,]+", t[5]) and t[1] == "middle"]
lines = sorted({float(t[4]) for t in numbers})
size = float(numbers[0][2])
assert len(numbers) == classes ** 2, len(numbers)
assert len(lines) == classes, lines
assert all(b - a >= 1.1 * size for a, b in zip(lines, lines[1:])), (size, lines)
END
}

@test "the squares of up to 20 classes hold their numbers, or give way" {
    seq 6000 | awk '{ a = $1 % 20; printf "category number %02d of the catalogue,category number %02d of the catalogue\n", a, $1 % 7 ? a : int(rand() * 20) }' >rows
    { echo y,prediction; cat rows; } >twenty.csv
    plot confusion -q --label y twenty.csv -o twenty.svg
    squares twenty.svg 20
    grep -qF '>6,000 rows; the shade is the share of the label' twenty.svg
    plot confusion -q --label y --width 420 --height 380 twenty.csv -o small.svg
    squares small.svg 20
    grep -qF '>6,000 rows; shares of the label' small.svg
    plot confusion -q --label y --width 200 --height 160 twenty.csv -o tiny.svg
    drawn tiny.svg >tiny
    grep -q '^20 classes; label →' tiny
    metrics -q --label y --report page.html twenty.csv >/dev/null
    python3 "$TREE/tests/html_page.py" page.html >/dev/null
    is "$(grep -c ', predicted [^<]*: [0-9,]* rows\?, ' page.html)" 400
    plot confusion -q --label y --format text twenty.csv >twenty.txt
    grep -q '^20 classes; label → predicted, ' twenty.txt
    sed 's/category number //g; s/ of the catalogue//g' twenty.csv >short.csv
    plot confusion -q --label y --format text --width 1280 short.csv >short.txt
    is "$(grep -cE '^ *[0-9]{2}( +[0-9]+){20}$' short.txt)" 20
}

@test "labels that differ in what is not seen are told apart" {
    for y in no ' no' 'no ' 'n  o' 'n o'; do printf '{"y":"%s","prediction":"no"}\n' "$y"; done >blanks.jsonl
    plot confusion -q --label y blanks.jsonl -o blanks.svg
    drawn blanks.svg | grep -xE '[no␣ ]+' | sort -u | paste -sd, >names
    is "$(LC_ALL=C sed 's/,/\n/g' names | LC_ALL=C sort | paste -sd,)" "$(printf 'n o\nn␣␣o\nno\nno␣\n␣no\n' | LC_ALL=C sort | paste -sd,)"
    metrics -q --label y --report blanks.html blanks.jsonl >/dev/null
    grep -qF '<bdi><i class="mark">␣</i>no</bdi>' blanks.html
}

@test "numbers that are all the same have a bar that is seen" {
    { echo x; seq 50 | sed 's/.*/7.25/'; } >same.csv
    plot histogram -q same.csv -o same.svg
    drawn same.svg >same
    grep -qF '<title>50 rows from 7.25 to below' same.svg
    python3 - same.svg <<'END'
import re, sys
bar = re.search(r'<rect class="f4" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', open(sys.argv[1]).read())
assert float(bar[3]) >= 2 and float(bar[4]) > 100, bar
END
    plot histogram -q --format text same.csv | grep -q '[▐█▌]'
}

@test "many classes: the largest confusions; one class: a ROC curve is not defined" {
    { echo y,prediction; seq 3000 | awk '{ print "c" $1 % 1000 ",c" ($1 % 1000 < 5 ? 999 : $1 % 1000) }'; } >many.csv
    plot confusion -q --label y many.csv -o many.svg
    drawn many.svg >many
    grep -qx '1,000 classes; label → predicted, 15 of 15 wrong rows' many
    is "$(grep -cx 3 many)" 5
    { echo y,prediction; seq 30 | sed 's/.*/c&,c&/'; } >right.csv
    plot confusion -q --label y right.csv >one.svg
    shows one.svg 'No row is confused: every prediction is the label.'
    printf '{"y":"a","prediction":"a","probability":[0.9,0.1]}\n' >one.jsonl
    command load -q --types 'probability=fixed_list<float64>[2]' --label y one.jsonl -o one.arrows
    fails 'plot roc one.arrows' 65 'column '"'probability'"' has 2 classes'
    printf '{"y":"a","prediction":"a","probability":[0.9,0.1]}\n{"y":"a","prediction":"b","probability":[0.2,0.8]}\n' >one.jsonl
    command load -q --types 'probability=fixed_list<float64>[2]' --label y one.jsonl -o one.arrows
    plot roc -q one.arrows >one.svg
    shows one.svg 'Not defined: all labels are of one class.'
    plot precision-recall -q one.arrows >one.svg
    shows one.svg 'Not defined: no row has the class as its label.'
}

@test "usage: kinds and options" {
    printf 'a,b\n1,2\n' >a.csv
    fails 'plot' 64 'plot: what is to be drawn? It is named first: plot roc scored.arrows'
    fails 'plot rok a.csv' 64 "plot: 'rok' is no kind of plot; did you mean 'roc'?"
    fails 'plot 12345 a.csv' 64 "plot: '12345' is no kind of plot: learning, confusion, roc"
    fails 'plot roc --columns a a.csv' 64 "plot: --columns is not for a plot of the kind 'roc'"
    fails 'plot histogram --points 5 a.csv' 64 "--points is not for a plot of the kind 'histogram'"
    fails 'plot scatter --columns a a.csv' 64 'a scatter takes two columns of numbers, or one of lists of one length, not 1'
    fails 'plot scatter --columns a,c a.csv' 65 "no column 'c' here"
    fails 'plot scatter --width 10 a.csv' 64 "option '--width' takes a whole number from 160 to 8000, not '10'"
    fails 'plot images --columns a,b a.csv' 64 'a grid of pictures takes one column, not 2'
}

@test "bad input: no predictions, no numbers, NaN, no rows, a cut stream" {
    { echo y,prediction; seq 200 | sed 's/.*/&.5,&.25/'; } >floats.csv
    fails 'plot confusion --label y floats.csv' 65 "column 'prediction' has numbers, of which a plot of the kind 'predicted' is made"
    printf 'a,b\nx,y\n' >t.csv
    fails 'plot roc t.csv' 65 "no column 'prediction' here: only what \`score\` writes can be measured"
    fails 'plot histogram t.csv' 65 'no column of numbers here'
    fails 'plot histogram --columns a t.csv' 65 "column 'a' (utf8) has no numbers"
    fails 'plot scatter t.csv' 65 'no two columns of numbers here'
    fails 'plot images t.csv' 65 'no column of pictures here'
    printf 'y,prediction\na,a\n' >p.csv
    fails 'plot roc --label y p.csv' 65 "no column 'probability' here, of which a plot of the kind 'roc' is made"
    printf '{"y":"a","prediction":"a","probability":[0.5,0.5]}\n{"y":"b","prediction":"a","probability":["nan",0.5]}\n' >n.jsonl
    command load -q --types 'probability=fixed_list<float64>[2]' --label y n.jsonl -o n.arrows
    fails 'plot roc n.arrows' 65 'row 2: nan is no probability'
    printf 'y,prediction\n1.5,inf\n' >inf.csv
    fails 'plot predicted --label y inf.csv' 65 'row 1: label 1.5 and prediction inf cannot be compared'
    head -n 1 p.csv >none.csv
    command load -q --like <(command load -q --label y p.csv) none.csv -o none.arrows
    fails 'plot confusion none.arrows' 65 'no row has both a label and a prediction'
    printf 'a,b\n1,2\n' | command load -q -o ab.arrows
    printf 'a,b\n' | command load -q --like ab.arrows -o empty.arrows
    plot histogram -q empty.arrows >one.svg
    shows one.svg 'No number has a place here.'
    plot scatter -q empty.arrows >one.svg
    shows one.svg 'No row has both numbers.'
    printf 'a,b\ninf,2\n1,nan\n3,3\n' >i.csv
    plot histogram -q --columns a i.csv >one.svg
    shows one.svg '1 not finite and left out'
    plot scatter -q i.csv >one.svg
    shows one.svg '3 rows, 2 without both numbers'
    echo old >o.svg
    for size in 1 100 1000 3000; do
        head -c "$size" "$golden/metrics-two.arrows" >cut.arrows
        fails 'plot roc cut.arrows -o o.svg' 65 'plot: '
    done
    [ "$(cat o.svg)" = old ]
    if [ -e /dev/full ]; then
        fails "plot roc $golden/metrics-two.arrows >/dev/full" 74 'No space left on device'
    fi
}

@test "numbers of any size have a place on the drawing" {
    printf 'a,b\n1e308,1e-300\n-1e308,5e-324\n0,1\n' >huge.csv
    for kind in histogram scatter; do
        plot $kind -q huge.csv -o h.svg
        drawn h.svg >/dev/null
        plot $kind -q --log-scale xy huge.csv -o h.svg
        drawn h.svg >/dev/null
    done
    printf 'y,prediction\n1e308,-1e308\n1.5,2\n' >far.csv
    for kind in predicted residuals; do
        plot $kind -q --label y far.csv -o h.svg
        drawn h.svg >/dev/null
    done
    printf 'a,b\n3,7\n3,7\n' >same.csv
    for size in '--width 160 --height 120' '--width 8000 --height 160' '--format text --width 160 --height 120'; do
        # shellcheck disable=SC2086 # several words
        plot scatter -q $size same.csv >out
        # shellcheck disable=SC2086
        plot histogram -q $size same.csv >out
    done
}

@test "a terminal gets a picture by its name alone, others characters" {
    log >train.log
    cat >terminal.py <<'PY'
import os, pty, sys, struct, fcntl, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 800, 600))
    for name in "TERM TERM_PROGRAM KITTY_WINDOW_ID COLORTERM NO_COLOR".split():
        os.environ.pop(name, None)
    os.environ.update(word.split("=") for word in sys.argv[1:])
    os.execvp("plot", ["plot", "-q", "learning", "train.log"])
data = b""
while True:
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    data += piece
sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
    escape=$(printf '\x1b')
    begins() { # begins TEXT WORD...: what a terminal with these variables is sent begins so
        local text=$1
        shift
        timeout 20 python3 terminal.py "$@" >sent
        [[ "$(head -c 200 sent | tr -d '\0')" == "$text"* ]] || { echo "$*:"; head -c 200 sent | od -c | head -n 5; return 1; }
    }
    begins "${escape}_Gf=100,a=T,q=2," TERM=xterm-kitty
    begins "${escape}_Gf=100,a=T,q=2," TERM=xterm-256color KITTY_WINDOW_ID=1
    begins "${escape}_Gf=100,a=T,q=2," TERM=xterm-256color TERM_PROGRAM=ghostty
    begins "${escape}]1337;File=inline=1;" TERM=xterm-256color TERM_PROGRAM=iTerm.app
    begins "${escape}Pq\"1;1;800;480" TERM=foot
    begins "${escape}Pq\"1;1;800;480" TERM=xterm+sixel
    begins "${escape}[0;1mLearning curves" TERM=xterm-256color
    begins "${escape}[0;1mLearning curves" TERM=tmux-256color KITTY_WINDOW_ID=1 TERM_PROGRAM=tmux
    begins "${escape}[0;1mLearning curves" TERM=xterm COLORTERM=truecolor
    grep -qF '38;2;' sent
    begins 'Learning curves' TERM=xterm-256color NO_COLOR=1
    never grep -qF "$escape" sent
    begins 'Learning curves' TERM=dumb
    [ "$(wc -L <sent)" -le 99 ] && [ "$(wc -l <sent)" -le 29 ]
}

@test "formats: by option, by the ending of the file, the same bytes each time" {
    log >train.log
    plot learning train.log -o a.png
    plot learning train.log --format png | cmp - a.png
    file a.png | grep -q 'PNG image data, 720 x 540'
    plot learning train.log --width 300 --height 200 --dark -o b.PNG
    file b.PNG | grep -q '300 x 200'
    plot learning train.log -o a.txt
    plot learning train.log --format text | cmp - a.txt
    head -n 1 a.txt | grep -qx 'Learning curves'
    plot learning train.log -o a.svg
    plot learning train.log | cmp - a.svg
    plot learning train.log --format sixel >a.sixel
    head -c 3 a.sixel | grep -q Pq
}

@test "histograms: the largest doubles, at both ends" {
    for values in '1.7976931348623157e308 1 2' '-1.7976931348623157e308 -1.7976931348623157e308' \
        '-1.7976931348623157e308 0 1.7976931348623157e308'; do
        printf '%s\n' x $values >largest.csv
        timeout 10 plot histogram -q largest.csv -o largest.svg # it looked for bins for ever
        never grep -qE '[^a-z](inf|nan)' largest.svg
        profile -q largest.csv -o largest.json
        show largest.json >/dev/null
        profile -q --merge largest.json largest.json -o twice.json
    done
}

@test "memory does not grow with the rows of a scatter, a histogram or a grid" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    for rows in 300000 900000; do
        seq $rows | awk 'BEGIN { print "a,b,g" } { print $1 "," $1 * 7919 % 5003 ",g" $1 % 7 }' |
            load -q - -o many.arrows
        peak plot scatter -q --by g many.arrows >"scatter.$rows"
        peak plot histogram -q --columns a,b --by g many.arrows >"histogram.$rows"
    done
    for kind in scatter histogram; do
        [ "$(cat $kind.900000)" -le "$(($(cat $kind.300000) + 6000))" ]
    done
}

@test "a browser shows every kind, in light and in dark" {
    command -v chromium >/dev/null || skip 'no chromium here'
    log >train.log
    plot learning train.log -o 1.svg
    plot roc -q "$golden/metrics-four.arrows" -o 2.svg
    plot confusion -q "$golden/metrics-two.arrows" -o 3.svg
    cat >page.html <<'PAGE'
<body><script>
let left = 3, said = [];
for (const i of [1, 2, 3]) {
    const frame = document.createElement("iframe");
    frame.src = i + ".svg";
    frame.onload = () => {
        const svg = frame.contentDocument.documentElement, ground = frame.contentWindow.getComputedStyle(svg.querySelector("rect")).fill;
        let beyond = 0;
        for (const text of svg.querySelectorAll("text")) {
            const box = text.getBoundingClientRect(), all = svg.getBoundingClientRect();
            if (box.left < all.left - 1 || box.right > all.right + 1 || box.top < all.top - 1 || box.bottom > all.bottom + 1) beyond++;
        }
        said.push(`${i}: ${svg.tagName} ${ground} ${beyond} beyond`);
        if (--left == 0) document.body.textContent = said.sort().join("; ");
    };
    document.body.append(frame);
}
</script></body>
PAGE
    for dark in 1 0; do # the value that Chromium has for dark is 0
        chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
            --disable-component-update --disable-sync --user-data-dir="$PWD/profile" --allow-file-access-from-files \
            --blink-settings=preferredColorScheme=$dark --virtual-time-budget=5000 --dump-dom "file://$PWD/page.html" 2>/dev/null >dom
        ground=$([ $dark = 1 ] && echo 'rgb(255, 255, 255)' || echo 'rgb(20, 23, 27)')
        grep -qF "1: svg $ground 0 beyond; 2: svg $ground 0 beyond; 3: svg $ground 0 beyond" dom || { cat dom; return 1; }
    done
}
