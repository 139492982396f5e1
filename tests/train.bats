# train: a stream in, a model out.
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # y is 1 where a + 2 b > 0, within noise; c is text that says something, d is text that says nothing.
    awk 'BEGIN {
        print "a,b,c,d,k,v,y"
        seed = 7
        for (i = 1; i <= 600; i++) {
            seed = (seed * 1103515245 + 12345) % 2147483648; a = seed / 1073741824 - 1
            seed = (seed * 1103515245 + 12345) % 2147483648; b = seed / 1073741824 - 1
            seed = (seed * 1103515245 + 12345) % 2147483648; n = seed / 1073741824 - 1
            s = a + 2 * b + 0.3 * n
            k = (s > 0.7 ? "high" : (s < -0.7 ? "low" : "mid"))
            printf "%.4f,%.4f,%s,t%d,%s,%.4f,%s\n", a, b, (i % 3 ? "red" : "blue") (s > 0 ? "ish" : ""), i, k, 100 + 10 * s, (s > 0 ? "yes" : "no")
        }
    }' >all.csv
    load all.csv --label y --drop k,v,c,d -q >two
    load all.csv --label k --drop y,v,c,d -q >three
    load all.csv --label v --drop y,k,c,d -q >value
}

metric() { metrics --json | sed -n "s/.*\"$1\": *\([-0-9.e]*\).*/\1/p"; }
better() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b) }'; }

@test "each kind of label finds its model, and says which" {
    run --separate-stderr train -o m two
    [[ $stderr == *"logistic regression, 2 classes of 'y', binary-cross-entropy"* ]]
    [[ $stderr == *"plan: 1 step"* ]]
    better "$(score -q m two | metric accuracy)" 0.9
    run --separate-stderr train -o m three
    [[ $stderr == *"softmax regression, 3 classes of 'k', cross-entropy"* ]]
    better "$(score -q m three | metric accuracy)" 0.8
    run --separate-stderr train -o m value
    [[ $stderr == *"linear regression, values of 'v', mse"* ]]
    better "$(score -q m value | metric r2)" 0.9
}

@test "whole numbers are classes up to 100 values, and values beyond; --task decides" {
    awk 'BEGIN { print "x,y"; for (i = 0; i < 1000; i++) print i % 10 "," i % 101 }' >b.csv
    awk 'BEGIN { print "x,y"; for (i = 0; i < 1000; i++) print i % 10 "," i % 100 }' >a.csv
    run --separate-stderr train -o m a.csv
    [[ $stderr == *"100 classes"* ]]
    run --separate-stderr train -o m b.csv
    [[ $stderr == *"linear regression, values"* ]]
    run --separate-stderr train --task regress -o m a.csv
    [[ $stderr == *"linear regression, values"* ]]
    run --separate-stderr train --task classify -o m b.csv
    [[ $stderr == *"101 classes"* ]]
}

@test "classes stand in the order of their values" {
    printf 'x,y\n1,10\n2,9\n3,-1\n4,10\n5,9\n6,-1\n' | train -q -o m
    [ "$(printf 'x\n1\n' | score -q m | save --format csv - | wc -l)" = 2 ]
    grep -ao '"weir:classes":"[^]]*]' m | grep -qF '[\"-1\",\"9\",\"10\"]'
    printf 'x,y\n1,b\n2,é\n3,B\n4,b\n5,é\n6,B\n' | train -q -o m
    grep -ao '"weir:classes":"[^]]*]' m | grep -qF '[\"B\",\"b\",\"é\"]'
    printf 'x,y\n1,true\n2,false\n3,true\n4,false\n' | train -q -o m
    [ "$(printf 'x\n1\n4\n' | score -q m | pick prediction | save --format csv - | sort | tail -n 1)" = true ]
}

