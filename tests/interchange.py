"""Streams exchanged with pyarrow, Polars and DuckDB, for tests/interchange.bats.

    interchange.py write FOLDER    what they write: one stream a file, NAME.arrows
    interchange.py check FOLDER    what `pick` made of each, NAME.weir.arrows: the same values, in all of them
    interchange.py write_refused FOLDER    streams of types that Weir refuses, TYPE.arrows
    interchange.py check_refused FOLDER    broken streams of Weir's, NAME.broken: an error to each of them
"""
import datetime
import pathlib
import sys

import pyarrow as pa

FOLDER = pathlib.Path(sys.argv[2])
try:
    import polars as pl
except ImportError:
    pl = None
try:
    import duckdb
except ImportError:
    duckdb = None


def put(name, batches, schema=None, **options):
    """batches: record batches or a table."""
    if isinstance(batches, pa.Table):
        batches = batches.to_batches()
    with pa.ipc.new_stream(FOLDER / (name + ".arrows"), batches[0].schema if schema is None else schema,
                           options=pa.ipc.IpcWriteOptions(**options)) as out:
        for batch in batches:
            out.write_batch(batch)


def every_type():
    numbers = {str(t): pa.array([1, None, 3, 100, 5], t) for t in (
        pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
        pa.float32(), pa.float64(), pa.date32(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"),
        pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us", "UTC"), pa.timestamp("ns", "Europe/Berlin"),
        pa.duration("s"), pa.duration("ms"), pa.duration("us"), pa.duration("ns"))}
    words = ["a", None, "caf\u00e9 \u6f22\u5b57 \U0001f600", "", "a text longer than twelve bytes"]
    blobs = [b"a", None, b"\xff\x00", b"", b"longer than twelve bytes"]
    lists = [[1, None], None, [], [3], [4, 5]]
    columns = {
        **numbers,
        "float16": pa.array([1.5, None, -2.0, 0.0, 65504.0], pa.float16()),
        "date64": pa.array([86400000, None, 0, -86400000, 172800000], pa.date64()),
        "edges": pa.array([2**63 - 1, -(2**63), 0, None, 1]),
        "large": pa.array([2**64 - 1, 0, None, 1, 2], pa.uint64()),
        "reals": pa.array([float("nan"), float("inf"), -0.0, 5e-324, None]),
        "bool": pa.array([True, None, False, False, True]),
        "null": pa.nulls(5),
        "utf8": pa.array(words),
        "large_utf8": pa.array(words, pa.large_string()),
        "utf8_view": pa.array(words, pa.string_view()),
        "binary": pa.array(blobs),
        "large_binary": pa.array(blobs, pa.large_binary()),
        "binary_view": pa.array(blobs, pa.binary_view()),
        "fixed_binary": pa.array([b"abc", None, b"def", b"\0\0\0", b"xyz"], pa.binary(3)),
        "list": pa.array(lists, pa.list_(pa.int16())),
        "large_list": pa.array(lists, pa.large_list(pa.float64())),
        "lists_of_text": pa.array([[words], None, [[], None], [["x"]], []], pa.list_(pa.list_(pa.string()))),
        "fixed_list": pa.array([[1, 2], None, [None, 4], [5, 6], [7, 8]], pa.list_(pa.int32(), 2)),
        "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}, {"a": 4, "b": None}, {"a": 5, "b": ""}]),
        "tensor": pa.ExtensionArray.from_storage(
            pa.fixed_shape_tensor(pa.uint8(), [2, 3]), pa.array([[1, 2, 3, 4, 5, 6]] * 5, pa.list_(pa.uint8(), 6))),
        "dictionary_of_numbers": pa.array([10, 20, None, 10, 30]).dictionary_encode(),
        # codes of 0 into a dictionary of nothing, beneath missing rows
        "dictionary_in_no_struct": pa.array([None] * 5, pa.struct([("a", pa.dictionary(pa.int8(), pa.string()))])),
        "dictionary_in_no_list": pa.array([None] * 5, pa.list_(pa.dictionary(pa.int8(), pa.string()), 2)),
        "dictionary_in_list": pa.array([["u"], None, ["v", "u"], [], [None]], pa.list_(pa.dictionary(pa.int16(), pa.string()))),
    }
    if hasattr(pa, "uuid"):
        columns["uuid"] = pa.array([b"0123456789abcdef", None, bytes(16), b"\xff" * 16, b"fedcba9876543210"], pa.uuid())
    for index in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()):
        columns["codes_" + str(index)] = pa.DictionaryArray.from_arrays(
            pa.array([0, None, 2, 1, 0], index), pa.array(["u", "v", None]))
    return pa.table(columns)


