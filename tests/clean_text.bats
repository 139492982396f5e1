# clean: what becomes of text.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cat >t.csv <<'END'
id,text,city,label
1,"<p>Fish &amp; chips</p><p>at http://example.com/a (or ann@example.com)</p>",Paris,yes
2,Soooo   good!!! Straße,"  Rome",no
3,plain,Lima,yes
4,"<script>x()</script>",Lima,no
END
    command load -q t.csv -o t.arrows
}

all=(--html text --unicode nfkc --drop-controls --urls token --emails 'constant=[mail]' --repeats 2 --squeeze --case fold --trim)
csv() { save -q --format csv -; }
# closing FILE ARGUMENT...: the closing line, with the output as CSV in out.csv
closing() { clean "$@" 2>said -o out.arrows && csv <out.arrows >out.csv && cat said; }
# texts ARGUMENT...: what standard input, a text, becomes
texts() { { echo text; sed 's/"/""/g; s/.*/"&"/'; } >in.csv && clean -q --missing keep "$@" in.csv | csv | tail -n +2; }

@test "all steps, in their order, with what each changed" {
    is "$(closing "${all[@]}" t.arrows)" "clean: 4 rows in, 4 out (html 2 (2 in 'text'), urls 1 (1 in 'text'), emails 1 (1 in 'text'), repeats 1 (1 in 'text'), squeezed 2 (1 in 'text', 1 in 'city'), case 6 (2 in 'text', 4 in 'city'), trimmed 1 (1 in 'city'), left empty 1 (1 in 'text'), filled 1 (1 in 'text': category))"
    cat >wanted <<'END'
id,text,city,label
1,fish & chips at <url> (or [mail]),paris,yes
2,soo good!! strasse,rome,no
3,plain,lima,yes
4,missing,lima,no
END
    diff wanted out.csv
}

@test "text that nothing changes passes as it is" {
    clean -q --drop-controls --unicode nfc t.arrows | csv >changed
    csv <t.arrows | diff - changed
    [ "$(clean --drop-controls --unicode nfc t.arrows 2>&1 >/dev/null)" = 'clean: 4 rows in, 4 out' ]
}

@test "HTML: tags, entities, scripts; what is none stays" {
    is "$(echo '<td>1</td><td>a<b>b</b>&nbsp;&euro;&#x20AC;&#128;&copy2</td><!-- x --><style>p{}</style>' | texts --html text)" \
        $'1 ab\u00a0€€€©2'
    is "$(echo '1 < 2 & <3 <ann@example.com> x <y' | texts --html text)" '1 < 2 & <3 <ann@example.com> x <y'
    is "$(echo '<b>R&amp;D</b> &amp;lt;' | texts --html entities)" '<b>R&D</b> &lt;'
}

@test "two spellings of a letter become one, and joiners stay where they shape" {
    is "$(printf 'Cafe\u0301\nCafé\n' | texts --unicode nfc | sort -u)" Café
    is "$(printf 'ﬁ Ａ① x²\n' | texts --unicode nfkc)" 'fi A1 x2'
    persian=$'می\u200cخواهم' hindi=$'क्\u200dष' emoji=$'👩\u200d💻 ❤\ufe0f'
    is "$(printf '\ufeffa\u200bb\u00adc\u202e %s %s %s\n' "$persian" "$hindi" "$emoji" | texts --drop-controls)" \
        "abc $persian $hindi $emoji"
    is "$(printf 'a\u0007b\u000bc\n' | texts --drop-controls)" 'ab c'
}

@test "addresses: remove, token, constant" {
    echo 'see http://a.b/c_(d), www.e.f; mail g@h.ij.' >one
    is "$(texts --urls remove <one)" '"see , ; mail g@h.ij."'
    is "$(texts --urls token --emails token <one)" '"see <url>, <url>; mail <email>."'
    is "$(texts --emails 'constant=a, b' <one)" '"see http://a.b/c_(d), www.e.f; mail a, b."'
    is "$(echo '访问http://例.com获取。' | texts --urls token)" '访问http://例.com获取。'
    is "$(echo '访问http://a.com/б获取。' | texts --urls token)" '访问<url>获取。'
}

@test "only the columns that are named" {
    is "$(clean -q --case upper --text-columns city,label t.arrows | csv | sed -n '3p')" '2,Soooo   good!!! Straße,"  ROME",NO'
    pick -q --role city=group <t.arrows >g.arrows
    is "$(clean -q --trim g.arrows | column /dev/stdin city | sed -n 2p)" '"  Rome"'
    is "$(clean -q --trim --text-columns city g.arrows | column /dev/stdin city | sed -n 2p)" Rome
    fails 'clean --trim --text-columns id t.arrows >/dev/null' 64 "clean: column 'id' has the role 'id', which 'clean' never changes"
    fails 'clean --trim --text-columns nope t.arrows >/dev/null' 64 "clean: no column 'nope' here"
    printf 'x,y\na,1\n' >n.csv
    fails 'clean --trim --text-columns y n.csv >/dev/null' 64 "clean: option '--text-columns': column 'y' is int64, no text"
    fails 'clean --text-columns city t.arrows >/dev/null' 64 'clean: --text-columns says where, and no option what is to be done to text there'
}

@test "usage errors" {
    tells 'clean --urls drop t.arrows' 64 "clean: option '--urls': 'drop' is none of remove, token, constant=TEXT"
    fails 'clean --emails constant t.arrows >/dev/null' 64 "clean: option '--emails': 'constant' is none of remove, token, constant=TEXT"
    fails 'clean --html t.arrows >/dev/null' 64 "option '--html'"
    fails 'clean --repeats 0 t.arrows >/dev/null' 64 "option '--repeats' takes a whole number from 1 to 1000, not '0'"
    fails 'clean --unicode nfd t.arrows >/dev/null' 64 "option '--unicode'"
}

@test "score does to raw text what was done before training" {
    for i in $(seq 50); do sed -n '2,3p' t.csv | sed "s/^[0-9]*/$i$RANDOM/"; done >rows
    { head -n 1 t.csv; cat rows; } >many.csv
    clean -q "${all[@]}" many.csv | train -q -o m.model
    clean -q "${all[@]}" t.csv -o done.arrows
    score -q m.model <t.csv -o raw.arrows
    score -q m.model <done.arrows -o again.arrows
    for file in raw again; do pick -q --drop text,city,label <$file.arrows | csv >$file; done
    diff raw again
    [ "$(cut -d, -f2- raw | sort -u | wc -l)" -gt 3 ] # no two texts are one to the model
}

@test "a state does the same again" {
    clean -q "${all[@]}" --save-state s.json t.arrows | csv >first
    clean -q --state s.json t.arrows | csv | diff first -
}
