#!/usr/bin/env python3
"""Makes the golden numbers of metrics: metrics-*.arrows, scored streams with ties, gaps and slices, and metrics-*.tsv,
what scikit-learn says of them (made with 1.9; NAME<tab>VALUE, undefined values left out).

usage: python3 tests/golden/metrics.py    (in tests/golden; needs numpy, pyarrow, scikit-learn)
"""

import json

import numpy as np
import pyarrow as pa
from sklearn import metrics as m

rng = np.random.default_rng(7)


def field(name, type_, role=None, **more):
    metadata = dict(more, **({"weir:role": role} if role else {}))
    return pa.field(name, type_, metadata=metadata or None)


def write(name, columns, expected):
    schema = pa.schema([c[0] for c in columns])
    batch = pa.record_batch([pa.array(c[1], c[0].type) for c in columns], schema=schema)
    with pa.ipc.new_stream(f"metrics-{name}.arrows", schema) as out:
        for first in range(0, len(batch), 77):  # batches that cut through everything
            out.write_batch(batch.slice(first, 77))
    with open(f"metrics-{name}.tsv", "w") as out:
        for key, value in expected.items():
            out.write(f"{key}\t{value!r}\n")


def plain(values):
    return {k: float(v) for k, v in values.items()}


def calibration_error(y, predicted, confidence, bins=15):
    which = np.clip(np.ceil(confidence * bins) - 1, 0, bins - 1)
    return sum(abs((y[which == b] == predicted[which == b]).sum() - confidence[which == b].sum()) for b in range(bins)) / len(y)


def averages(y, p):
    result = {"accuracy": m.accuracy_score(y, p)}
    for average in ("macro", "micro", "weighted"):
        scores = m.precision_recall_fscore_support(y, p, average=average, zero_division=0)
        for name, value in zip(("precision", "recall", "f1"), scores):
            result[f"{name}_{average}"] = value
    return result


def baseline(y, classes):
    values, counts = np.unique(y, return_counts=True)
    order = {c: i for i, c in enumerate(classes)}
    priors = np.array([(y == c).mean() for c in classes])
    majority = np.full(len(y), classes[int(np.argmax(priors))])
    onehot = np.array([[c == v for c in classes] for v in y], float)
    result = averages(y, majority)
    result["log_loss"] = -(np.log(priors[[order[v] for v in y]])).mean()
    result["brier"] = ((priors - onehot) ** 2).sum(1).mean() / (2 if len(classes) == 2 else 1)
    result["auc"] = 0.5
    return {f"baseline_{k}": v for k, v in result.items()}


def classes_case(name, labels, kind, rows, sharpness):
    """Rows with a label, a prediction and rounded (that is, tied) probabilities; some lack the one or the other."""
    k = len(labels)
    y = rng.integers(0, k, rows) if k > 2 else (rng.random(rows) < 0.3).astype(int)
    logits = np.round(rng.normal(size=(rows, k)) + sharpness * np.eye(k)[y], 1)
    logits[:3, 0] += 60  # probabilities of 1 and of next to nothing
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    predicted = p.argmax(1)
    group = rng.integers(0, 3, rows)
    no_label = rng.random(rows) < 0.05
    no_prediction = rng.random(rows) < 0.05
    write_rows = [
        (field("id", pa.int64(), "id"), list(range(rows))),
        (field("group", pa.utf8()), [None if g == 2 else "ab"[g] for g in group]),
        (field("y", kind, "label"), [None if n else labels[v] for v, n in zip(y, no_label)]),
        (field("prediction", kind, "prediction"), [None if n else labels[v] for v, n in zip(predicted, no_prediction)]),
        (
            field("probability", pa.list_(pa.float64(), k), "prediction", **{"weir:classes": json.dumps([str(x) for x in labels])}),
            [None if n else list(row) for row, n in zip(p, no_prediction)],
        ),
        (field("reason", pa.utf8(), "prediction"), ["not this one" if n else None for n in no_prediction]),
    ]
    kept = ~no_label & ~no_prediction
    coverage = 1 - no_prediction.mean()
    y, p, predicted, group = y[kept], p[kept], predicted[kept], group[kept]

    def all_of(y, p, predicted):
        result = averages(y, predicted)
        if k == 2:
            scores = m.precision_recall_fscore_support(y, predicted, average="binary", zero_division=0)
            result |= {"auc": m.roc_auc_score(y, p[:, 1]), "pr_auc": m.average_precision_score(y, p[:, 1])}
            result["brier"] = m.brier_score_loss(y, p[:, 1])
        else:
            scores = m.precision_recall_fscore_support(y, predicted, average="macro", zero_division=0)
            result["auc"] = m.roc_auc_score(y, p, multi_class="ovr", average="macro", labels=range(k))
            result["pr_auc"] = m.average_precision_score(np.eye(k)[y], p, average="macro")
            result["brier"] = m.brier_score_loss(y, p, labels=range(k))
        result |= dict(zip(("precision", "recall", "f1"), scores))
        result["log_loss"] = m.log_loss(y, p, labels=range(k))
        result["calibration_error"] = calibration_error(y, predicted, p[np.arange(len(y)), predicted])
        return result

    expected = {"rows": rows, "coverage": coverage, "unlabelled": no_label.sum(), "unpredicted": no_prediction.sum()}
    expected |= all_of(y, p, predicted) | baseline(y, list(range(k)))
    for c in range(k):
        scores = m.precision_recall_fscore_support(y, predicted, labels=[c], zero_division=0)
        expected |= {f"per_class.{c}.{n}": s[0] for n, s in zip(("precision", "recall", "f1", "rows"), scores)}
    for a, row in enumerate(m.confusion_matrix(y, predicted, labels=range(k))):
        expected |= {f"confusion.{a}.{b}": n for b, n in enumerate(row)}
    for g in range(3):
        of = group == g
        expected |= {f"by.group.{g}.{n}": v for n, v in all_of(y[of], p[of], predicted[of]).items()}
        expected[f"by.group.{g}.rows"] = of.sum()
    write(name, write_rows, plain(expected))


classes_case("two", ["no", "yes"], pa.utf8(), 400, 1.0)
classes_case("four", [2, 3, 10, 30], pa.int64(), 500, 1.5)

rows = 300
y = np.round(rng.normal(5e6, 3, rows), 2)  # far from 0: squares must not be taken of the values themselves
estimate = y + np.round(rng.normal(0.3, 1, rows), 2)
missing = rng.random(rows) < 0.1
write(
    "numbers",
    [
        (field("y", pa.float64(), "label"), y),
        (field("prediction", pa.float64(), "prediction"), [None if n else v for v, n in zip(estimate, missing)]),
        (field("group", pa.int64()), [i % 11 for i in range(rows)]),
    ],
    plain(
        {"rows": rows, "coverage": 1 - missing.mean()}
        | {
            "mse": m.mean_squared_error(y[~missing], estimate[~missing]),
            "rmse": m.root_mean_squared_error(y[~missing], estimate[~missing]),
            "mae": m.mean_absolute_error(y[~missing], estimate[~missing]),
            "r2": m.r2_score(y[~missing], estimate[~missing]),
            "baseline_mse": y[~missing].var(),
            "baseline_rmse": y[~missing].std(),
            "baseline_mae": abs(y[~missing] - y[~missing].mean()).mean(),
            "baseline_r2": 0,
        }
    ),
)
