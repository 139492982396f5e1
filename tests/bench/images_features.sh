#!/bin/sh
# Features of images: 10,000 digits of 28x28 and 800 photographs of 128x128, beside scikit-image in one thread, and beside
# OpenCV where it has the operation; the whole program on a stream, and the kernel alone in one thread. The files lie in
# $WEIR_DATA (mnist/t10k-images-idx3-ubyte.gz, cats-dogs/cats-dogs.tar).
. tests/bench/measure.sh
data=${WEIR_DATA:-build/data}
made_of() { # NAME SOURCE ARGUMENT...: a stream and an npy file of gray images
    stream=$made/$1.arrows
    images=$made/$1.npy
    if [ ! -e "$images" ]; then
        load -q "$2" "${3:---gray}" ${4:+"$4" "$5"} | pick -q image >"$stream.part"
        save -q --format npy - <"$stream.part" >"$images.part"
        mv "$stream.part" "$stream"
        mv "$images.part" "$images"
    fi
}
compare() { # SIZE COUNT: what made_of made
    for method in sobel canny lbp hog; do
        what="$method of $2 images of $1"
        ours="features -q --method $method $stream -o /dev/null"
        kernel="$made/image_kernels $method $images $2"
        if peer_has skimage; then
            told=$(peer images_features_peers.py skimage $method "$images" "$2")
            race 3 features "$ours" 'scikit-image:told' "$told"
            rows "$what, the whole program" 10
            race 3 kernel:told "$kernel" 'scikit-image:told' "$told"
            rows "$what, the kernel in one thread" ''
        else
            skipped "$what" scikit-image
        fi
        [ $method != lbp ] || continue
        if peer_has cv2 && { [ $method != hog ] || "$PEER" -c 'import cv2; cv2.HOGDescriptor' 2>/dev/null; }; then
            race 3 features "$ours" 'OpenCV:told' "$(peer images_features_peers.py opencv $method "$images" "$2")"
            rows "$what, the whole program" 1
        else
            skipped "$what" OpenCV
        fi
    done
}
digits=$data/mnist/t10k-images-idx3-ubyte.gz
if [ -e "$digits" ]; then
    made_of digits "$digits" -q
    compare 28x28 10000
else
    skipped 'features of images of 28x28' "$digits"
fi
photos=$data/cats-dogs/cats-dogs.tar
if [ -e "$photos" ]; then
    made_of photos-128 "$photos" --gray --size 128x128
    compare 128x128 800
else
    skipped 'features of images of 128x128' "$photos"
fi
