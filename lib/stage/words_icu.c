/* Words: where ICU says that they end. The library, in C++ and with megabytes of dictionaries, is opened by the first
 * text that needs it. */
#include "base/library.h"
#include "base/utf8.h"
#include "stage/words_private.h"
#include <dlfcn.h>
#include <errno.h>
#include <unicode/ubrk.h>

#define QUOTE(name)  #name
#define SYMBOL(name) QUOTE(name) /* with the suffix of its version */

struct words_icu {
    __typeof__(ubrk_open) *open;
    __typeof__(ubrk_close) *close;
    __typeof__(ubrk_setText) *set_text;
    __typeof__(ubrk_next) *next;
    __typeof__(ubrk_getRuleStatus) *rule_status;
    UBreakIterator *breaks;
    UChar *units;   /* the text in UTF-16 */
    size_t *places; /* of each unit, in bytes */
    size_t units_capacity, places_capacity;
};

static const char library_name[] = "libicuuc.so." U_ICU_VERSION_SHORT;

/* asked: for its words, and no others will do. */
static int open_library(struct words_icu *icu, bool asked, struct weir_error *error)
{
    void *library = weir_library_open(library_name);
    if (!library && errno == ENOMEM)
        return weir_fail_memory(error);
    if (!library)
        return weir_fail(error, WEIR_NO_INPUT,
                         "words of this text take ICU's library %s, which is not there: apt-get install libicu%s%s",
                         library_name, U_ICU_VERSION_SHORT, asked ? "" : ", or take --words plain");
    void *functions[] = { dlsym(library, SYMBOL(ubrk_open)), dlsym(library, SYMBOL(ubrk_close)),
                          dlsym(library, SYMBOL(ubrk_setText)), dlsym(library, SYMBOL(ubrk_next)),
                          dlsym(library, SYMBOL(ubrk_getRuleStatus)) };
    memcpy(&icu->open, &functions[0], sizeof icu->open);
    memcpy(&icu->close, &functions[1], sizeof icu->close);
    memcpy(&icu->set_text, &functions[2], sizeof icu->set_text);
    memcpy(&icu->next, &functions[3], sizeof icu->next);
    memcpy(&icu->rule_status, &functions[4], sizeof icu->rule_status);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (!functions[i])
            return weir_fail(error, WEIR_NO_INPUT, "the library %s lacks a function", library_name);
    UErrorCode code = U_ZERO_ERROR;
    icu->breaks = icu->open(UBRK_WORD, "", NULL, 0, &code);
    if (code == U_MEMORY_ALLOCATION_ERROR)
        return weir_fail_memory(error);
    return U_SUCCESS(code) ? 0 : weir_fail(error, WEIR_NO_INPUT, "ICU's library has no rules for words (%d)", code);
}

static int prepare(struct weir_splitter *splitter, struct weir_error *error)
{
    if (splitter->icu)
        return 0;
    splitter->icu = weir_allocate_zero(1, sizeof *splitter->icu);
    if (!splitter->icu)
        return weir_fail_memory(error);
    int result = open_library(splitter->icu, splitter->words->rule == WORDS_ICU, error);
    if (result < 0) {
        weir_words_icu_free(splitter->icu);
        splitter->icu = NULL;
    }
    return result;
}

void weir_words_icu_free(struct words_icu *icu)
{
    if (icu && icu->breaks)
        icu->close(icu->breaks);
    if (icu) {
        free(icu->units);
        free(icu->places);
    }
    free(icu);
}

/* How many units of UTF-16 the text is. */
static int convert(struct words_icu *icu, const char *text, size_t size, int32_t *count, struct weir_error *error)
{
    if (size > INT32_MAX)
        return weir_fail(error, WEIR_BAD_DATA, "a text of more than 2 GiB cannot be cut into words");
    if (weir_grow((void **)&icu->units, &icu->units_capacity, size + 1, sizeof *icu->units) < 0 ||
        weir_grow((void **)&icu->places, &icu->places_capacity, size + 1, sizeof *icu->places) < 0)
        return weir_fail_memory(error);
    int32_t n = 0;
    for (size_t at = 0, width; at < size; at += width) {
        uint32_t character = weir_utf8_next(text + at, &width);
        icu->places[n] = at;
        if (character < 0x10000) {
            icu->units[n++] = (UChar)character;
        } else {
            icu->units[n++] = (UChar)(0xD7C0 + (character >> 10));
            icu->places[n] = at;
            icu->units[n++] = (UChar)(0xDC00 | (character & 0x3FF));
        }
    }
    icu->places[n] = size;
    *count = n;
    return 0;
}

static size_t characters(const struct words_icu *icu, int32_t first, int32_t end)
{
    size_t count = 0;
    for (int32_t i = first; i < end; i++)
        count += !U16_IS_TRAIL(icu->units[i]);
    return count;
}

int weir_words_icu_split(struct weir_splitter *splitter, size_t at, size_t size, bool dictionary,
                         struct weir_error *error)
{
    int32_t count = 0;
    if (prepare(splitter, error) < 0 || convert(splitter->icu, splitter->bytes + at, size, &count, error) < 0 ||
        weir_splitter_reserve_terms(splitter, (size_t)count, error) < 0)
        return -1;
    struct words_icu *icu = splitter->icu;
    const struct weir_words *words = splitter->words;
    UErrorCode code = U_ZERO_ERROR;
    icu->set_text(icu->breaks, icu->units, count, &code);
    if (U_FAILURE(code))
        return weir_fail_memory(error);
    for (int32_t first = 0, end; (end = icu->next(icu->breaks)) != UBRK_DONE; first = end) {
        if (!dictionary && icu->rule_status(icu->breaks) < UBRK_WORD_NONE_LIMIT)
            continue;
        size_t width;
        uint32_t start = weir_utf8_next(splitter->bytes + at + icu->places[first], &width);
        bool cut = dictionary || (weir_words_class(start) & WORDS_DICTIONARY);
        if (characters(icu, first, end) >= (cut ? words->dictionary_length : words->min_length))
            splitter->terms[splitter->count++] =
                (struct weir_term){ at + icu->places[first], icu->places[end] - icu->places[first] };
    }
    return 0;
}
