#!/usr/bin/env bats
# PostgreSQL in load and save, beside a server that this file starts.
# shellcheck disable=SC2154 # stderr: bats sets it
load helper
# shellcheck source=tests/postgresql.sh
. "$TREE/tests/postgresql.sh"

setup_file() {
    pg_start || return 0
    export pg_folder pg_user pg_url
}
teardown_file() { pg_end; }
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    [ -n "${pg_url-}" ] || skip 'postgresql is not there'
    psql -q -c 'drop schema public cascade' -c 'create schema public' 2>/dev/null
}
sql() { psql -qAt -c "$1"; }

@test "postgresql: every type that is read, its nulls and its edges" {
    psql -q <<'END'
create type mood as enum ('sad', 'ok');
create domain small as int2;
create table t (b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, s text, v varchar(9), c char(4), j json, jb jsonb,
    u uuid, d date, ts timestamp, tz timestamptz, x bytea, a int[], l text[], m mood, o small);
insert into t values (true, -2, 3, 4503599627370497, 0.1, 1e300, 'text', 'v', 'c', '{"a":1}', '{"b": 2}',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2024-02-29', '1999-12-31 23:59:59.5', '2024-01-01 10:00:00+02', '\x00ff',
    '{1,null,3}', '{"a\"b",c}', 'ok', 7), (false, 1, 1, 1, 'nan', '-inf', '', '', '', '1', '1',
    '00000000-0000-0000-0000-000000000000', '0001-01-01', '4000-01-01', '2000-01-01', '', '{}', '{}', 'sad', -7);
insert into t default values;
END
    load -q "$pg_url" --table t >a.arrows
    is "$(show a.arrows | grep -E '^[a-z0-9]+ .* feature  +1$' | sed -E 's/ {2,}/ /g; s/ feature 1//' | paste -sd ';')" \
        'b bool;i2 int16;i4 int32;i8 int64;f4 float32;f8 float64;s utf8;v utf8;c utf8;j utf8;jb utf8;u utf8;d date32;ts timestamp[us];tz timestamp[us, UTC];x binary;a list<int32>;l list<utf8>;m utf8;o int16'
    is "$(save -q --format jsonl - <a.arrows | jq -c '[.[]]')" \
        '[true,-2,3,4503599627370497,0.1,1e+300,"text","v","c   ","{\"a\":1}","{\"b\": 2}","a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","2024-02-29","1999-12-31T23:59:59.500000","2024-01-01T08:00:00Z","00ff",[1,null,3],["a\"b","c"],"ok",7]
[false,1,1,1,"nan","-inf","","","    ","1","1","00000000-0000-0000-0000-000000000000","0001-01-01","4000-01-01T00:00:00","2000-01-01T00:00:00Z","",[],[],"sad",-7]
[null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null]'
    save -q "$pg_url" --table copy <a.arrows
    load -q "$pg_url" --table copy | save -q --format jsonl - >b.jsonl
    save -q --format jsonl - <a.arrows | cmp - b.jsonl
    fails "load $pg_url --query \"select interval '1 day' i\"" 65 "postgresql: column 'i' is interval, which is not read; a cast in the query (::text) helps"
}

@test "postgresql: numeric is asked for, and every digit is there" {
    sql 'create table t (n numeric)'
    sql "insert into t values (0), (-0.0001), (12345678901234567890.5), (10000), (0.00012), (1e20), (99999999.99999999), ('nan'), (null)"
    fails "load $pg_url --table t" 65 "column 'n' is numeric, which can have more digits than a float64; --types n=float64 rounds it, utf8 keeps it"
    is "$(csv "$pg_url" --query 'select n, 1 k from t' --types n=utf8 | cut -d , -f 1 | tail -n +2 | tr 'n' 'N')" \
        "$(sql "select replace(n::text, 'NaN', 'NaN') from t")"
    is "$(csv "$pg_url" --query 'select n, 1 k from t' --types n=float64 | cut -d , -f 1 | paste -sd ' ')" \
        'n 0 -0.0001 1.2345678901234567e+19 10000 0.00012 1e+20 99999999.99999999 nan '
    fails "load $pg_url --table t --types n=int64" 65 "postgresql:2: column 'n' (int64): '-0.0001' is not a whole number"
}

