/* Words: their stems, by Snowball's algorithms (libstemmer), which is opened by the first stage that asks for it. */
#include "base/library.h"
#include "stage/options.h"
#include "stage/words_private.h"
#include <dlfcn.h>
#include <errno.h>
#include <libstemmer.h>

struct words_stemmer {
    __typeof__(sb_stemmer_new) *new;
    __typeof__(sb_stemmer_delete) *delete;
    __typeof__(sb_stemmer_stem) *stem;
    __typeof__(sb_stemmer_length) *length;
    struct sb_stemmer *of;
};

static const char library_name[] = "libstemmer.so.0d"; /* Debian's own name for it */

static int open_stemmer(struct words_stemmer *stemmer, const char *language, struct weir_error *error)
{
    void *library = weir_library_open(library_name);
    if (!library && errno == ENOMEM)
        return weir_fail_memory(error);
    if (!library)
        return weir_fail(error, WEIR_NO_INPUT,
                         "--stem takes the library %s, which is not there: apt-get install libstemmer0d", library_name);
    void *functions[] = { dlsym(library, "sb_stemmer_new"), dlsym(library, "sb_stemmer_delete"),
                          dlsym(library, "sb_stemmer_stem"), dlsym(library, "sb_stemmer_length") };
    memcpy(&stemmer->new, &functions[0], sizeof stemmer->new);
    memcpy(&stemmer->delete, &functions[1], sizeof stemmer->delete);
    memcpy(&stemmer->stem, &functions[2], sizeof stemmer->stem);
    memcpy(&stemmer->length, &functions[3], sizeof stemmer->length);
    __typeof__(sb_stemmer_list) *list;
    void *found = dlsym(library, "sb_stemmer_list");
    memcpy(&list, &found, sizeof list);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (!functions[i] || !found)
            return weir_fail(error, WEIR_NO_INPUT, "the library %s lacks a function", library_name);
    stemmer->of = stemmer->new (language, NULL);
    if (stemmer->of)
        return 0;
    struct weir_buffer names = { 0 };
    bool known = false; /* then it is memory that lacks */
    for (const char **name = list(); *name; name++) {
        weir_buffer_format(&names, "%s%s", names.size ? ", " : "", *name);
        known |= strcmp(*name, language) == 0;
    }
    int result = names.failed || known ? weir_fail_memory(error)
                                       : weir_fail(error, WEIR_USAGE, "option '--stem' takes one of %s, not %s",
                                                   names.bytes, WEIR_SHOW(language));
    weir_buffer_release(&names);
    return result;
}

static int make(struct words_stemmer **stemmer, const char *language, struct weir_error *error)
{
    *stemmer = weir_allocate_zero(1, sizeof **stemmer);
    if (!*stemmer)
        return weir_fail_memory(error);
    int result = open_stemmer(*stemmer, language, error);
    if (result < 0) {
        free(*stemmer);
        *stemmer = NULL;
    }
    return result;
}

int weir_words_stem_check(const char *language, struct weir_error *error)
{
    struct words_stemmer *stemmer;
    int result = make(&stemmer, language, error);
    weir_words_stemmer_free(stemmer);
    return result;
}

void weir_words_stemmer_free(struct words_stemmer *stemmer)
{
    if (stemmer)
        stemmer->delete (stemmer->of);
    free(stemmer);
}

int weir_words_stem(struct weir_splitter *splitter, struct weir_error *error)
{
    if (!splitter->stemmer && make(&splitter->stemmer, splitter->words->stem, error) < 0)
        return -1;
    struct words_stemmer *stemmer = splitter->stemmer;
    for (size_t i = 0; i < splitter->count; i++) {
        struct weir_term *term = &splitter->terms[i];
        if (term->size > INT32_MAX / 4)
            continue;
        const sb_symbol *word = (const sb_symbol *)splitter->bytes + term->at;
        const sb_symbol *stem = stemmer->stem(stemmer->of, word, (int)term->size);
        size_t size = stem ? (size_t)stemmer->length(stemmer->of) : 0;
        if (!stem)
            return weir_fail_memory(error);
        if (size == 0 || (size == term->size && memcmp(stem, word, size) == 0))
            continue;
        if (weir_splitter_reserve(splitter, size, error) < 0)
            return -1;
        memcpy(splitter->bytes + splitter->size, stem, size);
        *term = (struct weir_term){ splitter->size, size };
        splitter->size += size;
    }
    return 0;
}
