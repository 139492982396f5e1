# clean --rules: what a person says that values may be.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cat >a.csv <<'END'
id,age,price,email,plan,start,stop,n,label
1,20,1.5,a@b.org,free,2001-01-01,2001-02-01,7,yes
2,17,-2,no mail,pro,2001-01-03,2001-01-02,x,no
3,,4,c@d.org,gold,2001-01-05,,12,yes
4,150,4.5,e@,free,2001-01-11,2001-01-11,99,
5,30,0.5,,pro,2001-01-06,2002-01-06,,no
END
    command load -q --id id --label label a.csv -o a.arrows
}

csv() { save -q --format csv -; }
# rules TEXT...: rules.json of these rules
rules() { (IFS=,; echo "{\"rules\": [$*]}") >rules.json; }
# ruled COLUMN RULE...: the values of a column behind the rules
ruled() {
    local column=$1
    shift
    rules "$@"
    clean -q --missing keep --keep-unlabelled --rules rules.json a.arrows | column /dev/stdin "$column" | tr '\n' ,
}
# refused TEXT RULE...: the file is refused so
refused() {
    local text=$1
    shift
    rules "$@"
    tells 'clean --rules rules.json a.arrows' 65 "clean: rules.json: $text"
}
# unfit TEXT RULE...: the rules do not fit the columns
unfit() {
    local text=$1
    shift
    rules "$@"
    tells 'clean --rules rules.json a.arrows' 65 "clean: $text"
}

@test "a range: null, clip, set, drop" {
    is "$(ruled age '{"column": "age", "range": [18, 100]}')" '20, , , ,30,'
    is "$(ruled age '{"column": "age", "range": [18, 100], "action": "clip"}')" '20,18, ,100,30,'
    is "$(ruled age '{"column": "age", "range": [18.5, 100.5], "action": "clip"}')" '20,19, ,100,30,'
    is "$(ruled age '{"column": "age", "range": [18, null], "action": {"set": -1}}')" '20,-1, ,150,30,'
    is "$(ruled id '{"column": "age", "range": [null, 100], "action": "drop"}')" '1,2,3,5,'
    is "$(ruled price '{"column": ["price", "age"], "range": [0, 4.25], "action": "clip"}')" '1.5,0,4,4.25,0.5,'
    is "$(ruled stop '{"column": "stop", "range": ["2001-01-11", "2001-12-31"]}')" '2001-02-01, , ,2001-01-11, ,'
}

@test "type: what a column of text reads as, and what it then may be" {
    is "$(ruled n '{"column": "n", "type": "integer"}')" '7, ,12,99, ,'
    is "$(ruled n '{"column": "n", "type": "integer", "range": [8, 50], "action": {"set": "?"}}')" '?,?,12,?, ,'
    is "$(ruled n '{"column": "n", "type": "number", "forbidden": [12, 99]}')" '7, , , , ,'
    is "$(ruled price '{"column": "price", "type": "integer"}')" ' ,-2,4, , ,'
    is "$(ruled plan '{"column": "plan", "type": "date"}')" ' , , , , ,'
}

@test "patterns, lengths and lists" {
    is "$(ruled email '{"column": "email", "pattern": "^[^@ ]+@[^@ ]+$"}')" 'a@b.org, ,c@d.org, , ,'
    is "$(ruled email '{"column": "email", "length": [3, 7], "pattern": "@"}')" 'a@b.org, ,c@d.org, , ,'
    is "$(ruled plan '{"column": "plan", "allowed": ["free", "pro"], "action": {"set": "free"}}')" 'free,pro,free,free,pro,'
    is "$(ruled plan '{"column": "plan", "forbidden": ["free"]}')" ' ,pro,gold, ,pro,'
    is "$(ruled age '{"column": "age", "allowed": [17, 30]}')" ' ,17, , ,30,'
    printf 'w\n\xc3\x84rger\nmali\xcc\x81\n\xe6\x9d\xb1\xe4\xba\xac\n\xd9\xa3\xd9\xa4\n' >w.csv
    rules '{"column": "w", "pattern": "^\\d+$|^\\w\\w$"}'
    is "$(clean -q --missing keep --rules rules.json w.csv | column /dev/stdin w | tr '\n' ,)" $' , ,\xe6\x9d\xb1\xe4\xba\xac,\xd9\xa3\xd9\xa4,'
}