@test "postgresql: what does not fit follows --bad" {
    sql "create table t (id int, d date); insert into t values (1, '2024-01-01'), (2, 'infinity'), (3, null)"
    fails "load $pg_url --table t" 65 "postgresql:2: column 'd' (date32): 'infinity' is no point in time"
    is "$(csv --bad null "$pg_url" --table t | paste -sd ';')" 'id,d;1,2024-01-01;2,;3,'
    is "$(csv --bad drop "$pg_url" --table t | paste -sd ';')" 'id,d;1,2024-01-01;3,'
    fails "load $pg_url --query \"select '{{1,2},{3,4}}'::int[] a\"" 65 "column 'a' (list<int32>): '{...}' has several dimensions"
    is "$(csv --missing '?' "$pg_url" --query "select '?' s, 1 k union all select 'x', 2 order by 2" | paste -sd ';')" 's,k;,1;x,2'
}

@test "postgresql: one statement that reads, and no word of it in the plan" {
    sql 'create table t (a int); insert into t values (1)'
    load -q "$pg_url" --query "select a from t where 'hush' <> '' -- a comment
        ;" >a.arrows
    run ! grep -aqE 'hush|postgresql:' a.arrows
    is "$(printf 'a\n5\n' | load -q --like a.arrows | show - | grep '^a ' | tr -s ' ')" 'a int32 feature 0'
    fails "load $pg_url --query 'select 1 a; select 2 a'" 64 'postgresql: cannot insert multiple commands into a prepared statement'
    fails "load $pg_url --query 'select 1 a) to stdout; drop table t; --'" 64 'postgresql: syntax error'
    fails "load $pg_url --query 'delete from t returning a'" 64 'read-only transaction'
    fails "load $pg_url --query 'with x as (delete from t returning a) select * from x'" 64 ''
    fails "load $pg_url --query 'drop table t'" 64 'the query gives no rows; a SELECT is wanted'
    fails "load $pg_url --query 'selec 1'" 64 'postgresql: syntax error at or near "selec"'
    fails "load $pg_url --table T" 64 'postgresql: relation "T" does not exist'
    fails "load $pg_url --table prénom" 64 'postgresql: relation "prénom" does not exist'
    fails "load $pg_url --query 'select 1 a, 2 a'" 65 "postgresql: two columns are named 'a'"
    fails "load $pg_url --query 'select 1 / (a - 1) a from t'" 65 'postgresql: division by zero'
    is "$(sql 'select count(*) from t')" 1
}

@test "postgresql: passwords come from where they are nobody else's business" {
    fails "load postgresql://me:hush@localhost/db --table t" 64 'load: a password in an address is seen by all who can list processes: put it into the file ~/.pgpass, or into PGPASSWORD, and leave it out'
    [[ "$stderr$output" != *hush* ]]
    fails "load 'postgresql://localhost/db?password=hush' --table t" 64 'a password in an address'
    fails "printf 'a\n1\n' | save 'postgresql://me:hush@localhost/db' --table t" 64 'a password in an address'
    fails "load 'postgresql://me:hu%zzsh@localhost/db' --table t" 64 "the address is none of PostgreSQL's"
    [[ "$stderr$output" != *hu%zzsh* ]]
    fails "clean postgresql://me:hush@localhost/db" 64 'a database is read by load alone'
    [[ "$stderr$output" != *hush* ]]
    fails "load postgresql:///nowhere --table t" 66 'database "nowhere" does not exist'
    fails "load 'postgresql:///db?host=$BATS_TEST_TMPDIR' --table t" 66 'postgresql: connection to server on socket'
    psql -q -c 'drop role if exists locked' -c "set password_encryption = 'scram-sha-256'" -c "create role locked login password 'hush'" 2>/dev/null
    pg_run cp data/pg_hba.conf hba
    { echo 'local all locked scram-sha-256'; cat "$pg_folder/hba"; } >"$pg_folder/data/pg_hba.conf"
    sql 'select pg_reload_conf()' >/dev/null
    query="--query 'select 1 a'"
    PGUSER=locked fails "load $pg_url $query" 66 'postgresql: the server wants a password: put it into the file ~/.pgpass, or into PGPASSWORD'
    PGUSER=locked PGPASSWORD=hush csv "$pg_url" --query 'select 1 a' | grep -qx 1
    echo '*:*:*:locked:hush' >pass
    chmod 600 pass
    PGUSER=locked PGPASSFILE=$PWD/pass csv "$pg_url" --query 'select 1 a' | grep -qx 1
    PGUSER=locked PGPASSWORD=wrong fails "load $pg_url $query" 66 'password authentication failed'
    pg_run cp hba data/pg_hba.conf
    sql 'select pg_reload_conf()' >/dev/null
}

