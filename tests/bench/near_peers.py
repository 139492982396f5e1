"""Seconds in which a library sketches texts (128 values of character 5-grams, 16 bands), puts them into its index and asks
for each which others are near; none of it is checked by the texts themselves. Without start, import and reading.

near_peers.py rensa|gaoya FILE
"""

import csv
import sys
import time

library, file = sys.argv[1:]
with open(file, encoding="utf8") as lines:
    texts = [row["text"] for row in csv.DictReader(lines)]


def rensa():
    from rensa import RMinHash, RMinHashLSH

    yield
    index, sketches = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16), []
    for number, text in enumerate(texts):
        sketch = RMinHash(num_perm=128, seed=42)
        sketch.update([text[k : k + 5] for k in range(len(text) - 4)])
        index.insert(number, sketch)
        sketches.append(sketch)
    for sketch in sketches:
        index.query(sketch)
    yield


def gaoya():
    from gaoya.minhash import MinHashStringIndex

    yield
    index = MinHashStringIndex(
        hash_size=32, jaccard_threshold=0.8, num_bands=16, band_size=8, analyzer="char", ngram_range=(5, 5)
    )
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    index.par_bulk_query(texts, return_similarity=False)
    yield


steps = {"rensa": rensa, "gaoya": gaoya}[library]()
next(steps)
begin = time.perf_counter()
next(steps)
print(time.perf_counter() - begin)
