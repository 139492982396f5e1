#!/bin/sh
# load of a table of 1,000,000 rows and 8 columns out of SQLite and PostgreSQL, the whole process, beside what the
# databases' own programs take to write it as CSV to nowhere. The server is one that this case starts.
. tests/bench/measure.sh
rows=1000000
columns="x as id, x * 7919 % 1000003 as a, x * 104729 % 9973 as b, x / 7.0 as c, x * 0.001 as d, 'name ' || x as name,
    'some longer text for row ' || x as note, x % 2 as flag"
if command -v sqlite3 >/dev/null; then
    sqlite3 "$work/t.db" "create table t (id integer, a integer, b integer, c real, d real, name text, note text, flag integer);
        with recursive n(x) as (select 1 union all select x + 1 from n where x < $rows) insert into t select $columns from n"
    race 5 load "load -q sqlite:$work/t.db --table t" sqlite3 "sqlite3 -csv $work/t.db 'select * from t'"
    rows 'load of a table of SQLite, 1,000,000 rows, 8 columns' 1
else
    skipped 'load of a table of SQLite' sqlite3
fi
. tests/postgresql.sh
if pg_start; then
    trap 'pg_end; rm -rf "$work"' EXIT
    psql -q -c "create table t as select x::int as id, (x * 7919 % 1000003)::int as a, (x * 104729 % 9973)::int as b,
        x / 7.0::float8 as c, x * 0.001::float8 as d, 'name ' || x as name, 'some longer text for row ' || x as note,
        (x % 2)::int as flag from generate_series(1::bigint, $rows) x" -c 'vacuum analyze t'
    race 5 load "load -q $pg_url --table t" psql "psql -qc '\\copy t to /dev/null'"
    rows 'load of a table of PostgreSQL, 1,000,000 rows, 8 columns' 1
else
    skipped 'load of a table of PostgreSQL' psql
fi