def empty(schema):
    def column(kind):
        storage = pa.array([], kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind)
        return pa.ExtensionArray.from_storage(kind, storage) if isinstance(kind, pa.BaseExtensionType) else storage
    return pa.RecordBatch.from_arrays([column(field.type) for field in schema], schema=schema)


def write():
    table = every_type()
    put("every_type", table)
    put("lz4", table, compression="lz4")
    put("zstd", table, compression="zstd")
    put("sliced", table.slice(1, 3))
    put("no_rows", [], table.schema)
    put("an_empty_batch", [empty(table.schema), table.to_batches()[0], empty(table.schema)])
    put("legacy", table.select(["int64", "utf8", "list"]), use_legacy_format=True,
        metadata_version=pa.ipc.MetadataVersion.V4)
    schema = pa.schema([("d", pa.dictionary(pa.int8(), pa.string()))])

    def coded(values):
        return pa.record_batch([pa.DictionaryArray.from_arrays(pa.array(range(len(values)), pa.int8()), values)], schema)
    growing = [coded(["a"]), coded(["a", "b"]), coded(["a", "b", "c"])]
    put("deltas", growing, emit_dictionary_deltas=True)
    put("replacements", growing + [coded(["z"])])
    noted = schema.with_metadata({"kept": "yes"}).set(0, schema.field(0).with_metadata({"weir:role": "label", "unit": "m"}))
    put("noted", [pa.record_batch([growing[0].column(0)], noted)])
    no_columns = pa.schema([])
    put("no_columns", [pa.record_batch({"a": [1, 2, 3]}).select([])], no_columns)
    put("nothing", [], no_columns)
    path = FOLDER / "file_format.arrows"
    with pa.ipc.new_file(path, table.schema) as out:
        out.write_table(table)
    whole = path.read_bytes()
    begin = 16 + int.from_bytes(whole[12:16], "little")  # of what follows the schema's message
    (FOLDER / "file_format_footer_only.arrows").write_bytes(whole[:8] + bytes(begin - 8) + whole[begin:])
    with pa.ipc.new_file(path, table.schema):
        pass
    empty_file = path.read_bytes()
    (FOLDER / "file_format_no_batch.arrows").write_bytes(empty_file[:8] + bytes(begin - 8) + empty_file[begin:])
    path.write_bytes(whole)
    if pl:
        frame = pl.DataFrame({
            "int": [1, None, 3], "text": ["x", None, "a text longer than twelve bytes"],
            "category": pl.Series(["u", "v", "u"], dtype=pl.Categorical),
            "enum": pl.Series(["u", "v", None], dtype=pl.Enum(["u", "v"])),
            "list": [[1], None, []], "texts": [["aa", "a text longer than twelve bytes"], None, [None]],
            "array": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int32, 2)),
            "struct": [{"q": 1}, None, {"q": 2}], "date": [datetime.date(2020, 1, 1), None, None],
            "moment": [datetime.datetime(2020, 1, 1), None, None], "span": [datetime.timedelta(1), None, None],
            "time": [datetime.time(1), None, None], "binary": [b"x", None, b"y" * 20], "bool": [True, None, False],
            "float": [1.5, None, 2.0], "null": [None, None, None]})
        frame.write_ipc_stream(FOLDER / "polars.arrows")
        frame.write_ipc_stream(FOLDER / "polars_lz4.arrows", compression="lz4")
        frame.write_ipc_stream(FOLDER / "polars_zstd.arrows", compression="zstd")
        frame.write_ipc(FOLDER / "file_format_polars.arrows")
        pl.concat([frame, frame], rechunk=False).write_ipc(FOLDER / "file_format_polars_twice.arrows")
        frame.write_ipc(FOLDER / "file_format_polars_zstd.arrows", compression="zstd")
    if duckdb:
        made = duckdb.sql("""select range as i, 'n' || (range % 7) as s, range::double / 3 as f,
            case when range % 3 > 0 then range end as k, date '2020-01-01' + range::int as d, [range, range + 1] as l,
            {'a': range} as st, (range % 2) = 0 as b, ('c' || (range % 2))::enum('c0', 'c1') as e from range(5000)""")
        reader = made.to_arrow_reader() if hasattr(made, "to_arrow_reader") else made.fetch_record_batch()
        put("duckdb", list(reader), reader.schema)


