"""Seconds in which a library makes the mean, deviation, median, minimum and maximum of the last 24 rows of each row's
group, without start, import and loading the stream into memory; or whether ours are those of pandas.

window_peers.py LIBRARY STREAM          duckdb, polars or pandas
window_peers.py same STREAM OURS        exits with status 1 when a value differs by more than 1e-9 of its size
"""

import os
import sys
import time

library, file = sys.argv[1:3]
threads = os.cpu_count()
os.environ["POLARS_MAX_THREADS"] = str(threads)

import pyarrow.ipc

window = 24


def read(name):
    with pyarrow.ipc.open_stream(name) as stream:
        return stream.read_all()


def duckdb(table):
    import duckdb

    base = duckdb.connect(config={"threads": threads})
    base.register("stream", table)
    base.execute("CREATE TABLE rows AS SELECT g, x, row_number() OVER () AS i FROM stream")
    yield
    made = base.sql(
        "SELECT i, avg(x) OVER w, stddev_pop(x) OVER w, median(x) OVER w, min(x) OVER w, max(x) OVER w FROM rows "
        f"WINDOW w AS (PARTITION BY g ORDER BY i ROWS BETWEEN {window - 1} PRECEDING AND CURRENT ROW)"
    ).to_arrow_table()
    yield
    assert made.num_rows == table.num_rows


def polars(table):
    import polars

    frame = polars.from_arrow(table)
    yield
    x = polars.col("x")
    made = frame.with_columns(
        x.rolling_mean(window, min_samples=1).over("g").alias("mean"),
        x.rolling_std(window, min_samples=1, ddof=0).over("g").alias("deviation"),
        x.rolling_median(window, min_samples=1).over("g").alias("median"),
        x.rolling_min(window, min_samples=1).over("g").alias("minimum"),
        x.rolling_max(window, min_samples=1).over("g").alias("maximum"),
    )
    yield
    assert made.height == table.num_rows


def pandas(table):
    frame = table.to_pandas()
    yield
    rolling = frame.groupby("g")["x"].rolling(window, min_periods=1)
    made = [rolling.mean(), rolling.std(ddof=0), rolling.median(), rolling.min(), rolling.max()]
    yield
    return made


def same(table, ours):
    frame = table.to_pandas()
    rolling = frame.groupby("g")["x"].rolling(window, min_periods=1)
    wanted = dict(mean=rolling.mean(), median=rolling.median(), minimum=rolling.min(), maximum=rolling.max())
    # pandas subtracts from running sums, and its deviations are not good to 1e-9; these are of each window by itself
    wanted["deviation"] = rolling.apply(lambda x: x.std(), raw=True)
    for name, values in wanted.items():
        values = values.reset_index(level=0, drop=True).sort_index()
        made = ours.column(f"x_{name}_{window}").to_pandas()
        if not ((made - values).abs() <= 1e-9 * values.abs() + 1e-12).all():
            sys.exit(f"{name} differs")


if library == "same":
    same(read(file), read(sys.argv[3]))
else:
    work = globals()[library](read(file))
    next(work)
    start = time.perf_counter()
    next(work)
    print(f"{library} {time.perf_counter() - start:.6f}")
