# tap.sh: sourced by test scripts that print TAP. `check NAME FINDINGS` passes when FINDINGS is empty and shows them
# otherwise; `finish` ends the script, with status 1 when one failed.
tap_number=0
tap_failed=0
check() {
    tap_number=$((tap_number + 1))
    if [ -z "$2" ]; then
        echo "ok $tap_number $1"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_number $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}
skip() { # skip NAME WHY
    tap_number=$((tap_number + 1))
    echo "ok $tap_number $1 # skip $2"
}
finish() {
    echo "1..$tap_number"
    [ "$tap_failed" = 0 ]
    exit
}
