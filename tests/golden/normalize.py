"""Makes normalize.csv and what scikit-learn's scalers make of it (normalize-METHOD.csv): python3 tests/golden/normalize.py

Four columns of 257 rows: normal, far from 0, heavy-tailed, and small whole numbers; some are missing in the first.
"""
import pathlib

import numpy as np
import pandas as pd
from sklearn import preprocessing

here = pathlib.Path(__file__).parent
random = np.random.default_rng(7)
n = 257
table = pd.DataFrame(
    {
        "normal": random.normal(size=n).round(6),
        "far": (1e6 + random.normal(size=n)).round(6),
        "tail": np.exp(3 * random.normal(size=n)).round(6),
        "whole": random.integers(-20, 20, n),
    }
)
table.loc[random.random(n) < 0.05, "normal"] = np.nan
table.to_csv(here / "normalize.csv", index=False)
scalers = {
    "zscore": preprocessing.StandardScaler(),
    "minmax": preprocessing.MinMaxScaler(),
    "robust": preprocessing.RobustScaler(),
    "maxabs": preprocessing.MaxAbsScaler(),
}
for name, scaler in scalers.items():
    pd.DataFrame(scaler.fit_transform(table), columns=table.columns).to_csv(
        here / f"normalize-{name}.csv", index=False
    )
there = table.fillna(0)  # a missing number takes no part in the length
unit = pd.DataFrame(preprocessing.Normalizer().fit_transform(there), columns=table.columns)
unit[table.isna()] = np.nan
unit.to_csv(here / "normalize-unit.csv", index=False)
