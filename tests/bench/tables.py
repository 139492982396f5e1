"""Seconds in which a library reads users.csv (read), reads it and chooses 10,000 rows (sample) or a tenth of each plan
(strata) by chance, reads it and drops the rows that are there twice (distinct; the
order of the rows is kept where the library can), reads it and makes its two text columns one-hot (encode: polars, and
scikit-learn on what pandas read), reads it and puts the rules of rules.sh to it (rules: polars and pandas do what they
say, pandera only says which values break them), reads it and describes its columns (describe: count, missing, mean,
deviation, extremes, quartiles, different values; polars and pandas also the ten most frequent values), or reads it, fills missing numbers with the median and brings each
number column to mean 0 and deviation 1 (prepare). Without start and import.

tables.py LIBRARY read|sample|strata|distinct|encode|rules|describe|prepare FILE
"""

import os
import sys
import time

library, work, file = sys.argv[1:]
ranged = ["f0", "f1", "f2", "f6"]
plans = ["free", "pro"]
numbers = [f"f{i}" for i in range(16)]
threads = os.cpu_count()


def pyarrow():
    import pyarrow
    from pyarrow import csv

    pyarrow.set_cpu_count(threads)
    yield
    csv.read_csv(file)
    yield


def polars():
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars

    yield
    frame = polars.read_csv(file)
    yield
    if work == "sample":
        frame.sample(10000, seed=1)
        yield
    if work == "strata":
        rank = polars.int_range(polars.len()).shuffle(seed=1)
        frame.filter((rank < 0.1 * polars.len()).over("plan"))
        yield
    if work == "distinct":
        frame = frame.unique(maintain_order=True)
        yield
    if work == "encode":
        frame.to_dummies(["city", "plan"])
        yield
    if work == "describe":
        frame.describe()
        frame.select(polars.all().approx_n_unique())
        for c in frame.columns:
            frame[c].value_counts().top_k(10, by="count")
        yield
    if work == "rules":
        col = polars.col
        holds = {c: col(c).is_between(-2, 2) for c in ranged}
        holds["city"] = col("city").str.contains(r"^\p{L}")
        holds["plan"] = col("plan").is_in(plans)
        frame.with_columns([polars.when(holds[c]).then(col(c)).alias(c) for c in holds]).filter(
            (col("f7") <= col("f8")).fill_null(True)
        )
        yield
    frame = frame.with_columns([polars.col(c).fill_null(polars.col(c).median()) for c in numbers])
    frame.with_columns([(polars.col(c) - polars.col(c).mean()) / polars.col(c).std() for c in numbers])
    yield


def pandas():
    import pandas

    yield
    frame = pandas.read_csv(file)
    yield
    if work == "sample":
        frame.sample(10000, random_state=1)
        yield
    if work == "strata":
        frame.groupby("plan", dropna=False).sample(frac=0.1, random_state=1)
        yield
    if work == "distinct":
        frame = frame.drop_duplicates()
        yield
    if work == "encode":
        from sklearn.preprocessing import OneHotEncoder

        OneHotEncoder(sparse_output=False, dtype="float32").fit_transform(frame[["city", "plan"]])
        yield
    if work == "describe":
        frame.describe(include="all")
        frame.nunique()
        for c in frame:
            frame[c].value_counts().head(10)
        yield
    if work == "rules":
        for c in ranged:
            frame[c] = frame[c].where(frame[c].between(-2, 2))
        frame["city"] = frame["city"].where(frame["city"].str.contains(r"^[^\W\d_]", na=True))
        frame["plan"] = frame["plan"].where(frame["plan"].isin(plans))
        frame = frame[~(frame["f7"] > frame["f8"])]
        yield
    filled = frame[numbers].fillna(frame[numbers].median())
    frame[numbers] = (filled - filled.mean()) / filled.std()
    yield


def pandera():
    import pandas
    import pandera.pandas as pandera

    columns = {c: pandera.Column(float, pandera.Check.in_range(-2, 2), nullable=True) for c in ranged}
    columns["city"] = pandera.Column(str, pandera.Check.str_matches(r"^[^\W\d_]"), nullable=True)
    columns["plan"] = pandera.Column(str, pandera.Check.isin(plans), nullable=True)
    schema = pandera.DataFrameSchema(columns, checks=pandera.Check(lambda frame: ~(frame["f7"] > frame["f8"])))
    yield
    frame = pandas.read_csv(file)
    yield
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors:
        pass
    yield


def duckdb():
    import duckdb

    base = duckdb.connect()
    base.execute(f"set threads={threads}")
    yield
    if work == "sample":
        yield
        base.execute(f"create table chosen as select * from read_csv('{file}') using sample reservoir(10000 rows)")
        yield
    if work == "describe":
        yield
        base.execute(f"summarize select * from read_csv('{file}')").fetchall()
        yield
    base.execute(f"create table raw as select * from read_csv('{file}')")
    yield
    if work == "distinct":
        base.execute("create table once as select distinct * from raw")
        yield
    sums = ",".join(f"median({c}) m{c}, avg({c}) a{c}, stddev({c}) s{c}" for c in numbers)
    scaled = ",".join(f"(coalesce({c}, m{c}) - a{c}) / s{c} as {c}" for c in numbers)
    base.execute(f"create table ready as select * exclude ({','.join(numbers)}), {scaled} from raw, (select {sums} from raw)")
    yield


steps = {"pyarrow": pyarrow, "polars": polars, "pandas": pandas, "pandera": pandera, "duckdb": duckdb}[library]()
next(steps)
begun = time.perf_counter()
next(steps)
if work != "read":
    next(steps)
print(f"{time.perf_counter() - begun:.4f}")
