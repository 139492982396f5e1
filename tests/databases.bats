#!/usr/bin/env bats
# SQLite in load and save: types, what is refused, and that nothing half is left.
# shellcheck disable=SC2016 # the backticks of a message
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    command -v sqlite3 >/dev/null || skip 'sqlite3 is not there'
}

kinds() {
    printf '%s\n' 'id,i,f,b,s,d,t,z' \
        '1,5,0.5,true,x,2024-02-29,2024-01-01T10:00:00.5,2024-01-01T10:00:00+02:00' '2,,,,,,,' \
        '3,9223372036854775807,1e300,false,"a""b\, c",1999-12-31,2000-01-01T00:00:00,2000-01-01T00:00:00Z'
}
digest() { sqlite3 "$1" .dump | md5sum; }

@test "sqlite: what save wrote, load reads back: types and values" {
    kinds | load -q >a.arrows
    save -q 'sqlite:t.db' --table 'a "table", so' <a.arrows
    load -q 'sqlite:t.db' --table 'a "table", so' >b.arrows
    is "$(show b.arrows | grep -v bytes)" "$(show a.arrows | grep -v bytes)"
    is "$(save -q --format jsonl - <b.arrows)" "$(save -q --format jsonl - <a.arrows)"
    printf '{"l":[1,2],"x":"y"}\n{"l":null,"x":null}\n' | load -q >l.arrows
    save -q sqlite:t.db --table l <l.arrows
    is "$(load -q --like l.arrows sqlite:t.db --table l | save -q --format jsonl -)" "$(save -q --format jsonl - <l.arrows)"
}

@test "sqlite: types by what is declared, and by the first rows where that says nothing" {
    sqlite3 t.db "create table t (i integer, v varchar(9), r double, b boolean, d date, m timestamp, n numeric, u, x blob);
        insert into t values (1, '007', 2, 1, '2024-01-02', '2024-01-02 03:04:05', 1.5, 3, x'00ff'),
                             (null, 5, 1.5, 0, null, null, 2, 'text', null)"
    is "$(load -q sqlite:t.db --table t | save -q --format csv -)" 'i,v,r,b,d,m,n,u,x
1,007,2,true,2024-01-02,2024-01-02T03:04:05,1.5,3,00ff
,5,1.5,false,,,2,text,'
    is "$(load -q sqlite:t.db --table t | show --no-values - 2>/dev/null | grep -oE '^[a-z] +[a-z0-9]+' | tr -s ' ' | paste -sd ';')" \
        'i int64;v utf8;r float64;b bool;d date32;m timestamp;n float64;u utf8;x binary'
    is "$(load -q sqlite:t.db --query 'select count(*) n, sum(r) s, max(v) m from t; -- a comment' | save -q --format csv -)" 'n,s,m
2,3.5,5'
    is "$(load -q sqlite:t.db --table t --types v=int64 --drop u,x,d,m | save -q --format csv -)" 'i,v,r,b,n
1,7,2,true,1.5
,5,1.5,false,2'
}

@test "sqlite: values against their type follow --bad" {
    sqlite3 t.db "create table t (id integer primary key, age int);
        insert into t values (1, 5), (2, 'old'), (3, 1.5), (4, x'00')"
    says 65 "load: t.db:2: column 'age' (int64): 'old' is not a whole number; --types age=utf8 or --bad null would let it through" \
        sqlite:t.db --table t
    says 65 "load: t.db:2: column 'age' (int64): a value is not a whole number; --types age=utf8 or --bad null would let it through" \
        sqlite:t.db --table t --no-values
    is "$(load --bad null sqlite:t.db --table t 2>said | save -q --format csv - | paste -sd ';')" 'id,age;1,5;2,;3,;4,'
    is "$(cat said)" "load: 4 rows in, 4 out (3 values against their type made null (3 in 'age'))"
    is "$(csv --bad drop sqlite:t.db --table t | paste -sd ';')" 'id,age;1,5'
    is "$(csv --bad flag sqlite:t.db --table t | tail -n 1)" "4,,\"'age' is against its type, int64\""
    sqlite3 u.db "create table t (s text); insert into t values (cast(x'ff41' as text)), ('a' || char(0) || 'b')"
    fails 'load sqlite:u.db --table t' 65 "u.db:1: column 's' (utf8): '\\xffA' is not UTF-8"
    is "$(csv --bad null sqlite:u.db --query 'select s, 1 n from t' | paste -sd ';')" 's,n;,1;,1'
}