@test "comparisons across columns, and with a constant" {
    is "$(ruled stop '{"compare": ["stop", ">=", "start"]}')" '2001-02-01, , ,2001-01-11,2002-01-06,'
    is "$(ruled id '{"compare": ["stop", ">", "start"], "action": "drop"}')" '1,3,5,'
    is "$(ruled id '{"compare": ["stop", ">", "start"], "present": true, "action": "drop"}')" '1,5,'
    is "$(ruled id '{"compare": ["stop", "<", {"value": "2001-01-31"}], "action": "drop"}')" '2,3,4,'
    is "$(ruled price '{"compare": ["price", "<=", "age"]}')" '1.5,-2,4,4.5,0.5,'
    is "$(ruled price '{"compare": ["price", "!=", 4]}')" '1.5,-2, ,4.5,0.5,'
    is "$(ruled plan '{"compare": ["plan", "=", {"value": "pro"}], "action": {"set": "other"}}')" 'other,pro,other,other,pro,'
}

@test "what is missing breaks a rule that asks for it" {
    is "$(ruled id '{"column": "age", "present": true, "action": "drop"}')" '1,2,4,5,'
    is "$(ruled age '{"column": "age", "present": true, "action": {"set": 0}}')" '20,17,0,150,30,'
    is "$(ruled email '{"column": "email", "present": true, "action": {"set": "none"}}')" 'a@b.org,no mail,c@d.org,e@,none,'
    is "$(ruled lost '{"column": ["age", "email"], "present": true, "action": {"flag": "lost"}}')" 'false,false,true,false,true,'
    is "$(ruled lost '{"column": "age", "present": true, "range": [0, 100], "action": {"flag": "lost"}}')" 'false,false,true,true,false,'
}

@test "rules work one behind the other, and say what each has done" {
    rules '{"name": "young", "column": "age", "range": [18, null], "action": "drop"}' \
        '{"name": "old", "column": "age", "range": [null, 100]}' \
        '{"column": "age", "present": true, "action": {"set": 50}}' \
        '{"column": "id", "range": [3, null], "action": {"flag": "early"}}'
    clean --missing keep --keep-unlabelled --rules rules.json --counts c.json -o o.arrows a.arrows 2>said
    is "$(cat said)" "clean: 5 rows in, 4 out, 1 dropped (rule 'young': 1 dropped, rule 'old': 1 set to missing, rule 3: 2 replaced, rule 4: 1 flagged)"
    is "$(csv <o.arrows | cut -d, -f1,2,10 | tr '\n' ' ')" 'id,age,early 1,20,true 3,50,false 4,50,false 5,30,false '
    is "$(jq -c '[.rows, (.rules[] | [.rule, .name, .columns, .action, .broken, .stopped])]' c.json)" \
        '[5,[1,"young",["age"],"drop",1,0],[2,"old",["age"],"null",1,0],[3,null,["age"],"set",2,0],[4,null,["id"],"flag",1,0]]'
    fails 'clean --counts c.json a.arrows >/dev/null' 64 '--counts needs --rules'
    fails 'clean -q --rules rules.json --counts no/c.json a.arrows >/dev/null' 73 "'no/c.json'"
}

@test "fail ends the run with the row, the column and the rule" {
    rules '{"name": "whole", "column": "n", "type": "integer", "action": "fail"}'
    tells 'clean -q --rules rules.json a.arrows' 65 "clean: row 2: 'n' breaks rule 'whole'"
    rules '{"compare": ["start", "<", "stop"], "action": "fail"}'
    tells 'clean -q --missing keep --rules rules.json a.arrows' 65 "clean: row 2: 'start' breaks rule 1"
}

@test "score replays the rules as the filter did, with a reason for each row that it would drop" {
    rules '{"name": "old", "column": "age", "range": [null, 100], "action": "drop"}' \
        '{"name": "cheap", "column": "price", "range": [0, 4], "action": "clip"}' \
        '{"name": "sure", "column": "label", "present": true, "action": "drop"}' \
        '{"column": "plan", "allowed": ["free", "pro"], "action": {"set": "free"}}' \
        '{"name": "mail", "column": "email", "pattern": "@", "action": "fail"}'
    { head -n 1 a.csv; for i in 1 2 3 4 5 6; do sed "1d; /no mail/d; s/^/$i/" a.csv; done; } >many.csv
    command load -q --id id --label label --types n=utf8 many.csv -o many.arrows
    clean -q --rules rules.json many.arrows -o filtered.arrows
    normalize -q filtered.arrows | train -q --model logistic -o m
    rm rules.json
    cut -d, -f1-8 a.csv >raw.csv
    score m raw.csv 2>said -o scored.arrows
    is "$(column scored.arrows reason | tr '\n' ,)" " ,'email' breaks rule 'mail', ,'age' breaks rule 'old', ,"
    grep -q "rule 'old': 1 dropped, rule 'cheap': 1 clipped, rule 4: 1 replaced, rule 'mail': 1 refused" said
    # rows that went through the filter, and the same rows raw: one prediction
    score -q m filtered.arrows | pick id prediction | csv >from-filter
    score -q m many.csv | pick id prediction | csv >from-raw
    is "$(wc -l <from-filter) $(wc -l <from-raw)" '19 25'
    is "$(sort from-filter from-raw | uniq -d | wc -l)" 19
}

