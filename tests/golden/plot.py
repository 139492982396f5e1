#!/usr/bin/env python3
"""Makes plot.h: scores with ties of two and of three classes, and the points of their curves as scikit-learn has them
(made with 1.9).

usage: python3 tests/golden/plot.py > tests/golden/plot.h    (needs numpy, scikit-learn)
"""

import numpy as np
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

rng = np.random.default_rng(11)
ROWS = 120


def array(name, type_, values):
    text = ", ".join(repr(float(v)) if type_ == "double" else str(int(v)) for v in np.ravel(values))
    print(f"static const {type_} {name}[] = {{ {text} }};")


print("/* Made by tests/golden/plot.py. */")
print("/* clang-format off */")
print("#include <stdint.h>")
print(f"enum {{ GOLDEN_ROWS = {ROWS} }};")
for classes in (2, 3):
    label = rng.integers(0, classes, ROWS)
    raw = rng.random((ROWS, classes)) + 0.3 * np.eye(classes)[label]
    share = raw / raw.sum(1, keepdims=True)
    share[: ROWS // 2] = np.round(share[: ROWS // 2] * 20) / 20  # ties
    share[: ROWS // 2, 0] = 1 - share[: ROWS // 2, 1:].sum(1)
    share = np.clip(share, 0, 1)
    predicted = share.argmax(1)
    array(f"label_{classes}", "int32_t", label)
    array(f"predicted_{classes}", "int32_t", predicted)
    array(f"probability_{classes}", "double", share)
    array(f"confusion_{classes}", "int64_t", m.confusion_matrix(label, predicted))
    for c in range(1 if classes == 2 else 0, classes):
        y, score = label == c, share[:, c]
        fpr, tpr, _ = m.roc_curve(y, score, drop_intermediate=False)
        precision, recall, thresholds = m.precision_recall_curve(y, score)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
        array(f"fpr_{classes}_{c}", "double", fpr)
        array(f"tpr_{classes}_{c}", "double", tpr)
        array(f"recall_{classes}_{c}", "double", recall[::-1])
        array(f"precision_{classes}_{c}", "double", precision[::-1])
        array(f"areas_{classes}_{c}", "double", [m.roc_auc_score(y, score), m.average_precision_score(y, score)])
        array(f"best_{classes}_{c}", "double", [thresholds[f1[:-1].argmax()], f1[:-1].max()])
    if classes == 2:
        right, mean = calibration_curve(label, share[:, 1], n_bins=15)
        array("calibration_right", "double", right)
        array("calibration_mean", "double", mean)
    else:
        right, mean = calibration_curve(label == predicted, share.max(1), n_bins=15)
        array("confidence_right", "double", right)
        array("confidence_mean", "double", mean)
print("/* clang-format on */")