@test "text and dates are encoded by train and recorded in the plan" {
    run --separate-stderr train -o m --label y --drop k,v all.csv
    [[ $stderr == *"encoded: c, d"* ]]
    [[ $stderr == *"plan: 2 steps"* ]]
    grep -aq '\\"stage\\":\\"encode\\"' m
    head -n 100 all.csv | score -q m | metrics -q >/dev/null
    # the same as encoding in front would give
    load -q all.csv --label y --drop k,v,d | train -q -o m
    better "$(score -q m all.csv --label y | metric accuracy)" 0.95
    awk 'BEGIN { print "day,y"; for (i = 1; i <= 60; i++) printf "2020-%02d-%02d,%s\n", 1 + i % 12, 1 + i % 28, (i % 12 > 5 ? "b" : "a") }' >days.csv
    train -q -o m days.csv
    better "$(score -q m days.csv | metric accuracy)" 0.99
    # a bool beside a date, which encode makes a number of as well
    awk -F, 'NR == 1 { print "b," $0 } NR > 1 { print (NR % 2 ? "true," : "false,") $0 }' days.csv >bools.csv
    train -q -o m bools.csv
    better "$(score -q m bools.csv | metric accuracy)" 0.99
}

@test "a date beside wide columns takes the memory of a date" {
    [ -z "${WEIR_SANITIZED:-}" ] || skip 'memory means nothing here'
    awk 'BEGIN { print "a,b,when,y"; for (i = 0; i < 8192; i++) printf "%d,%d,2024-01-%02d,%s\n", i % 11, i % 7, 1 + i % 28, i % 3 ? "p" : "q" }' |
        load -q --label y | features -q --method projection --column a,b --components 1500 >wide
    with=$(peak train -q --optimizer sgd --epochs 1 -o m wide)
    without=$(peak train -q --optimizer sgd --epochs 1 --drop when -o m wide)
    [ "$with" -lt $((without + 16384)) ]
}

@test "each optimizer, loss and schedule learns" {
    for o in sgd momentum nesterov rmsprop adam adamw; do
        train -q --net 'dense 8 tanh | dense 2' --optimizer $o --lr 0.01 --epochs 20 --seed 1 -o m two
        better "$(score -q m two | metric accuracy)" 0.85
    done
    train -q --net 'dense 8 tanh' --optimizer gd --lr 0.5 --epochs 100 -o m two
    better "$(score -q m two | metric accuracy)" 0.85
    train -q --net 'dense 8 tanh | dense 2' --loss mse --optimizer gd --lr 0.5 --epochs 100 -o m two
    better "$(score -q m two | metric accuracy)" 0.85
    train -q --net 'dense 8 tanh | dense 1' --loss mse --lr 0.01 -o m two
    better "$(score -q m two | metric accuracy)" 0.85
    train -q --net 'dense 8 tanh | dense 1' --lr 0.01 -o m two
    better "$(score -q m two | metric accuracy)" 0.85
    for l in mse mae huber; do
        train -q --net 'dense 8 tanh' --loss $l --lr 0.01 --epochs 20 --schedule 'cosine, warmup 10' -o m value
        better "$(score -q m value | metric r2)" 0.9
    done
    train -q --model logistic --optimizer adam --lr 0.05 --schedule 'step 2 0.5' --clip 1 --weight-decay 0.001 --label-smoothing 0.1 -o m three
    better "$(score -q m three | metric accuracy)" 0.75
}

@test "linear regression is least squares" {
    awk 'BEGIN { print "x,z,y"; for (i = 0; i < 50; i++) print i "," 2 * i "," 3 * i + 1.5 }' >line.csv
    train -q --model linear -o m line.csv
    printf 'x,z\n100,200\n' | score -q m | pick prediction | save --format csv - >p
    awk 'NR == 2 { exit !($1 > 301.499 && $1 < 301.501) }' p
}

@test "one seed gives one model, at one thread and at two, whatever the batches of the stream" {
    N='dense 8 relu | dropout 0.2 | batchnorm | dense 2'
    train -q --net "$N" --seed 3 --epochs 3 -o a two
    OMP_NUM_THREADS=1 taskset -c 0 train -q --net "$N" --seed 3 --epochs 3 -o b two
    cmp a b
    head -n 300 all.csv >1.csv
    { head -n 1 all.csv; tail -n +301 all.csv; } >2.csv
    load -q 1.csv 2.csv --label y --drop k,v,c,d | train -q --net "$N" --seed 3 --epochs 3 -o c
    cmp a c
    train -q --net "$N" --seed 4 --epochs 3 -o d two
    run cmp a d
    [ "$status" = 1 ]
    taskset -c 0 train -q -o a three && train -q -o b three && cmp a b
}

