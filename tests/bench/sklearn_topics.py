"""sklearn_topics.py TRAIN TEST LABEL: the accuracy on TEST of scikit-learn's TfidfVectorizer and LogisticRegression, learned
from TRAIN; both are Arrow streams, their other columns text."""
import sys

import pyarrow as pa
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def read(path, label):
    table = pa.ipc.open_stream(open(path, "rb")).read_all()
    texts = [table.column(name).to_pylist() for name in table.column_names if name != label]
    return [" ".join(str(part) for part in row) for row in zip(*texts)], table.column(label).to_pylist()


train, test, label = sys.argv[1:]
texts, labels = read(train, label)
vectorizer = TfidfVectorizer()
model = LogisticRegression(max_iter=1000).fit(vectorizer.fit_transform(texts), labels)
texts, labels = read(test, label)
print(model.score(vectorizer.transform(texts), labels))