@test "labels may be absent from a replay, and their rules are passed over" {
    rules '{"column": "label", "allowed": ["yes"], "action": {"flag": "doubt"}}' '{"compare": ["label", "=", "plan"], "action": {"flag": "doubt"}}'
    clean -q --missing keep --keep-unlabelled --rules rules.json --save-state s.json a.arrows -o o.arrows
    is "$(column o.arrows doubt | tr '\n' ,)" 'true,true,true,false,true,'
    grep -q '"labels":\["label"\]' s.json
}

@test "ids are judged and never changed; flags take no column's place" {
    unfit "rule 1 ('x'): column 'id' has the role 'id', which 'clean' never changes: the action may be drop, flag or fail" \
        '{"name": "x", "column": "id", "range": [2, null]}'
    is "$(ruled id '{"column": "id", "range": [2, 4], "action": "drop"}')" '2,3,4,'
    unfit "rule 1: its flag would be a column 'age', and there is one already" '{"column": "age", "range": [0, 9], "action": {"flag": "age"}}'
}

@test "columns that are not there: an error, unless the rule is optional" {
    unfit "rule 2: no column 'aeg' here; did you mean 'age'?" '{"column": "age", "range": [0, 1]}' '{"column": "aeg", "range": [0, 1]}'
    unfit "rule 1 ('y'): no column 'ending' here" '{"name": "y", "compare": ["stop", "<", "ending"]}'
    is "$(ruled age '{"column": ["aeg", "age"], "range": [18, 100], "optional": true}')" '20, , , ,30,'
    echo '{"required": ["id", "weight"], "rules": []}' >rules.json
    tells 'clean --rules rules.json a.arrows' 65 "clean: the rules require it: no column 'weight' here"
}

@test "rules that do not fit their columns" {
    unfit "rule 1: column 'email' is utf8, for which a range without a type to read it as is not possible" '{"column": "email", "range": [0, 1]}'
    unfit "rule 1: column 'age' is int64, for which a pattern is not possible" '{"column": "age", "pattern": "1"}'
    unfit "rule 1: column 'age' is int64, for which a length is not possible" '{"column": ["email", "age"], "length": [1, 9]}'
    unfit "rule 1: column 'age' is int64, for which the type of the rule is not possible" '{"column": "age", "type": "date"}'
    unfit "rule 1: column 'start' is date32, for which the range as it is written is not possible" '{"column": "start", "range": ["yesterday", null]}'
    unfit "rule 1: column 'age' is int64, for which one of the values is not possible" '{"column": "age", "allowed": [1, "2"]}'
    unfit "rule 1: column 'plan' is utf8, for which a value without quotes is not possible" '{"column": "plan", "allowed": [1]}'
    unfit "rule 1: column 'age' is int64, for which the value to set is not possible" '{"column": "age", "range": [0, 1], "action": {"set": 1.5}}'
    unfit "rule 1: column 'age' is int64, which cannot be compared with column 'plan', which is utf8" '{"compare": ["age", "<", "plan"]}'
    unfit "rule 1: column 'plan' is utf8, which cannot be compared with the constant that is given" '{"compare": ["plan", "<", 1]}'
}

@test "the counts and the state are files of their own" {
    rules '{"column": "age", "range": [18, 100]}'
    tells 'clean --rules rules.json --counts o -o o a.arrows' 64 "clean: --counts and --output name one file, 'o'"
    tells 'clean --rules rules.json --counts o --save-state o a.arrows' 64 "clean: --counts and --save-state name one file, 'o'"
    tells 'clean --rules rules.json --counts - a.arrows' 64 'clean: --counts takes a file: standard output carries the stream'
    tells 'clean --save-state - a.arrows' 64 'clean: --save-state takes a file: standard output carries the stream'
    tells 'clean --save-state o -o o a.arrows' 64 "clean: --save-state and --output name one file, 'o'"
    never test -e o -o -e ./-
}

