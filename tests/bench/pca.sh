#!/bin/sh
# PCA of 100,000 x 256 float32 numbers to 32, learned and applied within one process, rows in memory on both sides; then
# the angle between the two subspaces.
. tests/bench/measure.sh
file=$made/pca-100000-256
[ -e "$file" ] || { "$made/pca_fit" make "$file.part" 100000 256 && mv "$file.part" "$file"; }
what='PCA of 100,000 x 256 to 32, learned and applied'
set -- pca:told "$made/pca_fit $file 256 32"
for solver in covariance_eigh randomized; do
    if peer_has sklearn; then
        set -- "$@" "scikit-learn, $solver:told" "$(peer pca_peer.py $solver "$file" 256 32)"
    else
        skipped "$what" scikit-learn
    fi
done
race 5 "$@"
rows "$what" 1
if peer_has sklearn; then
    "$made/pca_fit" "$file" 256 32 "$work/ours" >/dev/null
    eval "$(peer pca_peer.py covariance_eigh "$file" 256 32 "$work/ours")" | awk '{
        printf "| greatest angle between the subspaces | %.1e | scikit-learn | | | at most 1e-4: %s |\n", $1,
            ($1 <= 1e-4 ? "holds" : "short") }'
fi
