#!/bin/sh
# coverage.sh BUILD: of the lines of each file that were compiled in BUILD, how many its tests reached.
set -eu
cd "$1"
find object/lib object/cmd -name '*.gcda' | while read -r data; do
    (cd .. && gcov -n "$1/$data")
done 2>/dev/null | awk '
    /^File / { file = $2; gsub(/\047/, "", file) }
    /^Lines executed/ && file ~ /^(lib|cmd)\/.*\.c$/ {
        split($0, part, /[:% ]+/)
        lines[file] = part[5]; reached[file] = part[3] / 100 * part[5]
    }
    END {
        for (file in lines) {
            printf "%-36s %5d lines %5.1f %%\n", file, lines[file], 100 * reached[file] / lines[file] | "sort"
            all += lines[file]; hit += reached[file]
        }
        close("sort")
        if (all) printf "%-36s %5d lines %5.1f %%\n", "in all", all, 100 * hit / all
    }'
