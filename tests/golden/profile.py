"""Makes profile.csv and what pandas, numpy and scipy say of its columns (profile.tsv: column, path in the profile,
value): python3 tests/golden/profile.py

900 rows of two whole numbers, a real one, a text, a date, a label of three classes and one of numbers, with missing
values; some of the columns depend on the labels.
"""
import pathlib

import numpy as np
import pandas as pd
from scipy.stats import contingency

here = pathlib.Path(__file__).parent
random = np.random.default_rng(21)
n = 900
classes = random.choice(["low", "mid", "top"], n, p=[0.5, 0.3, 0.2])
step = pd.Series(classes).map({"low": 0, "mid": 1, "top": 2}).to_numpy()
table = pd.DataFrame(
    {
        "whole": random.poisson(2 + step, n) - 2,
        "real": (1e6 + random.normal(0, 1, n) + 0.7 * step).round(5),
        "text": np.where(random.random(n) < 0.3, classes, random.choice(["é", "b c", "日本", "", "x"], n)),
        "day": pd.to_datetime("2024-01-15") + pd.to_timedelta(random.integers(0, 400, n), unit="D"),
        "class": classes,
        "number": (step + random.normal(0, 2, n)).round(4),
    }
)
for column in table:
    table.loc[random.random(n) < 0.08, column] = None
table["whole"] = table["whole"].astype("Int64")
texts = table["text"].where(table["text"].isna(), '"' + table["text"].astype(str) + '"')
table.assign(text=texts).to_csv(here / "profile.csv", index=False, quoting=3, quotechar="'", date_format="%Y-%m-%d")

rows = []


def say(column, path, value):
    rows.append((column, path, format(float(value), ".15g")))


def ratio(values, groups):
    both = pd.DataFrame({"v": values.astype(float), "g": groups}).dropna()
    whole = ((both.v - both.v.mean()) ** 2).sum()
    within = both.groupby("g").v.apply(lambda v: ((v - v.mean()) ** 2).sum()).sum()
    return ((whole - within) / whole) ** 0.5


def cramers_v(values, groups):
    return contingency.association(pd.crosstab(values, groups).to_numpy(), correction=False)


for name in table:
    column = table[name]
    say(name, "missing", column.isna().sum())
    say(name, "distinct", column.nunique())
    counts = column.value_counts().to_dict()
    most = max(counts.values())
    say(name, "top.values.0.1", most)
    if name in ("text", "class"):
        numbers, group = column.dropna().str.len(), "lengths"
    elif name == "day":
        numbers, group = (column.dropna() - pd.Timestamp("1970-01-01")).dt.days, "values"
    else:
        numbers, group = column.dropna().astype(float), "values"
    say(name, f"{group}.count", len(numbers))
    say(name, f"{group}.zeros", (numbers == 0).sum())
    say(name, f"{group}.negative", (numbers < 0).sum())
    say(name, f"{group}.mean", numbers.mean())
    say(name, f"{group}.deviation", numbers.std(ddof=0))
    say(name, f"{group}.minimum", numbers.min())
    say(name, f"{group}.maximum", numbers.max())
    for q in ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"):
        say(name, f"{group}.quantiles.{q}", numbers.quantile(float(q)))
for name in ("whole", "real", "number"):
    say(name, "class.correlation_ratio", ratio(table[name], table["class"]))
say("text", "class.cramers_v", cramers_v(table["text"], table["class"]))
for name in ("whole", "real"):
    say(name, "number.correlation", table[name].astype(float).corr(table["number"]))
for name in ("text", "class"):
    say(name, "number.correlation_ratio", ratio(table["number"], table[name]))
with open(here / "profile.tsv", "w", encoding="utf-8") as file:
    file.writelines("\t".join(row) + "\n" for row in rows)
