# features: what all its methods share. Each family of methods has a file of its own (features_*.bats).
load helper

@test "a method is needed, and one that there is" {
    printf 'text\none\n' >t.csv
    fails 'features t.csv' 64 'features: --method is needed: what features to make'
    fails 'features --method magic t.csv' 64 "features: option '--method' takes one of"
}

@test "options that a method does not take are refused, and options beside a state" {
    printf 'text\none two\n' >t.csv
    fails 'features --method counts --width 3 t.csv' 64 "features: 'features --method counts' has no option 'width'"
    features -q --method counts t.csv --save-state s.json >/dev/null
    fails 'features --state s.json --method counts t.csv' 64 \
        'features: --method cannot stand beside --state: the state holds the options it was learned with'
    tokenize -q --ids t.csv --save-state t.json >/dev/null
    fails 'features --state t.json t.csv' 65 "features: t.json: it is a state of 'tokenize', not of 'features'"
}

@test "labels and ids are never touched" {
    printf 'text,name,class\none two,three,four\n' >t.csv
    is "$(features -q --method counts --id name --label class t.csv | save -q --format csv - | tail -n 1)" \
        '"[{""index"":0,""value"":1},{""index"":1,""value"":1}]",three,four'
    fails 'features --method counts --id name --column name t.csv' 64 \
        "features: column 'name' has the role 'id', which 'features' never changes"
}

@test "an input that breaks off, and one that is empty" {
    printf 'text\none two\n' | command load -q - -o t.arrows
    size=$(stat -c %s t.arrows)
    for ((cut = 1; cut < size; cut += 13)); do
        head -c $cut t.arrows >cut.arrows
        run features -q --method counts cut.arrows -o out.arrows
        # shellcheck disable=SC2154 # bats sets it
        [ "$status" = 65 ] && [ ! -e out.arrows ]
    done
    fails 'features --method counts </dev/null' 66 'features: standard input: no input at all'
    fails 'features -q --method counts t.arrows >/dev/full' 74 'No space left on device'
}
