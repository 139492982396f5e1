/* By chance: a row goes down a chain of choices, "into part 0 or further", "into part 1 or further" ... A choice with
 * the share s that has been made n times so far, k of them with yes, keeps k between floor(s n) and ceil(s n), and says
 * yes to every row with probability s: with a = s n - floor(s n), and x = k - floor(s n) (0 or 1, and P(x = 1) = a),
 *
 *     a + s <  1:  x = 1: no;   x = 0: yes with probability s / (1 - a)
 *     a + s >= 1:  x = 0: yes;  x = 1: yes with probability (a + s - 1) / a
 *
 * which is the ordered pivotal method (Deville and Tille, "Unequal probability sampling without replacement through a
 * splitting method", Biometrika 85, 1998) for equal probabilities. */
#include "stage/partition.h"
#include "base/hash.h"
#include "base/random.h"
#include "stage/augment.h"
#include "stage/strata_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct choice {
    int64_t made, yes;
};

struct weir_partition {
    enum weir_partition_by by;
    struct weir_strata strata;
    int parts;
    double *shares;      /* as given, summed up: shares[i] is that of the parts 0 .. i */
    double *conditional; /* of part i, among the rows that came so far down the chain */
    uint64_t seed;
    int made; /* a column, or -1 */
    bool *held_out;
    int64_t left_out;
    struct choice *choices; /* [strata.count][parts]: of each class its chain */
    size_t choice_capacity;
};

int weir_partition_new(struct weir_partition **out, const struct weir_schema *schema,
                       const struct weir_partition_options *options, struct weir_error *error)
{
    struct weir_partition *partition = weir_allocate_zero(1, sizeof *partition);
    if (!partition)
        return weir_fail_memory(error);
    size_t parts = (size_t)options->parts;
    partition->by = options->by;
    partition->parts = options->parts;
    partition->seed = options->seed;
    partition->shares = weir_allocate(parts, sizeof *partition->shares);
    partition->conditional = weir_allocate(parts, sizeof *partition->conditional);
    partition->held_out = weir_allocate_zero(parts, sizeof *partition->held_out);
    partition->made = options->held_out ? weir_made_column(schema) : -1;
    bool there = partition->shares && partition->conditional && partition->held_out;
    if (!there)
        weir_fail_memory(error);
    if (!there || weir_strata_init(&partition->strata, schema, options->columns, options->column_count, error) < 0) {
        weir_partition_free(partition);
        return -1;
    }
    for (size_t i = 0; options->held_out && i < parts; i++)
        partition->held_out[i] = options->held_out[i];
    const double nearly = 1 - 1e-9; /* 0.1 + 0.2 + 0.7 is one */
    double sum = 0;
    for (size_t i = 0; i < parts; i++) {
        double conditional = options->shares[i] / (1 - sum);
        sum += options->shares[i];
        partition->conditional[i] = sum >= nearly || !(conditional < nearly) ? 1 : conditional;
        partition->shares[i] = sum >= nearly ? 1 : sum;
    }
    *out = partition;
    return 0;
}

/* The chain of choices of the class, made when it is new. */
static struct choice *chain_of(struct weir_partition *partition, uint64_t hash, struct weir_error *error)
{
    size_t parts = (size_t)partition->parts, known = partition->strata.count;
    int64_t index = weir_strata_add(&partition->strata, hash, error);
    if (index < 0)
        return NULL;
    if ((size_t)index == known) {
        void *choices = partition->choices;
        if (weir_grow(&choices, &partition->choice_capacity, (known + 1) * parts, sizeof *partition->choices) < 0) {
            weir_fail_memory(error);
            return NULL;
        }
        partition->choices = choices;
        memset(partition->choices + known * parts, 0, parts * sizeof *partition->choices);
    }
    return partition->choices + (size_t)index * parts;
}

static bool choose(struct choice *choice, double share, struct weir_random *random)
{
    double expected = share * (double)choice->made, whole = floor(expected), a = expected - whole;
    double u = weir_random_uniform(random);
    bool ahead = (double)choice->yes > whole, yes;
    if (share >= 1)
        yes = true;
    else if (a + share < 1)
        yes = !ahead && u * (1 - a) < share;
    else
        yes = !ahead || u * a < a + share - 1;
    choice->made++;
    choice->yes += yes;
    return yes;
}

static int by_chance(struct weir_partition *partition, uint64_t class, uint16_t *part, struct weir_error *error)
{
    struct choice *chain = chain_of(partition, class, error);
    if (!chain)
        return -1;
    /* The numbers of a row depend on the seed, its class and its number in that. */
    struct weir_random random;
    weir_random_init(&random, partition->seed, class);
    random.counter = (uint64_t)chain[0].made * WEIR_MOST_PARTS;
    int i = 0;
    while (i < partition->parts && !choose(&chain[i], partition->conditional[i], &random))
        i++;
    *part = (uint16_t)i;
    return 0;
}

static uint16_t by_key(const struct weir_partition *partition, uint64_t hash)
{
    double place = (double)(hash >> 11) * 0x1p-53;
    int i = 0;
    while (i < partition->parts && place >= partition->shares[i])
        i++;
    return (uint16_t)i;
}

static bool was_made(const struct weir_partition *partition, const struct weir_batch *batch, int64_t row)
{
    const struct weir_column *made = partition->made < 0 ? NULL : &batch->columns[partition->made];
    return made && weir_valid(made, row) && weir_bit(made->values.bytes, row);
}

int weir_partition_rows(struct weir_partition *partition, const struct weir_batch *batch, uint16_t *part,
                        struct weir_error *error)
{
    for (int64_t r = 0; r < batch->rows; r++) {
        if (partition->by == WEIR_BY_KEY)
            part[r] = by_key(partition, weir_strata_hash(&partition->strata, batch, r, partition->seed));
        else if (by_chance(partition, weir_strata_hash(&partition->strata, batch, r, 0), &part[r], error) < 0)
            return -1;
        if (part[r] < partition->parts && partition->held_out[part[r]] && was_made(partition, batch, r)) {
            part[r] = (uint16_t)partition->parts;
            partition->left_out++;
        }
    }
    return 0;
}

int64_t weir_partition_left_out(const struct weir_partition *partition)
{
    return partition->left_out;
}

void weir_partition_free(struct weir_partition *partition)
{
    if (!partition)
        return;
    weir_strata_release(&partition->strata);
    free(partition->shares);
    free(partition->conditional);
    free(partition->held_out);
    free(partition->choices);
    free(partition);
}
