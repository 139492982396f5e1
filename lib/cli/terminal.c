#include "cli/terminal.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static enum weir_terminal_pictures find_pictures(void)
{
    static const struct {
        const char *term, *program; /* the begin of TERM, or all of TERM_PROGRAM */
        enum weir_terminal_pictures pictures;
    } known[] = {
        { "xterm-kitty", NULL, WEIR_PICTURES_KITTY }, { "xterm-ghostty", "ghostty", WEIR_PICTURES_KITTY },
        { NULL, "iTerm.app", WEIR_PICTURES_ITERM2 },  { NULL, "WezTerm", WEIR_PICTURES_ITERM2 },
        { NULL, "rio", WEIR_PICTURES_ITERM2 },        { "foot", NULL, WEIR_PICTURES_SIXEL },
        { "mlterm", NULL, WEIR_PICTURES_SIXEL },      { "contour", NULL, WEIR_PICTURES_SIXEL },
        { "yaft", NULL, WEIR_PICTURES_SIXEL },        { NULL, "mintty", WEIR_PICTURES_SIXEL },
    };
    const char *term = variable("TERM"), *program = variable("TERM_PROGRAM");
    /* What stands between passes no pictures on, whatever the terminal around it can do. */
    if (begins(term, "screen") || begins(term, "tmux") || strcmp(program, "tmux") == 0 || strcmp(term, "dumb") == 0)
        return WEIR_PICTURES_NONE;
    if (strstr(term, "sixel"))
        return WEIR_PICTURES_SIXEL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((known[i].term && begins(term, known[i].term)) ||
            (known[i].program && strcmp(program, known[i].program) == 0))
            return known[i].pictures;
    return variable("KITTY_WINDOW_ID")[0] ? WEIR_PICTURES_KITTY : WEIR_PICTURES_NONE;
}

static int find_colours(void)
{
    const char *term = variable("TERM"), *colours = variable("COLORTERM");
    if (variable("NO_COLOR")[0] || !term[0] || strcmp(term, "dumb") == 0)
        return 0;
    if (strcmp(colours, "truecolor") == 0 || strcmp(colours, "24bit") == 0 || strstr(term, "direct"))
        return 1 << 24;
    return strstr(term, "256color") || find_pictures() != WEIR_PICTURES_NONE ? 256 : 0;
}

void weir_terminal_look(int descriptor, struct weir_terminal *terminal)
{
    struct winsize window = { 0 };
    *terminal = (struct weir_terminal){ .is = isatty(descriptor) };
    if (terminal->is) {
        terminal->pictures = find_pictures();
        terminal->colours = find_colours();
        if (ioctl(descriptor, TIOCGWINSZ, &window) != 0)
            window = (struct winsize){ 0 };
    }
    terminal->columns = window.ws_col > 0 ? window.ws_col : 80;
    terminal->rows = window.ws_row > 0 ? window.ws_row : 24;
    terminal->width = window.ws_xpixel > 0 ? window.ws_xpixel : terminal->columns * 8;
    terminal->height = window.ws_ypixel > 0 ? window.ws_ypixel : terminal->rows * 16;
}
