#!/bin/sh
# A file of rules put to a table, reading included: four ranges, a pattern, a list, a comparison.
. tests/bench/measure.sh
file=$(users 1)
what='load \| clean \-\-rules of it'
cat >"$work/rules.json" <<'END'
{"rules": [
  {"column": ["f0", "f1", "f2", "f6"], "range": [-2, 2]},
  {"column": "city", "pattern": "^\\p{L}"},
  {"column": "plan", "allowed": ["free", "pro"]},
  {"compare": ["f7", "<=", "f8"], "action": "drop"}
]}
END
set -- pipe "load -q $file --label churned | clean -q --missing keep --rules $work/rules.json"
for library in polars pandas pandera; do
    if peer_has $library; then set -- "$@" "$library:told" "$(peer tables.py $library rules "$file")"; else skipped "$what" $library; fi
done
race 5 "$@"
rows "$what" ''
