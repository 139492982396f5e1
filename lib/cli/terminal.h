/* What the terminal behind a descriptor can show, by the environment and the kernel alone: it is never asked, so that
 * nothing waits for an answer and none is left to be read by the shell. */
#ifndef WEIR_CLI_TERMINAL_H
#define WEIR_CLI_TERMINAL_H

#include <stdbool.h>

enum weir_terminal_pictures { WEIR_PICTURES_NONE, WEIR_PICTURES_SIXEL, WEIR_PICTURES_KITTY, WEIR_PICTURES_ITERM2 };

struct weir_terminal {
    bool is; /* it is one */
    enum weir_terminal_pictures pictures;
    int colours;       /* 0, 256 or 1 << 24 */
    int columns, rows; /* 80 and 24 when they are not known */
    int width, height; /* in pixels; 8 and 16 for each column and row when they are not known */
};
/* By its size and the variables TERM, TERM_PROGRAM, KITTY_WINDOW_ID, COLORTERM and NO_COLOR. */
void weir_terminal_look(int descriptor, struct weir_terminal *terminal);

#endif
