"""Seconds in which a library reads the file of the case convert and makes of it what that does: numbers of prices with
decimal commas and a unit, dates that begin with the day, and a median of the last five values of each machine. Without
start and import.

convert_peers.py polars|pandas FILE
"""

import os
import sys
import time

library, file = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = "2"


def polars():
    import polars

    yield
    polars.read_csv(file).with_columns(
        price=polars.col("price")
        .str.strip_suffix(" €")
        .str.replace_all(".", "", literal=True)
        .str.replace(",", ".", literal=True)
        .cast(polars.Float64),
        day=polars.col("day").str.to_date("%d.%m.%Y"),
        x=polars.col("x").rolling_median(5, min_samples=1).over("machine"),
    )
    yield


def pandas():
    import pandas

    yield
    frame = pandas.read_csv(file)
    price = frame["price"].str.removesuffix(" €").str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    frame["price"] = pandas.to_numeric(price)
    frame["day"] = pandas.to_datetime(frame["day"], format="%d.%m.%Y")
    smooth = frame.groupby("machine")["x"].rolling(5, min_periods=1).median()
    frame["x"] = smooth.reset_index(level=0, drop=True)
    yield


steps = {"polars": polars, "pandas": pandas}[library]()
next(steps)
begun = time.perf_counter()
next(steps)
print(f"{time.perf_counter() - begun:.4f}")
