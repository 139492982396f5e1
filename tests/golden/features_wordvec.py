"""Makes the files of word vectors that features_wordvec.bats reads: python3 tests/golden/features_wordvec.py FEATURES

features_wordvec-gensim.txt is written by gensim; features_wordvec-weir.txt is what the program FEATURES makes of it, and
gensim must read that as the same words and numbers.
"""
import pathlib
import subprocess
import sys

import numpy
from gensim.models import KeyedVectors

here = pathlib.Path(__file__).parent
words = "king queen Straße 水車 naïve don't the_end 10:45 a".split()
numbers = numpy.random.default_rng(5).normal(size=(len(words), 7)).astype(numpy.float32)
numbers[3] *= numpy.float32(1e-30)
numbers[4] *= numpy.float32(1e30)
numbers[5] = 0
vectors = KeyedVectors(vector_size=7)
vectors.add_vectors(words, numbers)
theirs, ours = here / "features_wordvec-gensim.txt", here / "features_wordvec-weir.txt"
vectors.save_word2vec_format(str(theirs), binary=False)
subprocess.run([sys.argv[1], "-q", "--method", "wordvec", "--vectors", theirs, "--save-vectors", ours],
               input=b"text\nking\n", check=True, stdout=subprocess.DEVNULL)
again = KeyedVectors.load_word2vec_format(str(ours), binary=False)
assert again.index_to_key == words
assert numpy.array_equal(again.vectors.view(numpy.uint32), numbers.view(numpy.uint32))
