#include "stream/pipe.h"

#include <errno.h>
#include <fcntl.h>

void weir_pipe_enlarge(int descriptor)
{
    enum { WANTED = 1 << 20 };
    int kept = errno, size = fcntl(descriptor, F_GETPIPE_SZ);
    if (size > 0 && size < WANTED)
        fcntl(descriptor, F_SETPIPE_SZ, WANTED);
    errno = kept;
}
