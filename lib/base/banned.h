/* What this house does not call: the Makefile puts this header in front of every file of lib and cmd, so that using one
 * of these does not compile. The headers that declare them come first. */
#ifndef WEIR_BASE_BANNED_H
#define WEIR_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#pragma GCC poison strcpy strcat stpcpy strncpy strncat sprintf vsprintf strtok atoi atol atoll atof gets mktemp tmpnam

#endif