@test "sqlite: a table and a file become one stream" {
    sqlite3 t.db "create table t (id int, x real); insert into t values (1, 0.5)"
    printf 'x,id\n1.5,2\n' >a.csv
    printf 'id,y\n3,z\n' >b.csv
    is "$(csv a.csv sqlite:t.db --table t | paste -sd ';')" 'x,id;1.5,2;0.5,1'
    is "$(csv --union sqlite:t.db a.csv b.csv --query 'select * from t' | paste -sd ';')" 'id,x,y;1,0.5,;2,1.5,;3,,z'
}

@test "sqlite: more rows than one batch and than the types are inferred from" {
    sqlite3 t.db "create table t (i int, e);
        with recursive c(x) as (select 1 union all select x + 1 from c where x < 30000)
        insert into t select x, case when x < 20000 then x else x / 2.0 end from c"
    fails 'load sqlite:t.db --table t' 65 "t.db:20001: column 'e' (int64): '10000.5' is not a whole number"
    load -q sqlite:t.db --table t --types e=float64 | save -q --format csv - | tail -n +2 >a.csv
    is "$(md5sum <a.csv)" "$(sqlite3 -csv t.db 'select i, e from t' | sed 's/\.0$//' | md5sum)"
}

@test "sqlite: one statement that reads, and nothing else" {
    sqlite3 t.db "create table t (a); insert into t values (1)"
    before=$(digest t.db)
    fails "load sqlite:t.db --query 'select 1 a; select 2 a'" 64 't.db: --query takes one statement, and there are several'
    fails "load sqlite:t.db --query 'select 1 a; drop table t'" 64 'one statement'
    for query in 'delete from t' 'insert into t values (2) returning a' 'drop table t' "attach 'x.db' as x" 'pragma user_version = 3' \
        'vacuum' "select load_extension('x')" 'begin' 'create table x (a)'; do
        fails "load sqlite:t.db --query \"$query\"" 64 't.db: '
    done
    fails "load sqlite:t.db --query '-- nothing'" 64 't.db: the query gives no rows; a SELECT is wanted'
    fails "load sqlite:t.db --query 'select ? a'" 64 'the query has parameters'
    fails "load sqlite:t.db --query 'selec 1'" 64 't.db: near "selec": syntax error'
    fails "load sqlite:t.db --query 'select 1 a, 2 a'" 65 "t.db: two columns are named 'a'; AS in a query would name them anew"
    fails 'load sqlite:t.db --table x' 64 't.db: no such table: x'
    fails 'load sqlite:t.db' 64 't.db: what is to be read?'
    fails 'load sqlite:t.db --table t --query "select 1"' 64 't.db: --table and --query exclude each other'
    fails 'load sqlite:none.db --table t' 66 "cannot read 'none.db': No such file or directory"
    fails 'load sqlite: --table t' 64 "'sqlite:' wants the name of a file"
    fails 'load --table t t.db' 64 "--query and --table go with a database, and 't.db' is a file"
    fails 'load t.db' 65 't.db: this is an SQLite database: `load sqlite:FILE --table NAME` reads it'
    fails 'clean sqlite:t.db' 64 'a database is read by load alone'
    is "$(digest t.db)" "$before"
    is "$(echo ./*.db*)" ./t.db
}

@test "sqlite: a file of another kind, a damaged one, a cut one" {
    printf 'a,b\n1,2\n' >a.csv
    fails 'load sqlite:a.csv --table t' 65 'a.csv: file is not a database'
    sqlite3 t.db "create table t (a int, b text);
        with recursive c(x) as (select 1 union all select x + 1 from c where x < 20000)
        insert into t select x, 'some text ' || x from c"
    head -c 100000 t.db >cut.db
    fails 'load sqlite:cut.db --table t' 65 'cut.db: database disk image is malformed'
    for at in 100000 400000; do # among the rows that types are inferred from, and behind them
        cp t.db bad.db
        head -c 600 /dev/zero | tr '\0' '\377' | dd of=bad.db bs=1 seek=$at conv=notrunc status=none
        run --separate-stderr command load sqlite:bad.db --table t
        is "$status" 65
        [[ "$stderr" =~ ^load:\ bad.db:\ after\ row\ ([1-9][0-9]*):\ database\ disk\ image\ is\ malformed$ ]]
        row=${BASH_REMATCH[1]}
        load -q sqlite:bad.db --query "select a from t limit $row" >before.arrows
        is "$(column before.arrows a | tail -n 1)" "$row"
    done
    for at in 20 4096 8192 16384 40960; do
        cp t.db bad.db
        head -c 600 /dev/zero | tr '\0' '\377' | dd of=bad.db bs=1 seek=$at conv=notrunc status=none
        run --separate-stderr command load sqlite:bad.db --table t
        [ "$status" = 65 ] || [ "$status" = 64 ]
    done
}

