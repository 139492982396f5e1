"""Makes windows.csv and what pandas and SciPy make of it (windows-*.csv): python3 tests/golden/windows.py

240 rows of three series in the order of time, in which moments repeat, values repeat, and some are missing. What pandas
has no word for (windows without the row itself, slopes) is worked out row by row as defined.
"""
import pathlib

import numpy as np
import pandas as pd
from scipy import stats

here = pathlib.Path(__file__).parent
random = np.random.default_rng(11)
n = 240
table = pd.DataFrame({"g": random.choice(["a", "b", "c"], n)})
minutes = np.cumsum(random.choice([0, 0, 1, 7, 45, 200], n, p=[0.2, 0.2, 0.3, 0.2, 0.08, 0.02]))
table["t"] = pd.Timestamp("2026-03-28T20:00:00Z") + pd.to_timedelta(minutes, unit="min")
table["x"] = 1e6 + random.normal(0, 3, n).round(2)
table["v"] = random.integers(-3, 4, n).astype(float)
table.loc[random.random(n) < 0.1, "x"] = None
table.loc[random.random(n) < 0.4, "v"] = None
table.to_csv(here / "windows.csv", index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
groups = table.groupby("g", sort=False)


def write(name, frame):
    frame.sort_index().to_csv(here / f"windows-{name}.csv", index=False, float_format="%.13g")


def each(made):
    """A column for each statistic, in the order of the table's rows."""
    return pd.DataFrame({name: column.droplevel(0) for name, column in made.items()})


rolling = groups["x"].rolling(6, min_periods=1)
sample = groups["x"].rolling(6, min_periods=3)
write("rows", each({
    "x_count_6": rolling.count(), "x_mean_6": rolling.mean(), "x_sum_6": rolling.sum(),
    "x_deviation_6": rolling.apply(np.std, raw=False), "x_minimum_6": rolling.min(), "x_maximum_6": rolling.max(),
    "x_median_6": rolling.median(), "x_q0.9_6": rolling.quantile(0.9), "x_q0_6": rolling.quantile(0),
}).assign(x_lag2=groups["x"].shift(2), x_diff3=groups["x"].diff(3)))
v = groups["v"].rolling(9, min_periods=4)
write("sample", each({"v_deviation_9": v.std(), "v_skewness_9": v.skew(), "v_kurtosis_9": v.kurt()}))


def rows_of(i):
    """The rows of the same series up to i, and their moments."""
    before = table.index[(table["g"] == table["g"][i]) & (table.index <= i)]
    return before, table["t"][before]


def span(hours, tumbling=False, before=False):
    rows = []
    for i in range(n):
        at, t = rows_of(i)
        begin = table["t"][i].floor(f"{hours}h") if tumbling else table["t"][i] - pd.Timedelta(hours=hours)
        at = at[(t >= begin) if tumbling else (t > begin)]
        rows.append(at[:-1] if before else at)
    return rows


def statistics(windows, end):
    made = []
    for at in windows:
        x = table["x"][at].dropna()
        t = (table["t"][x.index] - table["t"][0]).dt.total_seconds() / 3600
        slope = stats.linregress(t, x).slope if t.nunique() > 1 else None
        spread = len(x) > 0 and x.nunique() > 1
        made.append({
            "count": len(x), "missing": len(at) - len(x), "mean": x.mean(), "deviation": x.std(ddof=0),
            "skewness": None if len(x) == 0 else stats.skew(x - 1e6) if spread else 0,  # which keeps SciPy's digits
            "kurtosis": None if len(x) == 0 else stats.kurtosis(x - 1e6) if spread else 0,
            "range": x.max() - x.min(), "median": x.median(), "slope": slope,
        })
    return pd.DataFrame(made).rename(columns=lambda name: f"x_{name}_{end}")


write("span", statistics(span(2), "2h"))
write("span-before", statistics(span(2, before=True), "2h"))
write("tumbling", statistics(span(4, tumbling=True), "4h"))

number = groups.cumcount()
blocks = table.assign(block=number // 5).groupby(["g", "block"])["v"]
write("tumbling-rows", pd.DataFrame({"v_sum_5": blocks.transform(lambda v: v.expanding().sum()),
                                     "v_count_5": blocks.transform(lambda v: v.expanding().count())}))

wide = pd.DataFrame(random.normal(5, 2, (60, 6)).round(1), columns=list("abcdef"))
wide = wide.mask(random.random(wide.shape) < 0.25)
wide.loc[7] = 2.5
wide.loc[9] = None
wide.to_csv(here / "windows-wide.csv", index=False)
full = wide.dropna(how="all")
constant = full.nunique(axis=1) == 1
write("row", pd.DataFrame({
    "row_count": wide.count(axis=1), "row_missing": wide.isna().sum(axis=1), "row_sum": full.sum(axis=1),
    "row_mean": wide.mean(axis=1), "row_median": wide.median(axis=1), "row_deviation": wide.std(axis=1, ddof=0),
    "row_skewness": pd.Series(stats.skew(full, axis=1, nan_policy="omit"), full.index).mask(constant, 0),
    "row_kurtosis": pd.Series(stats.kurtosis(full, axis=1, nan_policy="omit"), full.index).mask(constant, 0),
    "row_minimum": wide.min(axis=1), "row_maximum": wide.max(axis=1), "row_range": wide.max(axis=1) - wide.min(axis=1),
    "row_q0.1": wide.quantile(0.1, axis=1), "row_q0.75": wide.quantile(0.75, axis=1),
}))
many = wide[wide.count(axis=1) >= 4]
constant = many.nunique(axis=1) == 1
write("row-sample", pd.DataFrame({"g_deviation": many.std(axis=1), "g_skewness": many.skew(axis=1).mask(constant, 0),
                                  "g_kurtosis": many.kurt(axis=1).mask(constant, 0)}).reindex(wide.index))
