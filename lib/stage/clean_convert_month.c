/* Names of months and weekdays, in lower case. Short names are those that the language writes, without the point. */
#include "stage/clean_convert_private.h"
#include <string.h>

/* Each row: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish (genitive), Russian (genitive), where
 * they differ from those before; then the short names. */
static const char *const months[12][24] = {
    { "january", "januar", "jänner", "janvier", "enero", "gennaio", "janeiro", "januari", "stycznia", "января", "jan",
      "janv", "ene", "gen", "sty", "янв" },
    { "february", "februar", "feber", "février", "fevrier", "febrero", "febbraio", "fevereiro", "februari", "lutego",
      "февраля", "feb", "févr", "fév", "fevr", "fev", "lut", "фев", "февр" },
    { "march", "märz", "maerz", "mars", "marzo", "março", "marco", "maart", "marca", "марта", "mar", "mär", "mrz",
      "mrt", "мар" },
    { "april", "avril", "abril", "aprile", "kwietnia", "апреля", "apr", "avr", "abr", "kwi", "апр" },
    { "may", "mai", "mayo", "maggio", "maio", "mei", "maja", "мая", "mag", "май" },
    { "june", "juni", "juin", "junio", "giugno", "junho", "czerwca", "июня", "jun", "giu", "cze", "июн" },
    { "july", "juli", "juillet", "julio", "luglio", "julho", "lipca", "июля", "jul", "juil", "lug", "lip", "июл" },
    { "august", "août", "aout", "agosto", "augustus", "sierpnia", "августа", "aug", "ago", "sie", "авг" },
    { "september", "septembre", "septiembre", "setiembre", "settembre", "setembro", "września", "сентября", "sep",
      "sept", "set", "wrz", "сен", "сент" },
    { "october", "oktober", "octobre", "octubre", "ottobre", "outubro", "października", "октября", "oct", "okt", "ott",
      "out", "paź", "окт" },
    { "november", "novembre", "noviembre", "novembro", "listopada", "ноября", "nov", "lis", "ноя", "нояб" },
    { "december", "dezember", "décembre", "decembre", "diciembre", "dicembre", "dezembro", "grudnia", "декабря", "dec",
      "dez", "déc", "dic", "gru", "дек" },
};

static const char *const weekdays[] = {
    "monday",   "mon",       "tuesday", "tue",       "tues",     "wednesday",  "wed",    "thursday", "thu",
    "thur",     "thurs",     "friday",  "fri",       "saturday", "sat",        "sunday", "sun",      "montag",
    "mo",       "dienstag",  "di",      "mittwoch",  "mi",       "donnerstag", "do",     "freitag",  "fr",
    "samstag",  "sonnabend", "sa",      "sonntag",   "so",       "lundi",      "lun",    "mardi",    "mar",
    "mercredi", "mer",       "jeudi",   "jeu",       "vendredi", "ven",        "samedi", "sam",      "dimanche",
    "dim",      "lunes",     "martes",  "miércoles", "jueves",   "viernes",    "sábado", "domingo",  NULL
};

enum { LONGEST_NAME = 32 };

/* Lower case of the letters that the names above have. */
static bool lower(const char *name, size_t length, char out[LONGEST_NAME + 1])
{
    if (length == 0 || length > LONGEST_NAME)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i], before = i > 0 ? (unsigned char)name[i - 1] : 0;
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        else if (before == 0xC3 && c >= 0x80 && c <= 0x9E) /* À .. Þ */
            c += 0x20;
        else if (before == 0xD0 && c >= 0x90 && c <= 0x9F) /* А .. П */
            c += 0x20;
        else if (before == 0xC5 && (c == 0x9A || c == 0xB9)) /* Ś, Ź */
            c++;
        out[i] = (char)c;
        if (before == 0xD0 && c >= 0xA0 && c <= 0xAF) { /* Р .. Я: the other lead byte */
            out[i - 1] = (char)0xD1;
            out[i] = (char)(c - 0x20);
        }
    }
    out[length] = 0;
    return true;
}

int weir_clean_month(const char *name, size_t length)
{
    char text[LONGEST_NAME + 1];
    if (!lower(name, length, text))
        return 0;
    for (int month = 0; month < 12; month++)
        for (const char *const *known = months[month]; *known; known++)
            if (strcmp(*known, text) == 0)
                return month + 1;
    return 0;
}

bool weir_clean_is_weekday(const char *name, size_t length)
{
    char text[LONGEST_NAME + 1];
    if (!lower(name, length, text))
        return false;
    for (const char *const *known = weekdays; *known; known++)
        if (strcmp(*known, text) == 0)
            return true;
    return false;
}
