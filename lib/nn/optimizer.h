/* Optimizers and learning-rate schedules: plain formulas over the one buffer of parameters. */
#ifndef WEIR_NN_OPTIMIZER_H
#define WEIR_NN_OPTIMIZER_H

#include "base/error.h"
#include "base/thread.h"
#include <stdbool.h>
#include <stdint.h>

/* With p the parameters, g the gradient (g += weight_decay * p first, except for adamw), t = 1, 2, ... the step:
 *   gd, sgd   p -= lr g                                           (gd: the caller makes all rows one minibatch)
 *   momentum  v = m v + g;               p -= lr v                (Polyak 1964)
 *   nesterov  v = m v + g;               p -= lr (g + m v)        (Sutskever et al. 2013)
 *   rmsprop   s = a s + (1 - a) g^2;     p -= lr g / (sqrt(s) + e)                   (Tieleman and Hinton 2012)
 *   adam      m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
 *             p -= lr m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + e)                    (Kingma and Ba 2015)
 *   adamw     the same, and p -= lr weight_decay p before it               (Loshchilov and Hutter 2019)
 * e is at least the smallest normal float, so that parameters whose gradient was always 0 stay where they are. */
enum weir_optimizer_kind { WEIR_GD, WEIR_SGD, WEIR_MOMENTUM, WEIR_NESTEROV, WEIR_RMSPROP, WEIR_ADAM, WEIR_ADAMW };
bool weir_optimizer_parse(const char *name, enum weir_optimizer_kind *out);
const char *weir_optimizer_name(enum weir_optimizer_kind kind);

struct weir_optimizer_options {
    enum weir_optimizer_kind kind;
    double learning_rate;
    double momentum;     /* 0.9 */
    double beta1, beta2; /* 0.9, 0.999 */
    double alpha;        /* 0.99 */
    double epsilon;      /* 1e-8; e in the formulas */
    double weight_decay; /* 0 */
    double clip;         /* largest norm of the gradient (all parameters together), 0: none */
};
/* The defaults above with the kind's usual learning rate (gd 0.1, sgd 0.01, momentum 0.01, nesterov 0.01, rmsprop
 * 0.001, adam 0.001, adamw 0.001). */
struct weir_optimizer_options weir_optimizer_defaults(enum weir_optimizer_kind kind);

struct weir_optimizer;
/* For `count` parameters; to be freed. 0, or -1 when the learning rate or a beta is out of its range or there is no
 * memory. */
int weir_optimizer_new(struct weir_optimizer **optimizer, const struct weir_optimizer_options *options, int64_t count,
                       struct weir_error *error);
void weir_optimizer_free(struct weir_optimizer *optimizer); /* NULL is accepted */

/* One step with learning rate options.learning_rate * scale. gradient is clipped in place. *norm (may be NULL): its
 * norm before clipping, summed in double in a fixed order. A gradient that is not finite is an error, and the
 * parameters stay as they were. */
int weir_optimizer_step(struct weir_optimizer *optimizer, struct weir_pool *pool, float *parameters, float *gradient,
                        double scale, double *norm, struct weir_error *error);

/* For checkpoints: steps done, and the moment buffers ([count] each, 0 to 2 of them). Writing to them and
 * weir_optimizer_set_steps restores. */
int64_t weir_optimizer_steps(const struct weir_optimizer *optimizer);
void weir_optimizer_set_steps(struct weir_optimizer *optimizer, int64_t steps);
int weir_optimizer_buffer_count(const struct weir_optimizer *optimizer);
float *weir_optimizer_buffer(struct weir_optimizer *optimizer, int i);

/* The learning rate's factor over time: constant; step N FACTOR (times FACTOR every N epochs); cosine (to 0 at the
 * end); each with a linear warm-up over W steps first. Notation: "constant", "step 10 0.1", "cosine", with ", warmup
 * 500". */
struct weir_schedule {
    enum { WEIR_SCHEDULE_CONSTANT, WEIR_SCHEDULE_STEP, WEIR_SCHEDULE_COSINE } kind;
    int64_t step_epochs;
    double step_factor;
    int64_t warmup_steps;
};
int weir_schedule_parse(struct weir_schedule *schedule, const char *notation, struct weir_error *error);
/* step: 0 based, of total_steps; steps_per_epoch > 0. */
double weir_schedule_factor(const struct weir_schedule *schedule, int64_t step, int64_t total_steps,
                            int64_t steps_per_epoch);

#endif
