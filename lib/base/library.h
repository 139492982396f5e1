/* Libraries of the system that few runs need, opened by the first that does. */
#ifndef WEIR_BASE_LIBRARY_H
#define WEIR_BASE_LIBRARY_H

/* What dlsym takes; it stays open. NULL with errno: ENOMEM where memory is what lacks, else ENOENT. */
void *weir_library_open(const char *name);

#endif
