"""Makes smooth.csv and what pandas makes of it (smooth-*.csv): python3 tests/golden/smooth.py

120 rows of three series, in which values are missing; each series is smoothed by itself, over the values that it has.
"""
import pathlib

import numpy as np
import pandas as pd

here = pathlib.Path(__file__).parent
random = np.random.default_rng(5)
n = 120
table = pd.DataFrame({"series": random.choice(["a", "b", "c"], n), "x": random.normal(50, 9, n).round(3)})
table.loc[random.random(n) < 0.02, "x"] *= 10
table.loc[random.random(n) < 0.1, "x"] = None
table.to_csv(here / "smooth.csv", index=False)


def write(name, smooth):
    smoothed = table.groupby("series")["x"].transform(lambda x: smooth(x.dropna()))
    smoothed.to_csv(here / f"smooth-{name}.csv", index=False, header=False, float_format="%.12g")


write("median-5", lambda x: x.rolling(5, min_periods=1).median())
write("median-4", lambda x: x.rolling(4, min_periods=1).median())
write("exponential", lambda x: x.ewm(alpha=0.3, adjust=False).mean())
