"""fastText's vectors of the words of a file, and how well vectors find the groups that were planted in it.

wordvec_peer.py train FILE VECTORS MODEL MINN MAXN   prints the seconds of training, without start, import and writing
wordvec_peer.py score GROUPS VECTORS                 prints two shares, see below
"""

import sys
import time

if sys.argv[1] == "train":
    import fasttext

    file, out, model = sys.argv[2:5]
    begin = time.perf_counter()
    trained = fasttext.train_unsupervised(file, model=model, thread=2, verbose=0, minn=int(sys.argv[5]), maxn=int(sys.argv[6]))
    seconds = time.perf_counter() - begin
    with open(out, "w", encoding="utf8") as lines:
        words = [word for word in trained.get_words() if word != "</s>"]
        print(len(words), trained.get_dimension(), file=lines)
        for word in words:
            print(word, *(repr(float(x)) for x in trained.get_word_vector(word)), file=lines)
    print(seconds)
    sys.exit()

import numpy as np

group_of = {}
with open(sys.argv[2], encoding="utf8") as lines:
    for group, line in enumerate(lines):
        group_of.update((word, group) for word in line.split())
groups, rows = [], []
with open(sys.argv[3], encoding="utf8") as lines:
    next(lines)
    for line in lines:
        word, *numbers = line.split()
        if word in group_of:
            groups.append(group_of[word])
            rows.append(np.array(numbers, dtype=np.float32))
groups, rows = np.array(groups), np.array(rows)
rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
# Of the ten words nearest to a word, the share that is of its group; and how often a pair of a group is nearer than one
# of two groups.
near = []
for first in range(0, len(rows), 1000):
    cosine = rows[first : first + 1000] @ rows.T
    cosine[np.arange(len(cosine)), first + np.arange(len(cosine))] = -9
    near.append((groups[np.argpartition(-cosine, 10, axis=1)[:, :10]] == groups[first : first + 1000, None]).mean(1))
random = np.random.default_rng(1)
order = np.argsort(groups, kind="stable")
begins, sizes = np.searchsorted(groups[order], np.arange(groups.max() + 1)), np.bincount(groups)
a = random.integers(len(rows), size=400000)
b = order[begins[groups[a]] + (random.random(len(a)) * sizes[groups[a]]).astype(int)]
c = random.integers(len(rows), size=len(a))
kept = (a != b) & (groups[a] != groups[c])
same, other = ((rows[a] * rows[x]).sum(1)[kept] for x in (b, c))
print("%.4f %.4f" % (np.concatenate(near).mean(), (same > other).mean()))