def plain(table):
    """Values that print the same exactly when they are the same, NaN and -0.0 among them."""
    def values(column):
        if isinstance(column.type, pa.BaseExtensionType):
            column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
        # pyarrow makes no Python value of nanoseconds without pandas
        counts = pa.types.is_temporal(column.type) and getattr(column.type, "unit", "") == "ns"
        return (column.cast(pa.int64()) if counts else column).to_pylist()

    return {name: repr(values(table[name])) for name in table.schema.names}


def check():
    for path in sorted(FOLDER.glob("*.weir.arrows")):
        theirs = path.with_name(path.name.replace(".weir", ""))
        opened = pa.ipc.open_file(theirs) if "file_format" in path.name else pa.ipc.open_stream(theirs)
        before, after = opened.read_all(), pa.ipc.open_stream(path).read_all()
        after.validate(full=True)
        assert before.schema.names == after.schema.names, path
        assert before.num_rows == after.num_rows, path
        old, new = plain(before), plain(after)
        for name in old:
            assert old[name] == new[name], f"{path}: {name}: {old[name][:200]} became {new[name][:200]}"
        if pl:
            frame = pl.read_ipc_stream(path)
            if after.num_columns:
                assert frame.shape == (after.num_rows, after.num_columns), path
            if path.name.startswith("polars"):
                assert frame.equals(pl.read_ipc_stream(theirs)), path
        if duckdb and after.num_rows and after.num_columns:
            whole = after.select([n for n in after.schema.names if n not in ("tensor", "float16")])
            assert duckdb.sql("select count(*) from whole").fetchall() == [(after.num_rows,)], path
    kept = pa.ipc.open_stream(FOLDER / "noted.weir.arrows").schema
    assert kept.field("d").metadata == {b"weir:role": b"label", b"unit": b"m"}, kept
    assert kept.metadata[b"kept"] == b"yes", kept
    tensor = pa.ipc.open_stream(FOLDER / "every_type.weir.arrows").schema.field("tensor").type
    assert tensor == pa.fixed_shape_tensor(pa.uint8(), [2, 3]), tensor


def write_refused():
    """What Weir refuses, each alone and all together between columns that it reads."""
    import decimal
    words = pa.array(["x", None, "longer than twelve bytes"])
    refused = {
        "decimal": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("2.25")]),
        "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        "interval": pa.array([pa.MonthDayNano([1, 2, 3]), None, pa.MonthDayNano([0, 0, 0])]),
        "union": pa.UnionArray.from_sparse(pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, 3]), words]),
        "run-end encoded": pa.RunEndEncodedArray.from_arrays([2, 3], pa.array([1.5, 2.5])),
        "list view": pa.array([[1], None, [2, 3]], pa.list_view(pa.int64())),
    }
    for name, column in refused.items():
        put(name, pa.table({"price": column}))
    columns = {"id": pa.array([1, 2, 3])}
    for name, column in refused.items():
        columns[name] = column
        columns["after " + name] = words.dictionary_encode()
    columns["dense union"] = pa.UnionArray.from_dense(
        pa.array([0, 1, 0], pa.int8()), pa.array([0, 0, 1], pa.int32()), [pa.array([1, 2]), pa.array(["y"])])
    columns["views in a map"] = pa.array([[("a", "longer than twelve bytes")], None, []],
                                         pa.map_(pa.string_view(), pa.large_string()))
    columns["codes in a map"] = pa.array([[("a", "u")], None, [("b", "v")]],
                                         pa.map_(pa.string(), pa.dictionary(pa.int8(), pa.string())))
    columns["decimals in a list"] = pa.array([[decimal.Decimal(1)], None, []], pa.list_(pa.decimal128(5)))
    columns["codes of decimals"] = pa.array([decimal.Decimal(1), None, decimal.Decimal(1)]).dictionary_encode()
    columns["last"] = words
    for form, options in (("", {}), ("lz4 ", {"compression": "lz4"}),
                          ("version 4 ", {"metadata_version": pa.ipc.MetadataVersion.V4})):
        put(form + "among others", pa.table(columns), **options)


def check_refused():
    for path in FOLDER.glob("*.broken"):
        for read in [lambda: pa.ipc.open_stream(path.read_bytes()).read_all()] + \
                ([lambda: pl.read_ipc_stream(path)] if pl else []):
            try:
                read()
            except Exception:
                continue
            raise AssertionError(f"{path} was read as if it were whole")


{"write": write, "check": check, "write_refused": write_refused, "check_refused": check_refused}[sys.argv[1]]()
