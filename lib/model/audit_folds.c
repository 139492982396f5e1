/* Which fold each row of an audit belongs to. */
#include "base/memory.h"
#include "base/random.h"
#include "model/audit_private.h"
#include <stdlib.h>

/* Cards of one class: every run of `folds` rows gets each fold once, in an order of its own. */
struct deck {
    uint8_t cards[WEIR_AUDIT_NO_FOLD];
    int left;
};

static uint8_t deal(struct deck *deck, int folds, struct weir_random *random)
{
    if (deck->left == 0)
        for (; deck->left < folds; deck->left++)
            deck->cards[deck->left] = (uint8_t)deck->left;
    int i = (int)weir_random_below(random, (uint64_t)deck->left);
    uint8_t card = deck->cards[i];
    deck->cards[i] = deck->cards[--deck->left];
    return card;
}

static int check(const struct weir_audit *audit, struct weir_error *error)
{
    int folds = audit->options.folds;
    int64_t *rows = weir_allocate_zero((size_t)folds, sizeof *rows);
    if (!rows)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < audit->rows.count; row++)
        if (audit->fold[row] != WEIR_AUDIT_NO_FOLD)
            rows[audit->fold[row]]++;
    int result = 0;
    for (int i = 0; result == 0 && i < folds; i++)
        if (rows[i] == audit->labelled)
            result = weir_fail(error, WEIR_BAD_DATA,
                               "all rows with a label are of one group: no fold is left to learn from");
    free(rows);
    return result;
}

int weir_audit_folds(struct weir_audit *audit, struct weir_error *error)
{
    int folds = audit->options.folds;
    size_t classes = audit->class_of ? (size_t)audit->classes.class_count : 1;
    if (audit->labelled < folds)
        return weir_fail(error, WEIR_BAD_DATA, "%lld row%s a label, fewer than the %d folds",
                         (long long)audit->labelled, audit->labelled == 1 ? " has" : "s have", folds);
    struct weir_random random;
    weir_random_init(&random, audit->options.seed, UINT64_MAX);
    struct deck *decks = weir_allocate_zero(classes, sizeof *decks);
    audit->fold = weir_allocate((size_t)audit->rows.count, 1);
    int result = decks && audit->fold ? 0 : weir_fail_memory(error);
    for (int64_t row = 0; result == 0 && row < audit->rows.count; row++) {
        audit->fold[row] = WEIR_AUDIT_NO_FOLD;
        if (!audit->present[row])
            continue;
        if (audit->groups)
            audit->fold[row] =
                (uint8_t)(weir_hash(&audit->groups[row], sizeof audit->groups[row], audit->options.seed) %
                          (uint64_t)folds);
        else
            audit->fold[row] = deal(&decks[audit->class_of ? audit->class_of[row] : 0], folds, &random);
    }
    free(decks);
    return result ? result : check(audit, error);
}
