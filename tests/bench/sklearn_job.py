"""The main job in pandas and scikit-learn: users.csv read, prepared and fitted by a logistic regression, then as much
scored and measured. Prints the accuracy.

sklearn_job.py FILE
"""

import sys

import pandas
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

numbers = [f"f{i}" for i in range(16)]
rows = pandas.read_csv(sys.argv[1])
model = make_pipeline(
    ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("texts", OneHotEncoder(handle_unknown="ignore"), ["city", "plan"]),
    ]),
    LogisticRegression(),
)
model.fit(rows, rows.churned)

rows = pandas.read_csv(sys.argv[1])
chances = model.predict_proba(rows)
guesses = model.classes_[chances.argmax(1)]
print(classification_report(rows.churned, guesses))
print(log_loss(rows.churned, chances), roc_auc_score(rows.churned, chances[:, 1]), (guesses == rows.churned).mean())