@test "sqlite: append and replace when asked, by name, and the table stays what it was" {
    printf 'a,b\n1,x\n2,y\n' | load -q >a.arrows
    printf 'b,a\nz,3\n' | load -q >b.arrows
    save -q sqlite:t.db --table t <a.arrows
    fails 'save sqlite:t.db --table t <b.arrows' 73 "save: the table 't' is there already; --append adds to it, --replace empties it first"
    fails 'save sqlite:t.db --table T <b.arrows' 73 'is there already'
    save -q sqlite:t.db --table t --append <b.arrows
    is "$(sqlite3 t.db 'select * from t' | paste -sd ';')" '1|x;2|y;3|z'
    sqlite3 t.db 'create unique index i on t (a)'
    save -q sqlite:t.db --table t --replace <b.arrows
    is "$(sqlite3 t.db 'select * from t; select name from sqlite_schema' | paste -sd ';')" '3|z;t;i'
    before=$(digest t.db)
    fails 'save sqlite:t.db --table t --append a.arrows b.arrows' 65 'does not follow on'
    fails 'save sqlite:t.db --table t --append a.arrows a.arrows' 65 'row 3: t.db: UNIQUE constraint failed: t.a'
    fails 'printf "a,c\n1,2\n" | load -q | save sqlite:t.db --table t --append' 65 't.db: table t has no column named c'
    fails 'save sqlite:t.db --table t --append --replace <a.arrows' 64 'contradict'
    fails 'save sqlite:t.db <a.arrows' 64 'a database takes --table NAME'
    fails 'save sqlite:t.db --table "" <a.arrows' 64 "option '--table' takes the name of a table, and it is empty"
    fails 'load sqlite:t.db --table ""' 64 "option '--table' takes the name of a table, and it is empty"
    fails 'load sqlite:t.db --table t --size 4x4' 64 '--size goes with pictures, and t.db is sqlite'
    fails 'save out.csv --table t <a.arrows' 64 "--table, --append and --replace go with a database, and 'out.csv' is a file"
    is "$(digest t.db)" "$before"
}

@test "sqlite: nothing stays of what fails, not even a file" {
    printf 'a,b\n1,x\n2,y\n' | load -q >a.arrows
    head -c "$(($(stat -c %s a.arrows) - 30))" a.arrows >cut.arrows
    fails 'save sqlite:new.db --table t <cut.arrows' 65 'save: '
    fails 'printf "a,b\n1,2\n3\n" | save sqlite:new.db --table t' 65 'load: standard input:3: '
    fails 'save sqlite:no/new.db --table t <a.arrows' 73 "cannot write 'no/new.db'"
    printf 'f\n1.5\nnan\n' | load -q >nan.arrows
    fails 'save sqlite:new.db --table t <nan.arrows' 65 "column 'f' is NaN, which SQLite does not hold, in row 2"
    printf 'u\n18446744073709551615\n' | load -q --types u=uint64 >u.arrows
    fails 'save sqlite:new.db --table t <u.arrows' 65 "column 'u' is larger than SQLite's integers in row 1"
    [ ! -e new.db ]
    save -q sqlite:t.db --table t <a.arrows
    before=$(digest t.db)
    fails 'save sqlite:t.db --table t --replace <cut.arrows' 65 'save: '
    fails 'save sqlite:t.db --table u <cut.arrows' 65 'save: '
    is "$(digest t.db)" "$before"
    is "$(ls ./*.db*)" ./t.db
}

@test "sqlite: the plan has the columns and no word of the database; other text is read by it" {
    sqlite3 secret.db "create table t (code text, n int); insert into t values ('007', 1), ('008', 2)"
    load -q sqlite:secret.db --query "select code, n from t where 'hush' <> ''" >a.arrows
    run ! grep -aqE 'hush|secret' a.arrows
    printf 'n,code\n5,010\n' >new.csv
    is "$(csv --like a.arrows new.csv | paste -sd ';')" 'n,code;5,010'
    load -q --like a.arrows new.csv | normalize -q --columns n >/dev/null
    printf 'code,n\n007,1\n' | load -q --types code=utf8,n=float64 >b.arrows
    is "$(load -q --like b.arrows sqlite:secret.db --table t | show | grep -E '^n ' | tr -s ' ')" 'n float64 feature 0'
}
