#include "report/text/breaks.h"

#include <unicode/ubrk.h>
#include <unicode/utext.h>

/* Classes of UAX 14 that common ASCII falls into. HARD: those whose rules look further than one neighbour. */
enum { AL, NU, SP, HY, SY, EX, IS, QU, OP, CP, HARD, CLASSES };

static unsigned class_of(char c)
{
    switch (c) {
    case ' ': return SP;
    case '-': return HY;
    case '/': return SY;
    case '!': case '?': return EX;
    case ',': case '.': case ':': case ';': return IS;
    case '"': case '\'': return QU;
    case '(': return OP;
    case ')': return CP;
    case '[': case ']': case '{': case '}': case '$': case '+': case '\\': case '%': case '|': return HARD;
    default: return c < ' ' || c >= 0x7f ? HARD : rs_is_digit(c) ? NU : AL;
    }
}

#define SET(class) (1u << (class))

/* Classes that may not be parted from the class before them when nothing stands between (LB 19 to 30). */
static const unsigned joined[CLASSES] = {
    [AL] = SET(AL) | SET(NU) | SET(OP),
    [NU] = SET(AL) | SET(NU) | SET(OP),
    [HY] = SET(NU),
    [IS] = SET(NU) | SET(AL),
    [CP] = SET(AL) | SET(NU),
};
/* Never at the start of a line, even behind spaces (LB 13); and where no space is before them (LB 19, 21). */
static const unsigned never_first = SET(CP) | SET(EX) | SET(IS) | SET(SY);
static const unsigned never_first_joined = SET(QU) | SET(HY);

static bool may_part(unsigned before, bool spaces, unsigned after)
{
    if (after == SP || SET(after) & never_first || before == OP)
        return false;
    if (spaces)
        return !(before == QU && after == OP);
    if (before == QU || SET(after) & never_first_joined)
        return false;
    return !(joined[before] & SET(after));
}

bool text_breaks_ascii(rs_text text, uint8_t *may_break)
{
    unsigned before = AL; /* the class before any spaces */
    bool spaces = true;   /* the start of the text is like a space */
    bool in_number = false, sign = false; /* digits, ',' and '/' up to here; a hyphen that begins a word */

    for (size_t i = 0; i < text.size; i++) {
        unsigned class = class_of(text.bytes[i]);
        if (class == HARD || (spaces && i > 0 && class == IS)) /* ".5" behind a space may begin a line, "." may not */
            return false;
        may_break[i] = i > 0 && may_part(before, spaces && i > 0, class) && !(before == SY && in_number && class == NU) &&
                       !(sign && !spaces && class == AL);
        if (class != SP) {
            sign = class == HY && spaces && before != OP;
            before = class;
        }
        in_number = class == NU || (in_number && (class == SY || class == IS));
        spaces = class == SP;
    }
    return true;
}

void text_breaks_icu(struct rs_job *job, rs_text text, uint8_t *may_break)
{
    static UBreakIterator *lines; /* opening one costs more than many texts; kept for the life of the process */
    UErrorCode error = U_ZERO_ERROR;
    UText source = UTEXT_INITIALIZER;

    (void)job;
    memset(may_break, 0, text.size);
    if (!lines)
        lines = ubrk_open(UBRK_LINE, "", NULL, 0, &error);
    utext_openUTF8(&source, text.bytes, (int64_t)text.size, &error);
    if (U_SUCCESS(error))
        ubrk_setUText(lines, &source, &error);
    if (U_SUCCESS(error)) {
        for (int32_t at = ubrk_next(lines); at != UBRK_DONE; at = ubrk_next(lines))
            if ((size_t)at < text.size)
                may_break[at] = 1;
    } else { /* no rules: words */
        for (size_t i = 1; i < text.size; i++)
            may_break[i] = text.bytes[i - 1] == ' ' && text.bytes[i] != ' ';
    }
    utext_close(&source);
}

void text_breaks(struct rs_job *job, rs_text text, uint8_t *may_break)
{
    if (!text_breaks_ascii(text, may_break))
        text_breaks_icu(job, text, may_break);
}
