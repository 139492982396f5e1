"""Makes encode.csv and what scikit-learn's encoders make of it (encode-*.csv): python3 tests/golden/encode.py

200 rows: a text and a column of whole numbers, both with missing values, and three labels: two classes, three classes,
a number. The target encoder takes the same folds as encode does: row r is in fold r mod 5.
"""
import pathlib

import numpy as np
import pandas as pd
from sklearn import preprocessing

here = pathlib.Path(__file__).parent
random = np.random.default_rng(11)
n = 200
table = pd.DataFrame(
    {
        "city": random.choice(["Lima", "Oslo", "Paris", "Ägypten", "a,b"], n, p=[0.4, 0.3, 0.15, 0.1, 0.05]),
        "zip": random.choice([-5, 7, 30, 200], n).astype(object),
        "two": random.choice(["no", "yes"], n, p=[0.7, 0.3]),
        "three": random.choice(["low", "mid", "top"], n),
        "number": random.normal(10, 3, n).round(4),
    }
)
table.loc[random.random(n) < 0.1, "city"] = None
table.loc[random.random(n) < 0.1, "zip"] = None
table.to_csv(here / "encode.csv", index=False)
columns = ["city", "zip"]
texts = table[columns].astype(object).where(table[columns].notna(), np.nan)


def write(name, array):
    pd.DataFrame(array).to_csv(here / f"encode-{name}.csv", index=False, header=False, float_format="%.9g")


onehot = preprocessing.OneHotEncoder(sparse_output=False)
write("onehot", onehot.fit_transform(texts).astype(int))
write("ordinal", preprocessing.OrdinalEncoder().fit_transform(texts))
share = {c: texts[c].value_counts(dropna=False, normalize=True) for c in columns}
write("frequency", np.column_stack([[share[c][v] for v in texts[c]] for c in columns]))

fold = np.arange(n) % 5
for label in ["two", "three", "number"]:
    kind = {"two": "binary", "three": "multiclass", "number": "continuous"}[label]

    def encoder():
        return preprocessing.TargetEncoder(target_type=kind, smooth=10.0)

    write(f"target-{label}", encoder().fit(texts, table[label]).transform(texts))
    parts = [encoder().fit(texts[fold != f], table[label][fold != f]).transform(texts[fold == f]) for f in range(5)]
    out = np.empty((n, parts[0].shape[1]))
    for f in range(5):
        out[fold == f] = parts[f]
    write(f"target-{label}-folds", out)
