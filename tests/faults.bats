# Faults made on purpose: a few of each campaign of tests/faults, which `make faults` runs in full.
load helper

# campaign NAME ARGUMENTS...: no line of it is `not ok`
campaign() {
    name=$1
    shift
    run sh "$TREE/tests/faults/$name.sh" "$@"
    printf '%s\n' "$output" | sed 's/^/# /'
    [ "$status" = 0 ]
}
unsanitized() { [ -z "${WEIR_SANITIZED:-}" ] || skip 'the shim and this sanitizer do not go together'; }

@test "no memory at one allocation: an error in words, or the right output" {
    unsanitized
    campaign memory 6
}

@test "reads, writes and other calls that fail: an error in words, or the right output" {
    unsanitized
    campaign calls 1
}