@test "files that are no rules: where and why" {
    printf '{"rules": [\n  {"column": "age", "range": [0, 1}\n]}\n' >rules.json
    tells 'clean --rules rules.json a.arrows' 65 "clean: rules.json: no JSON at line 2, column 35: ']' expected near '}'"
    fails 'clean --rules no.json a.arrows >/dev/null' 66 "no.json"
    head -c 1048577 /dev/zero >rules.json
    fails 'clean --rules rules.json a.arrows >/dev/null' 65 "rules.json"
    echo '[]' >rules.json
    tells 'clean --rules rules.json a.arrows' 65 'clean: rules.json: the rules are a JSON object {"rules": [...]}'
    refused "rule 1 ('a'): there is no key 'rnge' (a rule has name, note, column or compare, type, range, length, pattern, allowed, forbidden, present, optional, action)" \
        '{"name": "a", "column": "age", "rnge": [0, 1]}'
    refused "rule 2 ('a'): its name is that of rule 1" '{"name": "a", "column": "age", "range": [0, 1]}' '{"name": "a", "column": "age", "range": [0, 1]}'
    refused "rule 1: it has to have either 'column' or 'compare'" '{"range": [0, 1]}'
    refused "rule 1: it checks nothing: give it type, range, length, pattern, allowed, forbidden or present" '{"column": "age"}'
    refused "rule 1: 'range' takes [LOW, HIGH], numbers or the texts of dates and times, or null at one open end" '{"column": "age", "range": [null, null]}'
    refused "rule 1: 'range' begins above its end" '{"column": "age", "range": [2, 1]}'
    refused "rule 1: 'length' takes [LOW, HIGH], whole numbers, or null at one open end" '{"column": "plan", "length": [-1, 1]}'
    refused "rule 1: pattern 'x(': at byte 2: missing closing parenthesis" '{"column": "plan", "pattern": "x("}'
    refused "rule 1: \"clip\" is for a rule that has a range and checks nothing else" '{"column": "plan", "pattern": "x", "action": "clip"}'
    refused "rule 1: 'type' takes integer, number, boolean, text, date or timestamp" '{"column": "plan", "type": "int"}'
    refused "rule 1: 'action' takes \"null\", \"drop\", \"clip\", \"fail\", {\"set\": VALUE} or {\"flag\": COLUMN}" '{"column": "plan", "type": "text", "action": "flag"}'
    refused "rule 1: 'present' needs an action for what is missing: \"drop\", \"fail\", {\"set\": VALUE} or {\"flag\": COLUMN}" '{"column": "plan", "present": true}'
}

@test "a pattern that would never end is stopped, and a text may be too long for one" {
    { echo x; printf '%040d\n' 0 | tr 0 a | sed p | sed '2s/$/b/'; head -c 20000 /dev/zero | tr '\0' a; echo; } >p.csv
    rules '{"column": "x", "pattern": "^(a+)+$"}'
    is "$(clean --missing keep --rules rules.json p.csv 2>&1 >/dev/null | tail -n 1)" \
        'clean: 3 rows in, 3 out (rule 1: 2 set to missing (2 too long or too hard for the pattern))'
    { echo x; seq 1000 1200 | sed 's/^/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/'; } >q.csv
    fails 'clean -q --rules rules.json q.csv >/dev/null' 65 \
        'clean: rule 1: its pattern was stopped on 100 values, after 100000 steps or more each: write it without repeats within repeats'
    { echo x; head -c 16000 /dev/zero | tr '\0' x; echo; } >r.csv
    for pattern in '(?:(?=[^y]*)x){1,200}[yz]' '(?:(?=\\w*)x){1,300}[yz]'; do # a step that looks ahead through all of the text
        rules "{\"column\": \"x\", \"pattern\": \"$pattern\"}"
        is "$(clean --missing keep --rules rules.json r.csv 2>&1 >/dev/null | tail -n 1)" \
            'clean: 1 rows in, 1 out (rule 1: 1 set to missing (1 too long or too hard for the pattern))'
    done
}

@test "the plan holds the rules and not their file" {
    rules '{"name": "adult", "column": "age", "range": [18, 100]}'
    clean -q --rules rules.json a.arrows -o o.arrows
    rm rules.json
    show --json o.arrows | grep -q '"adult"'
    show --json o.arrows >shown
    never grep -q 'rules\.json' shown
    rules '{"name": "adult", "column": "age", "range": [18, 99]}'
    clean -q --rules rules.json --save-state s.json a.arrows >/dev/null
    tells 'clean --state s.json --rules rules.json a.arrows' 64 'clean: --rules cannot stand beside --state: the state holds the options it was learned with'
    clean -q --state s.json --counts c.json a.arrows >/dev/null
    is "$(jq -c '[.rules[].broken]' c.json)" '[2]'
}
