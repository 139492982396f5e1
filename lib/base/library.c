#include "base/library.h"
#include <dlfcn.h>
#include <errno.h>

void *weir_library_open(const char *name)
{
    errno = 0; /* the loader says why in words alone, and leaves the number of its last call */
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library && errno != ENOMEM)
        errno = ENOENT;
    return library;
}
