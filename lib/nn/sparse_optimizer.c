#include "nn/sparse_optimizer.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a place keeps of each output, side by side: its weight, the gradient of the minibatch under way, and the sums.
 */
enum { WEIGHT, GRADIENT, SQUARES, SUM, MOST_SLOTS };

static const struct {
    const char *name;
    double rate, square_rate;
    int slots;
} kinds[] = {
    [WEIR_SPARSE_SGD] = { "sgd", 0.5, 0.1, SQUARES },
    [WEIR_SPARSE_ADAGRAD] = { "adagrad", 0.5, 0.5, SUM },
    [WEIR_SPARSE_FTRL] = { "ftrl", 1, 1, MOST_SLOTS },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct weir_sparse_optimizer {
    struct weir_sparse_optimizer_options options;
    int64_t places, outputs; /* places: with the bias */
    int slots;
    float *state;       /* [places][slots][outputs] */
    double *taken;      /* [places]: `due` when the place took its shares last; NULL: ftrl */
    double due;         /* sum of the shares that fell due so far; of sgd times their rates */
    uint8_t *is_listed; /* [places] */
    uint32_t *touched;  /* places with a gradient, in the order in which they were met */
    size_t touched_count, touched_capacity;
    int64_t rows, pass;
    int64_t pass_rows; /* of a whole pass; 0 in the first */
};

bool weir_sparse_optimizer_parse(const char *name, enum weir_sparse_optimizer_kind *out)
{
    for (int i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *out = (enum weir_sparse_optimizer_kind)i;
            return true;
        }
    return false;
}

const char *weir_sparse_optimizer_name(enum weir_sparse_optimizer_kind kind)
{
    return kinds[kind].name;
}

double weir_sparse_optimizer_rate(enum weir_sparse_optimizer_kind kind, bool is_square)
{
    return is_square ? kinds[kind].square_rate : kinds[kind].rate;
}

static float *make_state(int64_t places, int slots, int64_t outputs)
{
    size_t numbers;
    if (!weir_multiply((size_t)places, (size_t)slots, &numbers) || !weir_multiply(numbers, (size_t)outputs, &numbers))
        return NULL;
    return weir_allocate_zero(numbers, sizeof(float));
}

int weir_sparse_optimizer_new(struct weir_sparse_optimizer **optimizer,
                              const struct weir_sparse_optimizer_options *options, int64_t places, int64_t outputs,
                              struct weir_error *error)
{
    struct weir_sparse_optimizer *o = weir_allocate_zero(1, sizeof *o);
    *optimizer = o;
    if (!o)
        return weir_fail_memory(error);
    *o = (struct weir_sparse_optimizer){
        .options = *options, .places = places + 1, .outputs = outputs, .slots = kinds[options->kind].slots, .pass = 1
    };
    o->state = make_state(o->places, o->slots, outputs);
    o->is_listed = weir_allocate_zero((size_t)o->places, 1);
    if (options->kind != WEIR_SPARSE_FTRL)
        o->taken = weir_allocate_zero((size_t)o->places, sizeof *o->taken);
    if (o->state && o->is_listed && (o->taken || options->kind == WEIR_SPARSE_FTRL))
        return 0;
    weir_sparse_optimizer_free(o);
    *optimizer = NULL;
    return weir_fail_memory(error);
}

void weir_sparse_optimizer_free(struct weir_sparse_optimizer *o)
{
    if (!o)
        return;
    free(o->state);
    free(o->taken);
    free(o->is_listed);
    free(o->touched);
    free(o);
}

int64_t weir_sparse_optimizer_outputs(const struct weir_sparse_optimizer *o)
{
    return o->outputs;
}

int weir_sparse_optimizer_expand(struct weir_sparse_optimizer *o, int64_t outputs, const int32_t *from,
                                 struct weir_error *error)
{
    float *state = make_state(o->places, o->slots, outputs);
    if (!state)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < o->places * o->slots; row++) {
        bool is_signed = row % o->slots == WEIGHT || row % o->slots == SUM;
        for (int64_t k = 0; k < outputs; k++) {
            int32_t old = from[k] < 0 ? -1 - from[k] : from[k];
            if (old < o->outputs)
                state[row * outputs + k] = (is_signed && from[k] < 0 ? -1.0f : 1.0f) * o->state[row * o->outputs + old];
        }
    }
    free(o->state);
    o->state = state;
    o->outputs = outputs;
    return 0;
}

/* ---- One place -------------------------------------------------------------------------------------------- */

static float *place_state(const struct weir_sparse_optimizer *o, int64_t place)
{
    return o->state + place * o->slots * o->outputs;
}

static float shrink(float weight, double l1, double l2)
{
    double size = fabs((double)weight) / (1 + l2) - l1;
    return size > 0 ? (float)copysign(size, (double)weight) : 0;
}

static double adagrad_rate(const struct weir_sparse_optimizer *o, double squares)
{
    return o->options.rate / (1e-6 + sqrt(squares));
}

/* The shares of the penalty that fell due since the place took them last. */
static void take_shares(struct weir_sparse_optimizer *o, int64_t place, float *state)
{
    double due = o->due - o->taken[place];
    o->taken[place] = o->due;
    if (!(due > 0) || place == o->places - 1)
        return;
    for (int64_t k = 0; k < o->outputs; k++) {
        if (state[k] == 0)
            continue;
        double rate = o->options.kind == WEIR_SPARSE_SGD ? 1 : adagrad_rate(o, state[SQUARES * o->outputs + k]);
        state[k] = shrink(state[k], rate * due * o->options.l1, rate * due * o->options.l2);
    }
}

