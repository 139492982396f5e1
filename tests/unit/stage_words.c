/* Words: runs of word characters against a plain reference, character by character, at all lengths about the blocks
 * that are looked at in one go; and each option, in many languages, by hand. */
#include "base/random.h"
#include "base/utf8.h"
#include "check.h"
#include "stage/words.h"
#include <stdlib.h>
#include <utf8proc.h>

/* "[a][b c]" */
static void show_terms(const struct weir_terms *terms, struct weir_buffer *out)
{
    weir_buffer_clear(out);
    for (size_t i = 0; i < terms->count; i++) {
        weir_buffer_byte(out, '[');
        weir_buffer_append(out, terms->bytes + terms->items[i].at, terms->items[i].size);
        weir_buffer_byte(out, ']');
    }
    weir_buffer_byte(out, 0);
}

static struct weir_words *make(const char *options)
{
    struct weir_error error = { 0 };
    struct weir_words *words = NULL;
    json_t *json = weir_json_parse(options, strlen(options), 0, &error);
    if (!CHECK(json && weir_words_new(&words, json, &error) == 0))
        fprintf(stderr, "    %s: %s\n", options, error.text);
    json_decref(json);
    return words;
}

static void split(const char *options, const char *text, const char *wanted)
{
    struct weir_words *words = make(options);
    struct weir_splitter *splitter = NULL;
    struct weir_terms terms = { 0 };
    struct weir_buffer shown = { 0 };
    struct weir_error error = { 0 };
    if (words && CHECK(weir_splitter_new(&splitter, words, NULL) == 0)) {
        if (!CHECK(weir_splitter_split(splitter, text, strlen(text), &terms, &error) == 0))
            fprintf(stderr, "    %s\n", error.text);
        show_terms(&terms, &shown);
        if (!CHECK_TEXT(shown.bytes ? shown.bytes : "", wanted))
            fprintf(stderr, "    options %s\n", options);
    }
    weir_buffer_release(&shown);
    weir_splitter_free(splitter);
    weir_words_free(words);
}

/* ---- The reference ------------------------------------------------------------------------------------------------
 */

static bool is_letter(uint32_t c)
{
    const char *category = utf8proc_category_string((utf8proc_int32_t)c);
    return category[0] == 'L' || category[0] == 'N' || c == '_';
}

static bool is_mark(uint32_t c)
{
    const char *category = utf8proc_category_string((utf8proc_int32_t)c);
    return strcmp(category, "Mn") == 0 || strcmp(category, "Mc") == 0;
}

/* Text of characters[count], and what is wanted of it. Capitals of the pool have a lower case of one character. */
static void refer(const uint32_t *characters, size_t count, bool marks, bool keep_case, struct weir_buffer *text,
                  struct weir_buffer *wanted)
{
    weir_buffer_clear(text);
    weir_buffer_clear(wanted);
    for (size_t i = 0; i < count; i++) {
        char bytes[4];
        weir_buffer_append(text, bytes, weir_utf8_encode(characters[i], bytes));
    }
    for (size_t i = 0, end; i < count; i = end + 1) {
        for (end = i; end < count && (is_letter(characters[end]) || (marks && end > i && is_mark(characters[end])));)
            end++;
        if (end - i < 2)
            continue;
        weir_buffer_byte(wanted, '[');
        for (size_t c = i; c < end; c++) {
            char bytes[4];
            uint32_t lower = keep_case ? characters[c] : (uint32_t)utf8proc_tolower((utf8proc_int32_t)characters[c]);
            weir_buffer_append(wanted, bytes, weir_utf8_encode(lower, bytes));
        }
        weir_buffer_byte(wanted, ']');
    }
    weir_buffer_byte(wanted, 0);
}

static void test_reference(const char *options, bool marks, bool keep_case, size_t pool_size)
{
    /* ASCII first; then letters, capitals, digits and marks of other scripts, and what parts words */
    static const uint32_t pool[] = { 'a',     'b',     'Z',   'Q',   '0',   '9',    '_',   ' ',    ' ',  '-',    '\'',
                                     '@',     '[',     '`',   '{',   '\n',  0x7F,   0xE9,  0xC9,   0xDF, 0x401,  0x451,
                                     0x3B1,   0x3C2,   0x301, 0x93F, 0x915, 0x94D,  0x660, 0x2160, 0xB2, 0x2019, 0x20AC,
                                     0x1F600, 0x10400, 0x645, 0x64E, 0xA0,  0xAC00, 0x23A, 0x1E9E, 0xAD };
    size_t size = pool_size ? pool_size : sizeof pool / sizeof *pool;
    struct weir_words *words = make(options);
    struct weir_splitter *splitter = NULL;
    struct weir_buffer text = { 0 }, wanted = { 0 }, shown = { 0 };
    struct weir_random random;
    weir_random_init(&random, 7, size);
    CHECK(weir_splitter_new(&splitter, words, NULL) == 0);
    for (size_t count = 0; count < 400; count++) {
        static uint32_t characters[400];
        struct weir_terms terms;
        for (size_t i = 0; i < count; i++)
            characters[i] = pool[weir_random_below(&random, size)];
        refer(characters, count, marks, keep_case, &text, &wanted);
        CHECK(weir_splitter_split(splitter, text.bytes ? text.bytes : "", text.size, &terms, NULL) == 0);
        show_terms(&terms, &shown);
        if (!CHECK_TEXT(shown.bytes, wanted.bytes))
            fprintf(stderr, "    %zu characters, options %s\n", count, options);
    }
    weir_buffer_release(&text);
    weir_buffer_release(&wanted);
    weir_buffer_release(&shown);
    weir_splitter_free(splitter);
    weir_words_free(words);
}