@test "rows beyond --memory go to a file, and the model is the same" {
    awk 'BEGIN { for (j = 0; j < 40; j++) printf "x%d,", j; print "y"; for (i = 0; i < 15000; i++) { for (j = 0; j < 40; j++) printf "%d,", (i * (j + 3)) % 17; print (i % 17 > 8) ? "a" : "b" } }' >wide.csv
    load -q wide.csv >wide
    train -q --net 'dense 4 relu' --epochs 1 -o a wide
    train -q --net 'dense 4 relu' --epochs 1 --memory 1M -o b wide
    cmp a b
    train -q -o a wide
    train -q --memory 1M -o b wide
    cmp a b
    fails "TMPDIR=$PWD/none train -q --memory 1M -o c wide" 73 none
    [ ! -e c ]
}

@test "a run that is killed and resumed ends in the same bytes" {
    N='dense 8 relu | dropout 0.2 | batchnorm | dense 2'
    O="--seed 3 --epochs 30 --batch 16 --schedule cosine -q --validation 0.2"
    train --net "$N" $O -o whole two
    train --net "$N" $O --checkpoint ck --checkpoint-every '7steps' -o ignored two
    cmp whole ignored
    for delay in 0.02 0.05 0.1; do
        rm -f ck
        train --net "$N" $O --checkpoint ck --checkpoint-every '7steps' -o part two &
        sleep $delay
        kill -9 $! 2>/dev/null || true
        wait $! || true
        train --net "$N" $O --checkpoint ck --checkpoint-every '7steps' --resume ck -o part two
        cmp whole part
        rm part
    done
    # from the last step of an epoch, before the epoch was closed
    train --net "$N" $O --checkpoint ck --checkpoint-every 1steps -o part two
    train --net "$N" $O --resume ck -o again two
    cmp whole again
    # from a checkpoint in the middle of an epoch, and from the end
    train --net "$N" $O --resume ck -o again two
    cmp whole again
    fails "train --net '$N' $O --lr 0.5 --resume ck -o again two" 65 'the checkpoint of another run'
    fails "train --net '$N' $O --resume ck -o again three" 65 'ck'
    fails "train --net '$N' $O --resume whole -o again two" 65 'no checkpoint of a run'
    fails "train --net '$N' $O --resume nowhere -o again two" 66 nowhere
}

@test "a checkpoint of the same numbers in other parts is another run's" {
    awk 'BEGIN { print "a,b,c,d"; srand(4); for (i = 0; i < 60; i++) print rand() "," rand() "," rand() "," rand() }' >four
    N="train -q --net 'dense 3 relu' --epochs 2"
    sh -c "$N --label a --drop d --checkpoint ck -o m four"
    sh -c "$N --label a --drop d --resume ck -o again four"
    cmp m again
    fails "$N --label b --drop d --resume ck -o other four" 65 "'ck': it is the checkpoint of another run: the rows or the options are not the same"
    sed '1s/.*/a,c,b,d/' four >renamed
    fails "$N --label a --drop d --resume ck -o other renamed" 65 'the checkpoint of another run'
    sh -c "$N --label a --weight b --id c --checkpoint ck -o m four"
    fails "$N --label a --weight d --id c --resume ck -o other four" 65 'the checkpoint of another run'
    [ ! -e other ]
}

@test "a checkpoint is a model" {
    train -q --net 'dense 8 relu' --checkpoint ck -o m two
    score -q ck two | pick prediction >a
    score -q m two | pick prediction >b
    cmp <(save --format csv - <a) <(save --format csv - <b)
}

@test "an interrupt ends with the model so far, marked incomplete, and status 130" {
    run --separate-stderr timeout -s INT --foreground 1 env --default-signal=INT train --net 'dense 8 relu | dense 2' --epochs 1000000 -o m two
    [ "$status" = 124 ]
    [[ $stderr == *"interrupted: the model so far was written"* ]]
    grep -aq '\\"complete\\":false' m
    score -q m two | metrics -q >/dev/null
    env --default-signal=INT train -q --net 'dense 8 relu | dense 2' --epochs 1000000 -o m two 2>err &
    sleep 0.7
    kill -INT $!
    status=0
    wait $! || status=$?
    [ "$status" = 130 ]
}

