/* What `clean` does to one text: steps, in one order. */
#ifndef WEIR_STAGE_CLEAN_TEXT_PRIVATE_H
#define WEIR_STAGE_CLEAN_TEXT_PRIVATE_H

#include "stage/options.h"
#include <locale.h>

/* In the order in which they work. */
enum clean_text_step {
    CLEAN_HTML,
    CLEAN_UNICODE,
    CLEAN_CONTROLS,
    CLEAN_URLS,
    CLEAN_EMAILS,
    CLEAN_REPEATS,
    CLEAN_SQUEEZE,
    CLEAN_CASE,
    CLEAN_TRIM,
    CLEAN_TEXT_STEPS
};
enum clean_html { CLEAN_HTML_AS_IT_IS, CLEAN_HTML_TEXT, CLEAN_HTML_ENTITIES };
enum clean_form { CLEAN_FORM_AS_IT_IS, CLEAN_NFC, CLEAN_NFKC };
enum clean_case { CLEAN_AS_IT_IS, CLEAN_LOWER, CLEAN_UPPER, CLEAN_FOLD };

/* What the options ask for. */
struct clean_text_steps {
    enum clean_html html;
    enum clean_form form;
    bool controls, squeeze, trim;
    const char *url, *email; /* what takes their place; NULL: they stay. They live as long as the options. */
    int64_t repeats;         /* 0: as many as there are */
    enum clean_case letters;
    locale_t locale; /* 0 unless letters become lower or upper */
};
/* What one thread needs to work by one set of steps. Starts as { 0 }. */
struct clean_text_scratch {
    struct weir_buffer texts[2], piece; /* what steps write, in turn */
    struct weir_buffer codes, ordered;  /* of int32_t */
    uint8_t *classes;                   /* clean_text_unicode.c's, for each character of the first plane */
};

int weir_clean_text_read(struct clean_text_steps *steps, const json_t *options, struct weir_error *error);
void weir_clean_text_release(struct clean_text_steps *steps);
bool weir_clean_text_works(const struct clean_text_steps *steps); /* whether there is any step */
void weir_clean_text_scratch_release(struct clean_text_scratch *scratch);
int weir_clean_text_check(const struct clean_text_scratch *scratch, struct weir_error *error); /* -1: out of memory */
/* The text behind the steps, which lives as long as `scratch` is not used again; a text that no step changes is handed
 * back as it is. *changes: a bit for each step that changed it. False when nothing is left of it. The time is linear in
 * the text's length, the memory at most 44 times that. */
bool weir_clean_text_value(const struct clean_text_steps *steps, struct clean_text_scratch *scratch, const char **bytes,
                           size_t *length, unsigned *changes);

/* ---- The steps: bytes[length] of valid UTF-8 to *out, which is empty at first. False: the text stays as it is, and
 * what stands in *out means nothing. ---- */

bool weir_clean_html(enum clean_html html, const char *bytes, size_t length, struct weir_buffer *out);
bool weir_clean_unicode(enum clean_form form, struct clean_text_scratch *scratch, const char *bytes, size_t length,
                        struct weir_buffer *out);
bool weir_clean_controls(const char *bytes, size_t length, struct weir_buffer *out);
/* 1 << CLEAN_URLS, 1 << CLEAN_EMAILS, both or 0. */
unsigned weir_clean_urls(const char *url, const char *email, const char *bytes, size_t length, struct weir_buffer *out);
bool weir_clean_repeats(int64_t most, const char *bytes, size_t length, struct weir_buffer *out);
bool weir_clean_squeeze(const char *bytes, size_t length, struct weir_buffer *out);
bool weir_clean_case(enum clean_case letters, locale_t locale, const char *bytes, size_t length,
                     struct weir_buffer *out);
bool weir_clean_trim(const char **bytes, size_t *length);

/* A text that is copied but for the parts that a step takes out or puts others in for. */
struct clean_edit {
    const char *bytes;
    size_t kept; /* bytes before are dealt with */
    struct weir_buffer *out;
    bool changed;
};
/* bytes[from .. to) become text[size]. */
void weir_clean_edit(struct clean_edit *edit, size_t from, size_t to, const char *text, size_t size);
bool weir_clean_edit_end(struct clean_edit *edit, size_t length); /* whether anything was changed */

#endif
