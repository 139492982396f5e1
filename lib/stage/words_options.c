/* Words: the options, and stop words from files. */
#include "base/descriptor.h"
#include "base/number.h"
#include "stage/options.h"
#include "stage/words_private.h"
#include "stream/utf8.h"

/* What a file of stop words may hold: it travels in every plan. */
enum { MOST_STOP_BYTES = 1 << 20, MOST_STOP_WORDS = 1 << 16 };

static const char *const names[] = { WEIR_WORDS_OPTIONS, NULL };

const char *weir_words_given(const json_t *options)
{
    for (size_t i = 0; names[i]; i++)
        if (json_object_get(options, names[i]))
            return names[i];
    return NULL;
}

/* "2", or "1-3" */
static int read_ngrams(struct weir_words *words, const char *text, struct weir_error *error)
{
    if (!text)
        return 0;
    size_t length = strlen(text), first = strcspn(text, "-");
    int64_t from, to;
    bool good = weir_parse_int64(text, first, &from);
    to = from;
    if (good && first < length)
        good = weir_parse_int64(text + first + 1, length - first - 1, &to);
    if (!good || from < 1 || to < from || to > WEIR_MOST_NGRAM)
        return weir_fail(error, WEIR_USAGE, "option '--ngrams' takes N or N-M, 1 to %d, not %s", WEIR_MOST_NGRAM,
                         WEIR_SHOW(text));
    words->ngram_from = (size_t)from;
    words->ngram_to = (size_t)to;
    return 0;
}

/* Its words by the very rule that the texts are split by, so that "don't" stops what texts make of it. */
static int add_stop_words(struct weir_words *words, const char *text, size_t length, struct weir_error *error)
{
    struct weir_words plain = { .rule = words->rule,
                                .keep_case = words->keep_case,
                                .min_length = 1,
                                .dictionary_length = 1,
                                .ngram_from = 1,
                                .ngram_to = 1 };
    struct weir_splitter *splitter;
    struct weir_terms terms;
    if (weir_splitter_new(&splitter, &plain, error) < 0)
        return -1;
    int result = weir_splitter_split(splitter, text, length, &terms, error);
    for (size_t i = 0; result == 0 && i < terms.count; i++)
        if (weir_words_set_add(&words->stop, terms.bytes + terms.items[i].at, terms.items[i].size) < 0)
            result = weir_fail_memory(error);
    weir_splitter_free(splitter);
    return result;
}

static int read_stop_words(struct weir_words *words, const json_t *options, struct weir_error *error)
{
    const json_t *value = json_object_get(options, "stop-words");
    if (!value)
        return 0;
    if (json_is_string(value)) {
        const char *list = weir_words_stop_list(json_string_value(value));
        if (list)
            return add_stop_words(words, list, strlen(list), error);
        struct weir_buffer known = { 0 };
        weir_words_stop_names(&known);
        int result = known.failed ? weir_fail_memory(error)
                                  : weir_fail(error, WEIR_USAGE,
                                              "no list of stop words '%s' is known; there are %s, or name a file",
                                              WEIR_SHOW(json_string_value(value)), known.bytes);
        weir_buffer_release(&known);
        return result;
    }
    if (!json_is_array(value) || json_array_size(value) > MOST_STOP_WORDS)
        return weir_fail(error, WEIR_USAGE, "option '--stop-words' is no list of at most %d words", MOST_STOP_WORDS);
    struct weir_buffer text = { 0 };
    int result = 0;
    for (size_t i = 0; result == 0 && i < json_array_size(value); i++) {
        const json_t *word = json_array_get(value, i);
        if (!json_is_string(word))
            result = weir_fail(error, WEIR_USAGE, "option '--stop-words': word %zu is no text", i + 1);
        weir_buffer_append(&text, json_string_value(word), json_string_length(word));
        weir_buffer_byte(&text, '\n');
    }
    if (result == 0)
        result = weir_buffer_check(&text, error);
    if (result == 0)
        result = add_stop_words(words, text.bytes ? text.bytes : "", text.size, error);
    weir_buffer_release(&text);
    return result;
}

static int read_options(struct weir_words *words, const json_t *options, struct weir_error *error)
{
    static const char *const rules[] = { "default", "plain", "icu", NULL };
    int rule = WORDS_DEFAULT;
    double min_length = 0;
    const char *ngrams, *stem;
    if (weir_option_choice(options, "words", rules, WORDS_DEFAULT, &rule, error) < 0 ||
        weir_option_text(options, "ngrams", NULL, &ngrams, error) < 0 ||
        weir_option_text(options, "stem", NULL, &stem, error) < 0 ||
        weir_option_flag(options, "keep-case", &words->keep_case, error) < 0 ||
        weir_option_number(options, "min-length", 1, WEIR_MOST_MIN_LENGTH, &min_length, error) < 0 ||
        read_ngrams(words, ngrams, error) < 0)
        return -1;
    words->rule = (enum words_rule)rule;
    if (min_length >= 1)
        words->min_length = words->dictionary_length = (size_t)min_length;
    if (stem) {
        if (weir_words_stem_check(stem, error) < 0)
            return -1;
        words->stem = weir_duplicate_string(stem);
        if (!words->stem)
            return weir_fail_memory(error);
    }
    return read_stop_words(words, options, error);
}

int weir_words_new(struct weir_words **words, const json_t *options, struct weir_error *error)
{
    *words = weir_allocate_zero(1, sizeof **words);
    if (!*words)
        return weir_fail_memory(error);
    (*words)->min_length = 2;
    (*words)->dictionary_length = (*words)->ngram_from = (*words)->ngram_to = 1;
    if (read_options(*words, options, error) == 0)
        return 0;
    weir_words_free(*words);
    *words = NULL;
    return -1;
}

void weir_words_free(struct weir_words *words)
{
    if (!words)
        return;
    weir_words_set_release(&words->stop);
    free(words->stem);
    free(words);
}

int weir_words_read_stop_words(const char *value, json_t **list, struct weir_error *error)
{
    *list = NULL;
    if (weir_words_stop_list(value))
        return 0;
    char *text;
    size_t size;
    if (weir_read_file(value, MOST_STOP_BYTES, &text, &size, error) < 0)
        return weir_fail_in(error, "stop words");
    json_t *lines = json_array();
    int result = lines ? 0 : weir_fail_memory(error);
    for (size_t at = 0, end; result == 0 && at < size; at = end + 1) {
        const char *newline = memchr(text + at, '\n', size - at);
        end = newline ? (size_t)(newline - text) : size;
        size_t length = end - at;
        if (length > 0 && text[at + length - 1] == '\r')
            length--;
        if (length == 0)
            continue;
        if (json_array_size(lines) == MOST_STOP_WORDS)
            result = weir_fail(error, WEIR_BAD_DATA, "'%s': more than %d stop words", value, MOST_STOP_WORDS);
        else if (!weir_is_utf8(text + at, length))
            result =
                weir_fail(error, WEIR_BAD_DATA, "'%s': stop word %zu is no UTF-8", value, json_array_size(lines) + 1);
        else if (json_array_append_new(lines, json_stringn(text + at, length)) < 0)
            result = weir_fail_memory(error);
    }
    free(text);
    if (result < 0)
        json_decref(lines);
    else
        *list = lines;
    return result;
}
