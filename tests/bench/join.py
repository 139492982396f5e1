"""Seconds in which a library reads a stream and a table from CSV and joins the table's columns to every row of the
stream, whose order is kept. Without start and import.

join.py LIBRARY TABLE STREAM
"""

import os
import sys
import time

library, table, stream = sys.argv[1:]
threads = os.cpu_count()


def polars():
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars

    yield
    left, right = polars.read_csv(stream), polars.read_csv(table)
    left.join(right, on="user", how="left", maintain_order="left")
    yield


def duckdb():
    import duckdb

    base = duckdb.connect()
    base.execute(f"set threads={threads}")
    yield
    base.execute(
        f"create table joined as select s.*, t.* exclude (user) from read_csv('{stream}') s "
        f"left join read_csv('{table}') t on s.user = t.user"
    )
    yield


steps = {"polars": polars, "duckdb": duckdb}[library]()
next(steps)
begun = time.perf_counter()
next(steps)
print(f"{time.perf_counter() - begun:.4f}")
