/* The named character references of the HTML standard, for html_entity.c alone; html_entities.py makes them.
 *
 * Name i is names[starts[i] .. starts[i + 1]), without '&' and ';', in the order of bytes. Its value: the character in
 * bits 0 to 16; in bits 17 to 20 the index of a second one in seconds (0: none); bit 21 when it stands without ';' too.
 */
#ifndef WEIR_STAGE_HTML_ENTITIES_PRIVATE_H
#define WEIR_STAGE_HTML_ENTITIES_PRIVATE_H

#include <stdint.h>

enum { WEIR_HTML_ENTITIES = 2125 };
extern const uint16_t weir_html_entity_seconds[];
extern const char weir_html_entity_names[];
extern const uint16_t weir_html_entity_starts[WEIR_HTML_ENTITIES + 1];
extern const uint32_t weir_html_entity_values[WEIR_HTML_ENTITIES];

#endif