static float ftrl_weight(const struct weir_sparse_optimizer *o, double z, double squares, bool is_bias)
{
    double l1 = is_bias ? 0 : o->options.l1 * (double)o->pass, l2 = is_bias ? 0 : o->options.l2 * (double)o->pass;
    if (!(fabs(z) > l1))
        return 0;
    return (float)(-(z - copysign(l1, z)) / ((1 + sqrt(squares)) / o->options.rate + l2));
}

static void step_sgd(const struct weir_sparse_optimizer *o, float *state, double rate)
{
    for (int64_t k = 0; k < o->outputs; k++) {
        state[k] -= (float)(rate * state[GRADIENT * o->outputs + k]);
        state[GRADIENT * o->outputs + k] = 0;
    }
}

static void step_adagrad(const struct weir_sparse_optimizer *o, float *state)
{
    int64_t outputs = o->outputs;
    for (int64_t k = 0; k < outputs; k++) {
        double g = state[GRADIENT * outputs + k];
        state[SQUARES * outputs + k] += (float)(g * g);
        state[k] -= (float)(adagrad_rate(o, state[SQUARES * outputs + k]) * g);
        state[GRADIENT * outputs + k] = 0;
    }
}

static void step_ftrl(const struct weir_sparse_optimizer *o, float *state, bool is_bias)
{
    int64_t outputs = o->outputs;
    for (int64_t k = 0; k < outputs; k++) {
        double g = state[GRADIENT * outputs + k], squares = state[SQUARES * outputs + k];
        double sigma = (sqrt(squares + g * g) - sqrt(squares)) / o->options.rate;
        double z = state[SUM * outputs + k] + g - sigma * state[k];
        state[SUM * outputs + k] = (float)z;
        state[SQUARES * outputs + k] = (float)(squares + g * g);
        state[k] = ftrl_weight(o, z, squares + g * g, is_bias);
        state[GRADIENT * outputs + k] = 0;
    }
}

/* ---- Rows ------------------------------------------------------------------------------------------------- */

static void score_place(struct weir_sparse_optimizer *o, int64_t place, double value, double *z)
{
    float *state = place_state(o, place);
    if (o->taken)
        take_shares(o, place, state);
    for (int64_t k = 0; k < o->outputs; k++)
        z[k] += value * state[k];
}

void weir_sparse_optimizer_score(struct weir_sparse_optimizer *o, const struct weir_entry *entries, int64_t count,
                                 double *z)
{
    memset(z, 0, (size_t)o->outputs * sizeof *z);
    for (int64_t i = 0; i < count; i++)
        __builtin_prefetch(place_state(o, entries[i].index));
    for (int64_t i = 0; i < count; i++)
        score_place(o, entries[i].index, entries[i].value, z);
    score_place(o, o->places - 1, 1, z);
}

static void add_place(struct weir_sparse_optimizer *o, int64_t place, double value, const double *derivative)
{
    float *gradient = place_state(o, place) + GRADIENT * o->outputs;
    if (!o->is_listed[place]) {
        o->is_listed[place] = 1;
        o->touched[o->touched_count++] = (uint32_t)place;
    }
    for (int64_t k = 0; k < o->outputs; k++)
        gradient[k] += (float)(value * derivative[k]);
}

int weir_sparse_optimizer_add(struct weir_sparse_optimizer *o, const struct weir_entry *entries, int64_t count,
                              const double *derivative)
{
    if (weir_grow((void **)&o->touched, &o->touched_capacity, o->touched_count + (size_t)count + 1, sizeof *o->touched))
        return -1;
    for (int64_t i = 0; i < count; i++)
        add_place(o, entries[i].index, entries[i].value, derivative);
    add_place(o, o->places - 1, 1, derivative);
    return 0;
}

void weir_sparse_optimizer_step(struct weir_sparse_optimizer *o, int64_t rows)
{
    int64_t bias = o->places - 1;
    o->rows += rows;
    /* The loss of all rows is the sum over as many as there are, as far as that is known. */
    double seen = (double)(o->pass_rows ? o->pass_rows : o->rows);
    for (size_t i = 0; i < o->touched_count; i++) {
        int64_t place = o->touched[i];
        float *state = place_state(o, place);
        o->is_listed[place] = 0;
        if (o->options.kind == WEIR_SPARSE_SGD)
            step_sgd(o, state, o->options.rate / (double)rows);
        else if (o->options.kind == WEIR_SPARSE_ADAGRAD)
            step_adagrad(o, state);
        else
            step_ftrl(o, state, place == bias);
    }
    o->touched_count = 0;
    o->due += (o->options.kind == WEIR_SPARSE_SGD ? o->options.rate : (double)rows) / seen;
}

void weir_sparse_optimizer_next_pass(struct weir_sparse_optimizer *o)
{
    if (!o->pass_rows)
        o->pass_rows = o->rows;
    o->pass++;
    for (int64_t place = 0; o->options.kind == WEIR_SPARSE_FTRL && place < o->places; place++) {
        float *state = place_state(o, place);
        for (int64_t k = 0; k < o->outputs; k++)
            state[k] =
                ftrl_weight(o, state[SUM * o->outputs + k], state[SQUARES * o->outputs + k], place == o->places - 1);
    }
}

void weir_sparse_optimizer_finish(struct weir_sparse_optimizer *o)
{
    for (int64_t place = 0; o->taken && place < o->places; place++)
        take_shares(o, place, place_state(o, place));
}

float weir_sparse_optimizer_weight(const struct weir_sparse_optimizer *o, int64_t place, int64_t output)
{
    return place_state(o, place)[output];
}
