"""Makes sparse.h, sparse rows and what scikit-learn's regressions come to on them: python3 tests/golden/sparse.py

120 rows of 40 places, with a row without entries and a place that no row names; three classes, a number, weights of the
rows. Objectives are those of lib/model/sparse_regression.h at scikit-learn's solution, in double.
"""
import pathlib

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression, Ridge

random = np.random.default_rng(23)
rows, places = 120, 40
dense = np.where(random.random((rows, places)) < 0.15, random.normal(0, 1, (rows, places)), 0).astype(np.float32)
dense[7] = 0
dense[:, 11] = 0
score = dense @ random.normal(0, 1, (places, 3)) + random.gumbel(0, 1, (rows, 3))
classes = score.argmax(1)
targets = 50 + 10 * score[:, 0].round(3)
weights = random.integers(1, 9, rows) / np.float32(4)
x = sp.csr_matrix(dense.astype(float))
options = dict(tol=1e-10, max_iter=10000)


def penalized(loss, w, l2):
    return float(loss + 0.5 * l2 * (w**2).sum())


def logistic(y, l2):
    model = LogisticRegression(C=1 / l2, **options).fit(x, y, weights)
    z = (x @ model.coef_[0] + model.intercept_[0]) * np.where(y, 1, -1)
    return penalized((weights * np.logaddexp(0, -z)).sum(), model.coef_, l2)


def softmax(l2):
    model = LogisticRegression(C=1 / l2, **options).fit(x, classes, weights)
    z = x @ model.coef_.T + model.intercept_
    loss = np.logaddexp.reduce(z, axis=1) - z[np.arange(rows), classes]
    return penalized((weights * loss).sum(), model.coef_, l2)


def ridge(l2):
    model = Ridge(alpha=l2, solver="sparse_cg", tol=1e-12, max_iter=100000).fit(x, targets, weights)
    z = x @ model.coef_ + model.intercept_
    return penalized((weights * 0.5 * (targets - z) ** 2).sum(), model.coef_, l2)


def array(kind, name, values, form):
    lines, line = [], "   "
    for value in values:
        text = f" {format(value, form)},"
        if len(line) + len(text) > 118:
            lines.append(line)
            line = "   "
        line += text
    return f"static const {kind} {name}[] = {{\n" + "\n".join([*lines, line]) + "\n};\n"


objectives = [
    logistic(classes == 2, 0.5),
    softmax(0.5),
    sum(logistic(classes == k, 2.0) for k in range(3)),
    ridge(0.5),
]
x.sort_indices()
text = "/* Made by tests/golden/sparse.py: what scikit-learn's regressions come to on sparse rows. */\n"
text += "/* clang-format off */\n"
text += f"enum {{ ROWS = {rows}, PLACES = {places} }};\n"
text += array("int64_t", "offsets", x.indptr, "d")
text += array("uint32_t", "indices", x.indices, "d")
text += array("float", "values", np.float32(x.data), ".9g").replace(" 0,", " 0.0f,")
text += array("int32_t", "classes", classes, "d")
text += array("double", "targets", targets, ".17g")
text += array("float", "weights", weights, ".9g")
text += "/* logistic of class 2, l2 0.5; softmax, l2 0.5; one against the rest, l2 2; ridge, l2 0.5 */\n"
text += array("double", "objectives", objectives, ".17g")
(pathlib.Path(__file__).parent / "sparse.h").write_text(text)
