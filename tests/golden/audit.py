#!/usr/bin/env python3
"""Makes the golden numbers of audit's labels: audit-*.arrows, streams as score writes them, and audit-*.tsv, what
cleanlab says of them (made with 2.9): the thresholds, the calibrated joint, and the rows (from 1) with a contradicted
label, the least normalized margin first, with that margin.

usage: python3 tests/golden/audit.py    (in tests/golden; needs numpy, pyarrow, cleanlab)
"""

import json

import numpy as np
import pyarrow as pa
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues

rng = np.random.default_rng(5)


def case(name, classes, rows, sharpness, noise, shares):
    k = len(classes)
    truth = rng.choice(k, rows, p=shares)
    wrong = (truth + rng.integers(1, k, rows)) % k
    label = np.where(rng.random(rows) < noise, wrong, truth)
    logits = rng.normal(size=(rows, k)) + sharpness * np.eye(k)[truth]
    p = np.exp(logits)
    p = (p / p.sum(1, keepdims=True)).astype(np.float32)  # what audit keeps
    issues = find_label_issues(label, p.astype(float), return_indices_ranked_by="normalized_margin")
    order = [classes[i] for i in range(k)]
    fields = [
        pa.field("y", pa.utf8(), metadata={"weir:role": "label"}),
        pa.field("probability", pa.list_(pa.float32(), k), metadata={"weir:role": "prediction", "weir:classes": json.dumps(order)}),
    ]
    schema = pa.schema(fields)
    columns = [pa.array([order[v] for v in label]), pa.array(p.tolist(), fields[1].type)]
    batch = pa.record_batch(columns, schema=schema)
    with pa.ipc.new_stream(f"audit-{name}.arrows", schema) as out:
        for first in range(0, rows, 61):
            out.write_batch(batch.slice(first, 61))
    with open(f"audit-{name}.tsv", "w") as out:
        out.write("thresholds\t%s\n" % "\t".join(f"{v:.6f}" for v in get_confident_thresholds(label, p.astype(float))))
        for row in compute_confident_joint(label, p.astype(float)):
            out.write("joint\t%s\n" % "\t".join(str(int(v)) for v in row))
        for row in issues:
            others = np.delete(p[row].astype(float), label[row])
            out.write(f"row\t{row + 1}\t{(1 + float(p[row, label[row]]) - others.max()) / 2:.6f}\n")


case("two", ["no", "yes"], 400, 2.0, 0.1, [0.7, 0.3])
case("four", ["a", "b", "c", "d"], 600, 2.5, 0.15, [0.4, 0.3, 0.2, 0.1])