/* ---- Languages ----------------------------------------------------------------------------------------------------
 */

static void test_languages(void)
{
    split("{}", "Die Straße ist GROSS, ÄÖÜ 3,5 foo_bar a", "[die][straße][ist][gross][äöü][foo_bar]");
    split("{}", "Съешь ещё МЯГКИХ Ёжиков", "[съешь][ещё][мягких][ёжиков]");
    /* a sigma that ends a word, past an accent that is a mark, before and behind what is no letter */
    split("{}", "ΟΔΟΣ ΟΔΟΣ. ΣΑΣ' ΑΣΑ Σ. ΣΣ Α\u0301Σ", "[οδος][οδος][σας][ασα][σς][α\u0301ς]");
    split("{\"keep-case\": true}", "ΟΔΟΣ İki", "[ΟΔΟΣ][İki]");
    split("{}", "İstanbul IŞIK ılık", "[i\u0307stanbul][işik][ılık]");
    split("{\"words\": \"plain\"}", "İstanbul IŞIK", "[stanbul][işik]");
    split("{}", "مَرْحَبًا بالعالم", "[مَرْحَبًا][بالعالم]");
    split("{}", "हिन्दी में क्या", "[हिन्दी][में][क्या]");
    split("{\"words\": \"plain\"}", "हिन्दी लिखना", "[खन]");
    split("{}", "cafe\u0301 \u0301x xe\u0301 e\u0301", "[cafe\u0301][xe\u0301][e\u0301]");
    split("{}", "😀 emoji❤️ 1️⃣ 👍🏽ok", "[emoji][ok]");
    split("{}", "我喜欢吃苹果 iPhone手机很好 2024年", "[我][喜欢][吃][苹果][iphone][手机][很好][2024][年]");
    split("{\"words\": \"plain\"}", "我喜欢苹果 iPhone手机", "[我喜欢苹果][iphone手机]");
    split("{\"min-length\": 2}", "我喜欢吃苹果 a bc", "[喜欢][苹果][bc]");
    split("{\"min-length\": 1}", "a bc", "[a][bc]");
    split("{}", "東京タワーが好きです", "[東京タワー][が][好き][です]");
    split("{}", "ฉันรักประเทศไทย", "[ฉัน][รัก][ประเทศไทย]");
    split("{}", "한국어 문장입니다", "[한국어][문장입니다]");
    split("{\"words\": \"icu\"}", "Don't pay 3,5 € to foo_bar! 苹果", "[don't][pay][3,5][to][foo_bar][苹果]");
    split("{}", "", "");
    split("{}", " .,", "");
}

static void test_options(void)
{
    split("{\"ngrams\": \"2\"}", "a one two three", "[one two][two three]");
    split("{\"ngrams\": \"1-3\"}", "one two three", "[one][two][three][one two][two three][one two three]");
    split("{\"ngrams\": \"2-4\"}", "alone", "");
    split("{\"stop-words\": \"english\"}", "The cat and THE dog don't", "[cat][dog]");
    split("{\"stop-words\": \"en\", \"ngrams\": \"2\"}", "the cat sat on the mat", "[cat sat][sat mat]");
    split("{\"stop-words\": [\"Cat\", \"won't\"]}", "cat won dog", "[dog]");
    split("{\"stop-words\": \"german\", \"stem\": \"german\"}", "Die Häuser und die Katzen", "[haus][katz]");
    split("{\"stem\": \"english\"}", "running runs easily", "[run][run][easili]");
    split("{\"stem\": \"russian\"}", "книгами", "[книг]");
}

static void refuse(const char *options, const char *message)
{
    struct weir_error error = { 0 };
    struct weir_words *words = NULL;
    json_t *json = weir_json_parse(options, strlen(options), 0, NULL);
    CHECK(weir_words_new(&words, json, &error) < 0 && !words);
    CHECK_INT(error.status, WEIR_USAGE);
    CHECK_TEXT(error.text, message);
    json_decref(json);
}

static void test_refusals(void)
{
    refuse("{\"ngrams\": \"0\"}", "option '--ngrams' takes N or N-M, 1 to 10, not '0'");
    refuse("{\"ngrams\": \"3-2\"}", "option '--ngrams' takes N or N-M, 1 to 10, not '3-2'");
    refuse("{\"ngrams\": \"1-11\"}", "option '--ngrams' takes N or N-M, 1 to 10, not '1-11'");
    refuse("{\"ngrams\": \"1-\"}", "option '--ngrams' takes N or N-M, 1 to 10, not '1-'");
    refuse("{\"words\": \"any\"}", "option '--words' takes one of default, plain, icu, not 'any'");
    refuse("{\"stop-words\": [1]}", "option '--stop-words': word 1 is no text");
}

int main(void)
{
    test_reference("{}", true, false, 0);
    test_reference("{}", true, false, 17);
    test_reference("{\"words\": \"plain\"}", false, false, 0);
    test_reference("{\"words\": \"plain\", \"keep-case\": true}", false, true, 0);
    test_languages();
    test_options();
    test_refusals();
    return check_result();
}
