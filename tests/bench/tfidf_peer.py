"""Seconds in which scikit-learn makes sparse features of the texts of a file, without start, import and reading; or the
number of values, and the largest difference from those in a stream.

tfidf_peer.py tfidf|tfidf-pairs|hash FILE
tfidf_peer.py values FILE STREAM
"""

import csv
import sys
import time

from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

what, file = sys.argv[1:3]
with open(file, encoding="utf8") as lines:
    texts = [row["text"] for row in csv.DictReader(lines)]
makers = {
    "tfidf": TfidfVectorizer(),
    "values": TfidfVectorizer(),
    "tfidf-pairs": TfidfVectorizer(ngram_range=(1, 2)),
    "hash": HashingVectorizer(n_features=2**18),
}
begin = time.perf_counter()
matrix = makers[what].fit_transform(texts)
seconds = time.perf_counter() - begin
if what != "values":
    print(seconds)
    sys.exit()

import numpy as np
import pyarrow as pa

matrix.sort_indices()
rows = pa.ipc.open_stream(sys.argv[3]).read_all()["text"].combine_chunks()
entries = rows.flatten()
index, value = (entries.field(i).to_numpy() for i in range(2))
lengths = np.diff(rows.offsets.to_numpy())
assert (lengths == np.diff(matrix.indptr)).all() and (index == matrix.indices).all()
print(len(value), abs(value - matrix.data).max())