@test "validation keeps the best, groups stay together, and patience ends it" {
    run --separate-stderr train --net 'dense 64 relu | dense 2' --lr 0.05 --epochs 200 --validation 0.3 --patience 3 --seed 1 -o m two
    [ "$status" = 0 ]
    [[ $stderr == *"validation of 180 rows"* ]]
    [[ $stderr == *"best of "* ]]
    epochs=$(grep -ao 'validation_loss' m | wc -l)
    [ "$epochs" -lt 200 ]
    # a label that is the group: rows of a group on both sides would give the label away
    awk 'BEGIN { print "x,g,y"; for (i = 0; i < 400; i++) print i % 40 "," i % 40 "," i % 2 }' >g.csv
    load -q g.csv | pick -q --role g=group >g
    run --separate-stderr train --validation 0.5 --seed 2 -o m g
    [ "$status" = 0 ]
    rows=$(grep -ao '\\"validation_rows\\":[0-9]*' m | grep -o '[0-9]*$')
    [ $((rows % 10)) = 0 ]
    [ "$rows" -gt 0 ] && [ "$rows" -lt 400 ]
}

@test "weights: of rows and of classes" {
    printf 'x,w,y\n1,1,a\n1,3,b\n1,1,a\n1,3,b\n' | load -q --weight w >w
    train -q --l2 0 -o m w
    p=$(printf 'x\n1\n' | score -q m | pick probability | save --format csv - | grep -o '0\.[0-9]*' | head -n 1)
    awk -v p="$p" 'BEGIN { exit !(p > 0.2499 && p < 0.2501) }'
    printf 'x,y\n1,a\n1,b\n1,b\n1,b\n' | load -q >u
    train -q --l2 0 --class-weights balanced -o m u
    p=$(printf 'x\n1\n' | score -q m | pick probability | save --format csv - | grep -o '0\.[0-9]*' | head -n 1)
    awk -v p="$p" 'BEGIN { exit !(p > 0.4999 && p < 0.5001) }'
    train -q --l2 0 --class-weights a=9 -o m u
    p=$(printf 'x\n1\n' | score -q m | pick probability | save --format csv - | grep -o '0\.[0-9]*' | head -n 1)
    awk -v p="$p" 'BEGIN { exit !(p > 0.7499 && p < 0.7501) }'
    tells 'printf "x,w,y\n1,-1,a\n1,3,b\n" | train -q --weight w -o m' 65 "train: row 1: column 'w' is no weight: it must be a number of 0 or more"
    tells 'printf "x,w,y\n1,0,a\n1,0,b\n" | train -q --weight w -o m' 65 'train: all weights are 0: there is nothing to learn from'
    for given in '' yes yes= yes=2,,no=1 yes=nan yes=-1; do
        fails "train --class-weights '$given' -o none two" 64 "train: --class-weights takes 'balanced' or CLASS=WEIGHT,..., not '"
    done
}

@test "what cannot be learned from is an error that names it, and leaves the old model" {
    echo old >m
    tells 'printf "x,y\n1,a\n,b\n" | load -q | train -q -o m' 65 "train: row 2: column 'x' is missing: put \`clean\` in front"
    tells 'printf "x,z\n1,a\n2,b\n" | train -q -o m' 65 'train: no column is the label: name it with `--label COLUMN`, here or in the first program of the pipe; the columns are: x, z'
    tells 'printf "x,y\n1,a\n2,a\n" | train -q -o m' 65 "train: the label 'y' has one class only: there is nothing to tell apart"
    tells 'printf "x,y\n" | train -q -o m' 65 'train: there is no row to learn from'
    tells 'printf "x,y\n1,\n2,\n" | train -q --label y -o m' 65 'train: none of the 2 rows has a label'
    tells 'printf "y\n1\n2\n" | train -q -o m' 65 'train: no column is a feature: there is nothing to learn from'
    tells 'printf "x,y,z\n1,a,b\n2,b,c\n" | train -q --label y,z -o m' 65 "train: both 'y' and 'z' have the role label: a model learns with one; take the other out with \`--drop\`"
    tells 'printf "n,y\nx1,a\nx2,b\n" | train -q -o m' 65 'train: no column is left to learn from'
    tells 'printf "x,s,y\n1,train,a\n1,other,b\n" | load -q | pick -q --role s=split | train -q -o m' 65 "train: row 2: column 's' is none of train, validation and test"
    tells 'printf "x,s,y\n1,true,a\n2,false,b\n" | load -q | pick -q --role s=split | train -q -o m' 65 "train: row 1: column 's' is none of train, validation and test"
    tells 'printf "x,s,y\n1,test,a\n1,test,b\n" | load -q | pick -q --role s=split | train -q -o m' 65 'train: no row is left to learn from: all are for validation or test'
    tells 'printf "x,y\n1,a\n2,b\n" | train -q --validation 0.1 -o m' 65 'train: a share of 0.1 of 2 rows leaves none for validation'
    tells 'awk "BEGIN { print \"x,y\"; for (i = 0; i < 100001; i++) print i % 7 \",k\" i }" | train -q -o m' 65 "train: the label 'y' has 100001 different values, more than 100000 classes: is it an id, or a number to be predicted (--task regress)?"
    tells 'train -q --model linear -o m three' 65 "train: the label 'k' is text, and a value to be predicted is a number"
    tells 'train -q -o m </dev/null' 66 'train: standard input: no input at all'
    tells 'load nowhere.csv -q | train -q -o m' 65 "load: cannot read 'nowhere.csv': No such file or directory
train: stopped: load failed"
    [ "$(cat m)" = old ]
}

