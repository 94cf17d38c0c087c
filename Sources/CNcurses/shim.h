/* ncurses for the full-screen view. Wide characters must be asked for before the header is read. */
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <locale.h>

/* Macros that Swift cannot import: A_* are casts, COLOR_PAIR shifts, stdscr is a variable of the library. */
static inline attr_t irq_attr_bold(void) { return A_BOLD; }
static inline attr_t irq_attr_dim(void) { return A_DIM; }
static inline attr_t irq_attr_reverse(void) { return A_REVERSE; }
static inline WINDOW *irq_stdscr(void) { return stdscr; }
static inline SCREEN *irq_newterm(void) { return newterm(NULL, stdout, stdin); }
static inline int irq_err(void) { return ERR; }
static inline int irq_key_code_yes(void) { return KEY_CODE_YES; }

/* Has ncurses parse what drawing may need of the terminal's description. It keeps what it parsed, but would otherwise
 * parse each sequence, and allocate memory, when that is first used, in the middle of a run. */
static inline void irq_parse_capabilities(void) {
    static const char *const names[] = {"cup", "hpa", "vpa", "cub", "cuf", "cuu", "cud", "csr", "ind", "indn", "ri", "rin",
        "il", "dl", "ich", "dch", "ech", "rep", "sgr", "setaf", "setab", "setf", "setb"};
    for (unsigned index = 0; index < sizeof names / sizeof *names; index++) {
        const char *text = tigetstr(names[index]);
        if (text && text != (const char *)-1) tiparm(text, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    }
}
