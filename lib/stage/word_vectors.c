#include "stage/word_vectors.h"
#include "math/vector.h"
#include <math.h>

void weir_word_vectors_release(struct weir_word_vectors *vectors)
{
    weir_vocabulary_release(&vectors->words);
    free(vectors->vectors);
    free(vectors->inverse);
    free(vectors->gram_numbers);
    free(vectors->gram_vectors);
    *vectors = (struct weir_word_vectors){ 0 };
}

int weir_word_vectors_check(size_t words, size_t bytes, size_t grams, int width, const char *remedy,
                            struct weir_error *error)
{
    size_t vector = (size_t)width * sizeof(float);
    size_t all = words * (vector + 2) + bytes + grams * (vector + sizeof(uint32_t));
    if (all <= WEIR_VECTORS_BYTES)
        return 0;
    return weir_fail(
        error, WEIR_USAGE,
        "%zu words%s of width %d take %zu MiB, and the vectors that travel in a plan %d at most: choose %s", words,
        grams ? " and their n-grams" : "", width, all >> 20, WEIR_VECTORS_BYTES >> 20, remedy);
}

int weir_word_vectors_settle(struct weir_word_vectors *vectors, struct weir_error *error)
{
    size_t count = vectors->words.count, width = (size_t)vectors->width;
    if (!weir_vector_is_finite(vectors->vectors, (int64_t)(count * width)) ||
        !weir_vector_is_finite(vectors->gram_vectors, (int64_t)(vectors->gram_count * width)))
        return weir_fail(error, WEIR_BAD_DATA, "a number of the word vectors is not finite");
    vectors->inverse = weir_allocate(count, sizeof *vectors->inverse);
    if (!vectors->inverse)
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        double square = weir_vector_square_sum(vectors->vectors + i * width, (int64_t)width);
        vectors->inverse[i] = square > 0 ? 1 / sqrt(square) : 0;
    }
    return 0;
}

/* ---- One word --------------------------------------------------------------------------------------------------- */

void weir_word_lookup_release(struct weir_word_lookup *lookup)
{
    weir_gram_list_release(&lookup->list);
    free(lookup->made);
    *lookup = (struct weir_word_lookup){ 0 };
}

static const float *find_gram(const struct weir_word_vectors *vectors, uint32_t number)
{
    size_t low = 0, high = vectors->gram_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (vectors->gram_numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < vectors->gram_count && vectors->gram_numbers[low] == number;
    return found ? vectors->gram_vectors + low * (size_t)vectors->width : NULL;
}

/* As the words that were learned are the mean of their rows. */
static int make_vector(const struct weir_word_vectors *vectors, struct weir_word_lookup *lookup, const char *word,
                       size_t length, const float **vector, double *inverse, struct weir_error *error)
{
    size_t width = (size_t)vectors->width, found = 0;
    if (!lookup->made && !(lookup->made = weir_allocate(width, sizeof *lookup->made)))
        return weir_fail_memory(error);
    if (weir_grams_of(&vectors->grams, word, length, &lookup->list) < 0)
        return weir_fail_memory(error);
    memset(lookup->made, 0, width * sizeof *lookup->made);
    for (size_t i = 0; i < lookup->list.count; i++) {
        const float *gram = find_gram(vectors, lookup->list.numbers[i]);
        if (!gram)
            continue;
        found++;
        weir_vector_add(gram, lookup->made, (int64_t)width);
    }
    if (found == 0)
        return 0;
    weir_vector_scale(lookup->made, 1 / (float)found, (int64_t)width);
    double square = weir_vector_square_sum(lookup->made, (int64_t)width);
    if (!(square > 0 && isfinite(square)))
        return 0;
    *inverse = 1 / sqrt(square);
    *vector = lookup->made;
    return 0;
}

int weir_word_vector(const struct weir_word_vectors *vectors, struct weir_word_lookup *lookup, const char *word,
                     size_t length, const float **vector, double *inverse, struct weir_error *error)
{
    *vector = NULL;
    uint32_t code = weir_vocabulary_code(&vectors->words, word, length);
    if (code != WEIR_NO_TERM) {
        *vector = vectors->vectors + code * (size_t)vectors->width;
        *inverse = vectors->inverse[code];
        return 0;
    }
    if (vectors->gram_count == 0 || length > WEIR_WORD_BYTES)
        return 0;
    return make_vector(vectors, lookup, word, length, vector, inverse, error);
}

/* ---- Those nearest to it ---------------------------------------------------------------------------------------- */

/* Puts a word among the nearest so far, behind those that are as near. */
static size_t put_nearest(uint32_t *index, double *cosine, size_t count, size_t wanted, uint32_t word, double near)
{
    size_t at = count;
    while (at > 0 && cosine[at - 1] < near)
        at--;
    if (at == wanted)
        return count;
    if (count < wanted)
        count++;
    for (size_t i = count - 1; i > at; i--) {
        index[i] = index[i - 1];
        cosine[i] = cosine[i - 1];
    }
    index[at] = word;
    cosine[at] = near;
    return count;
}

int weir_word_vectors_nearest(const struct weir_word_vectors *vectors, const char *word, size_t length, size_t wanted,
                              uint32_t *index, double *cosine, size_t *count, struct weir_error *error)
{
    struct weir_word_lookup lookup = { 0 };
    const float *vector;
    double inverse;
    size_t width = (size_t)vectors->width;
    *count = 0;
    int result = weir_word_vector(vectors, &lookup, word, length, &vector, &inverse, error);
    uint32_t itself = weir_vocabulary_code(&vectors->words, word, length);
    for (uint32_t i = 0; result == 0 && vector && i < vectors->words.count; i++) {
        const float *other = vectors->vectors + i * width;
        double sum = 0;
        for (size_t j = 0; j < width; j++)
            sum += (double)vector[j] * (double)other[j];
        if (i != itself)
            *count = put_nearest(index, cosine, *count, wanted, i, sum * inverse * vectors->inverse[i]);
    }
    weir_word_lookup_release(&lookup);
    return result;
}