@test "options that do not go together, or not with the label, are told before anything is written" {
    echo old >m
    tells 'train -q --loss binary-cross-entropy -o m three' 64 "train: --loss binary-cross-entropy is for two classes, and 'k' has 3"
    tells 'train -q --loss mse --task regress -o m three' 65 "train: the label 'k' is text, and a value to be predicted is a number"
    tells 'train -q --loss cross-entropy --task regress -o m three' 64 'train: --loss cross-entropy is for classes, and --task regress for values'
    tells 'train -q --model linear --task classify -o m three' 64 'train: --model linear predicts values: take --model logistic for classes'
    tells 'train -q --model logistic --task regress -o m three' 64 'train: --model logistic tells classes apart: take --model linear for values'
    tells 'train -q --net "dense 8 | conv 3 3x3" -o m two' 64 "train: layer 2 'conv 3 3x3': it takes an image [height, width, channels], and the input has 1 dimension here"
    tells 'train -q --model linear --net "dense 1" -o m two' 64 'train: --model and --net exclude each other'
    tells 'train -q --net "dense 2" --optimizer lbfgs -o m two' 64 'train: --optimizer lbfgs fits --model linear and --model logistic, not networks'
    tells 'train -q --net "dense 1" --checkpoint m -o m two' 64 "train: --checkpoint and --output name one file, 'm'"
    tells 'train -q --net "dense 1" --log l --checkpoint l -o m two' 64 "train: --checkpoint and --log name one file, 'l'"
    tells 'train -q --net "dense 1" --log - two' 64 'train: --log takes a file: standard output carries the model'
    tells 'train -q --optimizer lbfgs --checkpoint ck -o m two' 64 'train: --checkpoint and --resume need an optimizer that works by minibatches'
    tells 'train -q --checkpoint ck -o m two' 64 'train: --checkpoint and --resume need an optimizer that works by minibatches: give --optimizer'
    tells 'train -q --net "dense 2" --patience 3 -o m two' 64 'train: --patience needs rows to validate with: give --validation SHARE'
    tells 'train -q --schedule wild -o m two' 64 "train: schedule 'wild': it is 'constant', 'step EPOCHS FACTOR' or 'cosine', each with ', warmup STEPS' behind it"
    tells 'train -q --checkpoint-every 0 -o m two' 64 "train: option '--checkpoint-every' takes a number of epochs, or 'N steps', not '0'"
    tells 'train -q --class-weights c=9 -o m two' 64 "train: --class-weights: 'y' has no class 'c'"
    tells 'train -q --class-weights a=b -o m two' 64 "train: --class-weights takes 'balanced' or CLASS=WEIGHT,..., not 'a=b'"
    tells 'train -q --class-weights balanced -o m value' 64 "train: --class-weights needs a label of classes, and 'v' is a number"
    [ "$(cat m)" = old ] && [ ! -e ck ]
}