@test "postgresql: append and replace when asked, into columns of any type" {
    printf 'a,b\n1,x\n2,"y\\\tz\n\\N"\n3,\n' | load -q >a.arrows
    save -q "$pg_url" --table 'odd "name"' <a.arrows
    is "$(load -q "$pg_url" --table 'odd "name"' | save -q --format jsonl -)" "$(save -q --format jsonl - <a.arrows)"
    fails "save $pg_url --table 'odd \"name\"' <a.arrows" 73 "save: the table 'odd \"name\"' is there already; --append adds to it, --replace empties it first"
    psql -q -c "create type mood as enum ('sad', 'ok')" -c 'create schema other' \
        -c "create table other.t (id serial primary key, n numeric(6,2), m mood, j jsonb, k int unique check (k < 9))"
    printf '{"m":"ok","n":1.5,"j":[1,[2]],"k":1}\n{"m":null,"n":-2,"j":null,"k":2}\n' >rows.jsonl
    load -q rows.jsonl --types 'j=utf8' | save -q "$pg_url" --table other.t --append
    is "$(sql 'select * from other.t' | paste -sd ';')" '1|1.50|ok|[1, [2]]|1;2|-2.00|||2'
    fails "load rows.jsonl --types j=utf8 | save $pg_url --table other.t --append" 65 'postgresql: row 1: duplicate key value violates unique constraint'
    fails "printf 'k,m\n5,ok\n6,bad\n' | load | save $pg_url --table other.t --append" 65 'postgresql: row 2: invalid input value for enum mood: "bad"'
    fails "printf 'k,m\n5,ok\n6,bad\n' | load | save --no-values $pg_url --table other.t --append" 65 'postgresql: row 2: the server refuses a value (SQLSTATE 22P02)'
    fails "printf 'k,q\n5,1\n' | load | save $pg_url --table other.t --append" 73 "the table has no column 'q'"
    is "$(sql 'select count(*) from other.t')" 2
    printf 'k\n8\n' | load -q | save -q "$pg_url" --table other.t --replace
    is "$(sql 'select k from other.t')" 8
    fails "printf 'a,%064d\n1,2\n' 0 | load | save $pg_url --table long" 73 'PostgreSQL cuts names after 63 bytes'
}

@test "postgresql: lists, tensors, dictionaries and unsigned numbers" {
    printf '{"l":[1.5,null],"w":["a,b","{\\"c\\"}","NULL",""],"u":18446744073709551615,"s":[[1],[2,3]]}\n{"l":[],"w":null,"u":0,"s":[]}\n' >rows.jsonl
    load -q rows.jsonl --types u=uint64 >a.arrows
    save -q "$pg_url" --table t <a.arrows
    is "$(sql "select string_agg(attname || ' ' || format_type(atttypid, null), ', ' order by attnum) from pg_attribute where attrelid = 't'::regclass and attnum > 0")" \
        'l double precision[], w text[], u numeric, s json'
    load -q --like a.arrows "$pg_url" --table t | save -q --format jsonl - | cmp - rows.jsonl
    printf '\0\0\010\003\0\0\0\002\0\0\0\001\0\0\0\003\001\002\003\004\005\006' >images
    load -q images | save -q "$pg_url" --table images
    is "$(sql 'select * from images' | paste -sd ';')" '{1,2,3};{4,5,6}'
}

