"""Seconds in which a library learns 20 topics in 5 passes from the first ROWS documents of a stream of counts, in memory,
without start and import, and its lambda into OUT; or the perplexity of the documents behind those, by one and the same
formula for all, from lambdas: a .npy or a state of features.

lda_peer.py sklearn|gensim|multicore COUNTS ROWS OUT.npy
lda_peer.py perplexity COUNTS ROWS LAMBDA...
"""

import base64
import json
import sys
import time

import numpy
import pyarrow
import scipy.sparse
from scipy.special import digamma, gammaln

work, file, rows, outs = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
topics, prior = 20, 1 / 20


def read():
    table = pyarrow.ipc.open_stream(open(file, "rb")).read_all()
    field = table.schema.field("text")
    column = table["text"].combine_chunks()
    entries = column.values
    shape = (len(column), int(field.metadata[b"weir:width"]))
    parts = entries.field("value").to_numpy(), entries.field("index").to_numpy(), column.offsets.to_numpy()
    return scipy.sparse.csr_matrix(parts, shape=shape)


def perplexity(documents, parameters):
    beta = numpy.exp(digamma(parameters) - digamma(parameters.sum(1))[:, None])
    total = 0
    for d in range(documents.shape[0]):
        part = slice(documents.indptr[d], documents.indptr[d + 1])
        counts, words = documents.data[part].astype("float64"), beta[:, documents.indices[part]]
        gamma = numpy.full(topics, prior + counts.sum() / topics)
        for _ in range(200):
            theta = numpy.exp(digamma(gamma) - digamma(gamma.sum()))
            new = prior + theta * (words @ (counts / (theta @ words + 1e-100)))
            change, gamma = numpy.abs(new - gamma).mean(), new
            if change < 1e-4:
                break
        expected = digamma(gamma) - digamma(gamma.sum())
        total += counts @ numpy.log(numpy.exp(expected) @ words + 1e-100)
        total += ((prior - gamma) * expected).sum() + (gammaln(gamma) - gammaln(prior)).sum()
        total += gammaln(topics * prior) - gammaln(gamma.sum())
    return numpy.exp(-total / documents.sum())


def parameters(name):
    if name.endswith(".npy"):
        return numpy.load(name)
    state = json.load(open(name))
    lambdas = base64.b64decode(state["blobs"][state["step"]["state"]["lambda"]["blob"]])
    return numpy.frombuffer(lambdas, "float32").reshape(-1, topics).T.astype("float64")


counts = read()
if work == "perplexity":
    print(*(f"{perplexity(counts[rows:], parameters(name)):.1f}" for name in outs))
elif work == "sklearn":
    from sklearn.decomposition import LatentDirichletAllocation

    start = time.perf_counter()
    model = LatentDirichletAllocation(topics, learning_method="online", max_iter=5, random_state=1, n_jobs=1)
    model.fit(counts[:rows])
    seconds = time.perf_counter() - start
    numpy.save(outs[0], model.components_)
    print(seconds)
else:
    from gensim.matutils import Sparse2Corpus
    from gensim.models import LdaModel, LdaMulticore

    corpus = list(Sparse2Corpus(counts[:rows], documents_columns=False))
    names = {i: str(i) for i in range(counts.shape[1])}
    options = dict(num_topics=topics, passes=5, id2word=names, random_state=1)
    start = time.perf_counter()
    model = LdaMulticore(corpus, workers=2, **options) if work == "multicore" else LdaModel(corpus, **options)
    seconds = time.perf_counter() - start
    numpy.save(outs[0], model.state.get_lambda())
    print(seconds)
