/* Character references of HTML: &amp; &lt &#8364; &#x20AC; */
#ifndef WEIR_STAGE_HTML_ENTITY_H
#define WEIR_STAGE_HTML_ENTITY_H

#include <stddef.h>

enum { WEIR_HTML_ENTITY_BYTES = 8 }; /* as long as the text of one may be: two characters */

/* The reference that begins at bytes[0], a '&', read as in text (HTML standard, sections 13.2.5.72 to 13.2.5.80): the
 * longest name that is one, those of old without ';' too; numbers in the range 0x80 to 0x9F by windows-1252, and 0,
 * surrogates and what is above 0x10FFFF as U+FFFD. How many of the `left` bytes it takes, 0 when it is none; its text
 * in out[*size]. Looks no further than 33 bytes, or the digits of the number. */
size_t weir_html_entity(const char *bytes, size_t left, char out[WEIR_HTML_ENTITY_BYTES], size_t *size);

#endif
