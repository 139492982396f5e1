#!/bin/sh
# Brings what others use to read and write the same streams, into build/peers, once: build/peers/bin/python and
# build/peers/node_modules.
#
#   sh tests/peers.sh interchange   what the tests exchange streams and models with
#   sh tests/peers.sh all           these, and what `make bench` runs beside
# What no registry answers for is left out, with a word; the tests that need it say that they are skipped.
set -u
cd "$(dirname "$0")/.." || exit
peers=build/peers
mkdir -p $peers
answers=yes # until pip fails: then the rest is not waited for

bring() { # bring PACKAGE...: by pip, unless they are there
    [ ! -e "$peers/have-$1" ] || return 0
    if [ -n "$answers" ] && $peers/bin/python -m pip install -q --retries 1 "$@" >$peers/pip.log 2>&1; then
        touch "$peers/have-$1"
    else
        answers=
        echo "left out, pip does not bring: $*"
    fi
}

if [ ! -e $peers/bin/python ]; then
    python3 -m venv $peers >$peers/pip.log 2>&1 || { rm -rf build/peers/bin; echo "left out: no python3 with venv"; }
fi
if [ -e $peers/bin/python ]; then
    # torch first and pinned: a later range would take a build with several gigabytes for graphics cards
    [ "${1-}" != all ] || bring torch==2.13.0 numpy
    bring pyarrow numpy
    bring polars
    bring duckdb
    bring safetensors
    if [ "${1-}" = all ]; then
        bring scikit-learn
        bring scikit-image
        bring "opencv-python-headless<5"
        bring pandas
        bring pandera
        bring pillow
        bring onnxruntime onnx
        bring rensa
        bring gaoya
        bring ftfy
        bring cleanlab
        bring fasttext
        bring gensim
    fi
fi

if [ ! -e $peers/node_modules/apache-arrow ]; then
    if ! command -v npm >/dev/null; then
        echo "left out: no npm"
    elif ! npm install --silent --no-save --prefix $peers apache-arrow >$peers/npm.log 2>&1; then
        echo "left out, npm does not bring: apache-arrow"
    fi
fi
exit 0
