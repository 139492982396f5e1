"""What stands beside train on sparse rows.

sparse_peer.py svm STREAM FILE                the rows of a stream as LIBLINEAR reads them
sparse_peer.py fit FILE                       seconds of scikit-learn's LIBLINEAR on them, one class against the rest,
                                              with LIBLINEAR's own tolerance, without start and reading
sparse_peer.py objectives STREAM MODEL MODEL LIBLINEAR-MODEL
                                              a line each: the objective of one against the rest, and the accuracy
"""

import json
import struct
import sys
import time

import numpy as np
import scipy.sparse as sp


def read_stream(path):
    import pyarrow as pa

    table = pa.ipc.open_stream(path).read_all()
    parts = []
    for field in table.schema:
        width = (field.metadata or {}).get(b"weir:width")
        if width is None:
            continue
        rows = table[field.name].combine_chunks()
        index, value = (rows.values.field(i).to_numpy() for i in range(2))
        parts.append(sp.csr_matrix((value.astype(float), index, rows.offsets.to_numpy()), (len(rows), int(width))))
    x = sp.hstack(parts).tocsr()
    x.sort_indices()
    return x, table["column1"].to_numpy(zero_copy_only=False).astype(str)


def read_weir(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    classes = json.loads(header["__metadata__"]["weir:classes"])

    def tensor(name):
        begin, end = header[name]["data_offsets"]
        return np.frombuffer(body[begin:end], np.float32).reshape(header[name]["shape"]).astype(float)

    return classes, tensor("weight"), tensor("bias")


def read_liblinear(path):
    with open(path) as file:
        head = {}
        for line in file:
            key, _, value = line.strip().partition(" ")
            if key == "w":
                break
            head[key] = value
        weights = np.loadtxt(file).T
    return head["label"].split(), weights[:, :-1], weights[:, -1] * float(head["bias"])


def judge(model, x, y, names):
    classes, weights, bias = model
    z = x @ weights.T + bias
    signs = np.where(y[:, None] == np.array([names[c] for c in classes])[None], 1, -1)
    objective = np.logaddexp(0, -signs * z).sum() + 0.5 * (weights**2).sum()
    return objective, (signs[np.arange(len(y)), z.argmax(1)] > 0).mean()


what, arguments = sys.argv[1], sys.argv[2:]
if what == "svm":
    x, y = read_stream(arguments[0])
    number = {name: i + 1 for i, name in enumerate(sorted(set(y)))}
    with open(arguments[1], "w") as out:
        for row in range(x.shape[0]):
            at = slice(x.indptr[row], x.indptr[row + 1])
            entries = (f"{j + 1}:{v:.9g}" for j, v in zip(x.indices[at], x.data[at]))
            out.write(f"{number[y[row]]} {' '.join(entries)}\n")
elif what == "fit":
    from sklearn.datasets import load_svmlight_file
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    x, y = load_svmlight_file(arguments[0])
    x.indices, x.indptr = x.indices.astype(np.int32), x.indptr.astype(np.int32)  # LIBLINEAR takes no wider ones
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear", C=1, tol=0.01))
    begin = time.perf_counter()
    model.fit(x, y)
    print(time.perf_counter() - begin)
else:
    x, y = read_stream(arguments[0])
    same = {name: name for name in set(y)}
    for path in arguments[1:3]:
        print(*judge(read_weir(path), x, y, same))
    number = {str(i + 1): name for i, name in enumerate(sorted(set(y)))}
    print(*judge(read_liblinear(arguments[3]), x, y, number))