@test "a loss that runs away stops with the minibatch named, and the checkpoint stands" {
    echo old >m
    train -q --net 'dense 8 relu' --optimizer sgd --lr 0.01 --epochs 1 --checkpoint ck -o first two
    cp ck kept
    fails "train -q --net 'dense 8 relu | dense 8 relu' --optimizer sgd --lr 100000 --loss mse --epochs 50 --checkpoint bad --checkpoint-every 1000steps -o m two" 65 ' of epoch 1: '
    [[ $stderr =~ ^train:\ (the\ loss\ is\ .*\ at\ )?minibatch\ [0-9]+\ of\ epoch\ 1:\  ]]
    [ "$(cat m)" = old ]
    [ ! -e bad ]
    cmp ck kept
    score -q ck two >/dev/null
}

@test "what the loss cannot be measured on, and what no float holds, ends the training in words" {
    echo old >m
    awk 'BEGIN { print "x,label,s,w"; for (i = 0; i < 60; i++) print i + 0.5 "," 3 * i + 0.5 "," (i < 40 ? "train,1" : "validation,0") }' | load -q | pick -q --role s=split --role w=weight >weightless
    for options in '' '--net "dense 4 relu" --checkpoint ck'; do
        fails "train -q $options -o m weightless" 65 'train: all rows for validation have the weight 0'
    done
    awk 'BEGIN { print "x,label,s"; for (i = 0; i < 60; i++) print i / 1000 "," 3 * i + 0.5 ",train"; print "3e38,1.5,validation" }' | load -q | pick -q --role s=split >beyond
    for options in '' '--net "dense 1" --lr 1 --epochs 40 --checkpoint ck'; do
        fails "train -q $options -o m beyond" 65 'train: the loss of the 1 rows for validation is inf: their numbers are beyond what this model computes with'
    done
    printf 'x,label\n1,0.6e154\n2,-0.6e154\n3,0.6e154\n4,-0.6e154\n' | load -q >high
    fails "train -q --net 'dense 4 relu' --lr 100 --epochs 3 -o m high" 65 'train: the loss is inf at minibatch 1 of epoch 2: learning ran away; try a smaller --lr, --clip 1, or `normalize` in front'
    fails "train -q --optimizer ftrl -o m high" 65 'train: the loss is inf at minibatch 2 of epoch 1: learning ran away; try a smaller --lr, or `normalize` in front'
    printf 'x,label,s\nfoo bar,1.5,train\nbar baz,2,train\nfoo qux,3,train\nqux,1e200,validation\n' | load -q --types x=utf8 | pick -q --role s=split | features -q --method tfidf --column x >beyond
    fails 'train -q -o m beyond' 65 'train: the loss of the 1 rows for validation is inf: their numbers are beyond what this model computes with'
    awk 'BEGIN { print "x,label"; for (i = 1; i < 60; i++) print i "e-30," 3 * i "e10" }' | load -q >small
    fails 'train -q -o m small' 65 "train: a weight is beyond 3.4e38: the label is too large for the features, or they too small"
    awk 'BEGIN { print "x,z,label"; for (i = 1; i < 60; i++) print i "e17," i % 7 "e17," 3 * i + 0.5 }' | load -q >large
    fails "train -q --net 'dense 1' --optimizer gd --epochs 1 --lr 1e6 --checkpoint ck -o m large" 65 'train: minibatch 1 of epoch 1 made parameters that are not finite: learning ran away; try a smaller --lr, --clip 1, or `normalize` in front'
    [ ! -e ck ]
    fails 'printf "x,w,y\n1,u,a\n2,v,b\n" | train -q --weight w -o m' 65 "train: column 'w' is utf8, and a weight is a number"
    fails "train -q --label-smoothing 1 -o m two" 64 'train: --label-smoothing takes a number from 0 to below 1: 1 leaves no label'
    [ "$(cat m)" = old ]
}

@test "no half a stream becomes a model" {
    size=$(stat -c %s two)
    for cut in 0 1 8 100 $((size / 2)) $((size - 9)) $((size - 8)) $((size - 1)); do
        [ $cut = 0 ] && status_wanted=66 || status_wanted=65
        fails "head -c $cut two | train -q -o m" $status_wanted "train: "
        [ ! -e m ]
    done
    run sh -c 'ls -A | grep -c "^m\."'
    [ "$output" = 0 ]
}

@test "the output: a full disk, a missing folder, a device" {
    [ -e /dev/full ] || skip 'no /dev/full'
    fails 'train -q two >/dev/full' 74 'No space left on device'
    fails 'train -q -o none/m two' 73 'none'
    train -q two >m
    train -q -o n two
    cmp m n
}