@test "postgresql: times that it would change are refused, in arrays and dictionaries too" {
    local python=$TREE/build/peers/bin/python
    "$python" -c 'import pyarrow' 2>/dev/null || skip 'pip did not bring pyarrow'
    "$python" - <<'END'
import pyarrow as pa
ns = pa.timestamp('ns')
for name, values in {'plain': pa.array([1000, None, 1500], ns),
                     'items': pa.array([[1000], None, [], [2000, 1500]], pa.list_(ns)),
                     'pairs': pa.array([[1000, 2000], None, [None, 1500]], pa.list_(ns, 2)),
                     'codes': pa.array([1000, None, 1500], ns).dictionary_encode()}.items():
    for form, some in {'fine': values, 'coarse': values[:2]}.items():
        table = pa.table({'t': some})
        with pa.ipc.new_stream(f'{name}.{form}', table.schema) as out:
            out.write_table(table)
for name, values in {'date': pa.array([20240101], pa.date32()), 'moment': pa.array([20240101120000], pa.timestamp('s')),
                     'early': pa.array([[-719163]], pa.list_(pa.date32()))}.items():
    table = pa.table({'t': values})
    with pa.ipc.new_stream(f'{name}.far', table.schema) as out:
        out.write_table(table)
END
    for name in date moment early; do
        fails "save '$pg_url' --table $name <$name.far" 73 "save: column 't' has a date that is not of the years 1 to 9999"
    done
    for name in plain items pairs codes; do
        fails "save '$pg_url' --table $name <$name.fine" 73 "save: column 't' has nanoseconds, and PostgreSQL keeps microseconds"
        save -q "$pg_url" --table $name <$name.coarse
        is "$(sql "select * from $name where t is not null" | grep -c '1970-01-01 00:00:00.000001')" 1
    done
}

@test "postgresql: nothing stays of a save that fails" {
    printf 'a,b\n1,x\n2,y\n' | load -q >a.arrows
    head -c "$(($(stat -c %s a.arrows) - 30))" a.arrows >cut.arrows
    fails "save $pg_url --table t <cut.arrows" 65 'save: '
    fails "printf 'a,b\n1,2\n3\n' | save $pg_url --table t" 65 'load: standard input:3: '
    is "$(sql "select to_regclass('t') is null")" t
    save -q "$pg_url" --table t <a.arrows
    fails "save $pg_url --table t --replace <cut.arrows" 65 'save: '
    is "$(sql 'select count(*) from t')" 2
}

@test "postgresql: a server that goes away while it is read" {
    local query="select x, repeat('a', 100) s from generate_series(1, 3000000) x"
    set +o pipefail
    load "$pg_url" --query "$query" 2>said | { head -c 300000 >/dev/null; pg_down; cat >rest; }
    codes=("${PIPESTATUS[@]}")
    pg_up
    is "${codes[0]}" 74
    grep -qE '^load: postgresql: after row [1-9][0-9]*: (terminating connection|server closed the connection|could not receive|.*SSL|.*unexpected)' said
    is "$(wc -l <said)" 1
    grep -aq weir:error rest
}

@test "postgresql: a server that goes away while a table is saved" {
    seq 1 300000 | sed '1s/.*/n/' | load -q >a.arrows
    code=0
    { head -c 1200000 a.arrows; pg_down; tail -c +1200001 a.arrows; } | save "$pg_url" --table t 2>said || code=$?
    pg_up
    is "$code" 74
    grep -qE '^save: postgresql: ' said
    is "$(wc -l <said)" 1
    is "$(sql "select to_regclass('t') is null")" t
}
