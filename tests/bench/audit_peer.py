"""What a user would write for audit's labels: logistic regression by scikit-learn in five folds, what is missing filled,
the texts one-hot, and cleanlab's find_label_issues.

usage: audit_peer.py FILE    writes the seconds of the work, reading and imports left out
"""

import sys
import time

import pandas as pd
from cleanlab.filter import find_label_issues
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

table = pd.read_csv(sys.argv[1])
label = table.pop("churned").to_numpy()
table = table.drop(columns="user_id")
texts = [c for c in table if table[c].dtype.kind not in "fi"]
numbers = [c for c in table if c not in texts]
start = time.perf_counter()
prepare = make_column_transformer(
    (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
    (OneHotEncoder(handle_unknown="ignore"), texts),
)
model = make_pipeline(prepare, LogisticRegression())
probability = cross_val_predict(model, table, label, cv=5, method="predict_proba", n_jobs=2)
issues = find_label_issues(label, probability)
print(time.perf_counter() - start)