@test "constant features, fewer rows than a batch, a single row of a class" {
    printf 'c,x,y\n5,1,a\n5,2,b\n5,3,a\n' >s.csv
    train -q -o m s.csv
    score -q m s.csv >/dev/null
    train -q --net 'dense 4 relu' --batch 1000 --epochs 2 -o m s.csv
    score -q m s.csv >/dev/null
    awk 'BEGIN { print "c,y"; for (i = 0; i < 9; i++) print "5," i / 2 }' | train -q --model linear -o m
    [ "$(printf 'c\n5\n' | score -q m | pick prediction | save --format csv - | tail -n 1)" = 2 ]
}

# 64 images of 12 x 12, bright above or below.
make_images() {
    python3 - <<'PY'
import struct, random
random.seed(1)
n = 64
with open("img-idx3-ubyte", "wb") as f, open("lab-idx1-ubyte", "wb") as g:
    f.write(struct.pack(">IIII", 0x803, n, 12, 12)); g.write(struct.pack(">II", 0x801, n))
    for i in range(n):
        c = i % 2
        f.write(bytes((200 if (r < 6) == bool(c) else 20) + random.randrange(30) for r in range(12) for _ in range(12)))
        g.write(bytes([c]))
PY
    load -q img-idx3-ubyte --labels lab-idx1-ubyte | normalize -q --method scale=255 >images
}

@test "images choose the network of the page" {
    make_images
    run --separate-stderr train --epochs 3 -o m images
    [[ $stderr == *"network 'conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense 2'"* ]]
    better "$(score -q m images | metric accuracy)" 0.95
    train -q --model logistic -o m images
    better "$(score -q m images | metric accuracy)" 0.95
}

@test "bf16: a model of its own, the same at one thread and two, and resumed" {
    make_images
    O="--net 'conv 16 3x3 relu | conv 16 3x3 pad same | maxpool 2 relu | flatten | dense 2' --batch 32 --epochs 4 -q"
    if ! grep -q avx512_bf16 /proc/cpuinfo; then
        fails "train $O --precision bf16 -o m images" 64 'this processor has no bfloat16 instructions (AVX512-BF16)'
        return
    fi
    eval "train $O -o float images"
    eval "train $O --precision bf16 --checkpoint ck --checkpoint-every 3steps -o m images"
    run cmp float m
    [ "$status" = 1 ]
    better "$(score -q m images | metric accuracy)" 0.95
    eval "taskset -c 0 train $O --precision bf16 -o one images"
    cmp m one
    eval "train $O --precision bf16 --resume ck -o again images"
    cmp m again
    fails "train $O --resume ck -o again images" 65 'the checkpoint of another run'
    fails "train $O --precision fp8 -o again images" 64 fp8
}

@test "--log has a line of JSON for each epoch" {
    train -q --net 'dense 4' --epochs 5 --validation 0.2 --log log -o m two
    [ "$(wc -l <log)" = 5 ]
    python3 -c 'import json, sys; rows = [json.loads(l) for l in open("log")]; assert [r["epoch"] for r in rows] == [1, 2, 3, 4, 5]; assert all(r["validation_loss"] > 0 and r["loss"] > 0 for r in rows)'
    fails 'train -q --log none/log -o m two' 73 none
    fails 'train -q --net "dense 4 relu" --epochs 2 --log /dev/full -o full two' 74 "train: '/dev/full': No space left on device"
    score -q full two >/dev/null # the model is whole all the same
}

@test "the record says what the model came from, and nothing of the machine" {
    train -q --net 'dense 4 relu' --epochs 2 --seed 9 -o m two
    python3 - <<'PY'
import json, struct
b = open("m", "rb").read()
n = struct.unpack("<Q", b[:8])[0]
assert n % 8 == 0
meta = json.loads(b[8:8 + n])["__metadata__"]
t = json.loads(meta["weir:training"])
assert t["rows"] == 600 and t["seed"] == 9 and t["complete"] is True and len(t["epochs"]) == 2, t
assert len(t["data"]) == 32 and t["options"]["optimizer"] == "adam", t
assert meta["weir:network"] == "dense 4 relu | dense 2", meta["weir:network"]
PY
    run grep -c "$PWD" m
    [ "$output" = 0 ]
}
