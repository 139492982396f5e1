/* A message as it came from a stream, with what was summed up of it. A batch that is handed on untouched becomes the
 * same message again, and is then not summed up a second time. */
#ifndef WEIR_STREAM_MESSAGE_H
#define WEIR_STREAM_MESSAGE_H

#include "stream/frame.h"

/* Metadata, body and the state of the stream's hash before the message and after it; only of a body that is worth it.
 * *message: NULL when it is not. -1: out of memory. `before` and `after` are copied. */
int weir_message_keep(struct weir_message **message, const struct weir_frame *frame, const struct weir_hasher *before,
                      const struct weir_hasher *after);
struct weir_message *weir_message_ref(struct weir_message *message); /* NULL stays NULL */
void weir_message_unref(struct weir_message *message);               /* NULL is accepted */

/* Whether metadata, but for the digits of its checksum at `digits`, and the parts of a body are those of the message;
 * then its digits are put into the metadata. */
bool weir_message_matches(const struct weir_message *message, struct weir_buffer *metadata, size_t digits,
                          const struct iovec *parts, size_t count);
/* Brings the hash of a stream over the message, when it stands where that of the message's stream stood. */
bool weir_message_advance(const struct weir_message *message, struct weir_hasher *stream);

#endif
