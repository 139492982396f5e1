# shellcheck shell=sh
# postgresql.sh: a PostgreSQL of one's own, sourced by tests and benches: in a folder of its own, by a socket alone, as
# an ordinary user (root cannot run one: a system user then does). pg_start sets PGHOST, PGUSER, PGDATABASE and $pg_url,
# and is false when Debian's package postgresql is not there.
pg_programs=$(find /usr/lib/postgresql/*/bin -maxdepth 0 2>/dev/null | tail -n 1)

pg_run() { # COMMAND...: as the user whose server it is
    if [ "$(id -u)" = 0 ]; then
        (cd "$pg_folder" && setpriv --reuid "$pg_user" --regid "$pg_user" --clear-groups "$@")
    else
        (cd "$pg_folder" && "$@")
    fi
}
pg_start() {
    [ -x "$pg_programs/initdb" ] || return 1
    pg_user=$(id -un)
    [ "$pg_user" != root ] || pg_user=postgres
    pg_folder=$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")
    [ "$(id -u)" != 0 ] || chown "$pg_user" "$pg_folder"
    PGHOST=$pg_folder PGUSER=$pg_user PGDATABASE=postgres PGPASSFILE=$pg_folder/none
    export PGHOST PGUSER PGDATABASE PGPASSFILE
    pg_run "$pg_programs/initdb" -D "$pg_folder/data" -A trust -U "$pg_user" -E UTF8 --locale C.UTF-8 -N >/dev/null
    pg_up
    # shellcheck disable=SC2034 # for those who source this
    pg_url=postgresql:///postgres
}
pg_up() {
    # nobody waits for the descriptors that the server would inherit
    pg_run "$pg_programs/pg_ctl" -D "$pg_folder/data" -w -l "$pg_folder/log" \
        -o "-k '$pg_folder' -c listen_addresses= -c fsync=off -c lc_messages=C" start >/dev/null 3>&- 4>&- 9>&-
}
pg_down() {
    pg_run "$pg_programs/pg_ctl" -D "$pg_folder/data" -w -m immediate stop >/dev/null
}
pg_end() {
    [ -z "${pg_folder-}" ] || { pg_down 2>/dev/null || true; rm -rf "$pg_folder"; }
}
