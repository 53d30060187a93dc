#include "report/text/list.h"

#include <string.h>

#include "base/buf.h"

static unsigned counted_level(unsigned level)
{
    return level < TEXT_LIST_LEVELS_MAX ? level : TEXT_LIST_LEVELS_MAX - 1;
}

unsigned text_list_count(struct text_list_numbers *numbers, enum text_list list, unsigned level)
{
    level = counted_level(level);
    if (list == TEXT_NO_LIST)
        memset(numbers, 0, sizeof *numbers);
    if (list != TEXT_NUMBERED)
        return 0;
    for (unsigned deeper = level + 1; deeper < TEXT_LIST_LEVELS_MAX; deeper++)
        numbers->of[deeper] = 0;
    return ++numbers->of[level];
}

static void add_roman(rs_buf *buf, unsigned number)
{
    static const struct {
        unsigned value;
        const char *digits;
    } parts[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
                 {40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"}};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        for (; number >= parts[i].value && number < 5000; number -= parts[i].value)
            rs_buf_add(buf, rs_text_from(parts[i].digits));
}

/* a ... z, aa ... */
static void add_letters(rs_buf *buf, unsigned number)
{
    if (number > 26)
        add_letters(buf, (number - 1) / 26);
    rs_buf_add_byte(buf, (char)('a' + (number - 1) % 26));
}

rs_text text_list_marker(struct rs_job *job, enum text_list list, unsigned level, unsigned number)
{
    static const char *const bullets[TEXT_LIST_MARKERS] = {"\u2022", "\u25e6", "\u25aa"};
    unsigned kind = counted_level(level) % TEXT_LIST_MARKERS;
    rs_buf buf = rs_buf_in(job);

    if (list == TEXT_BULLETED)
        return rs_text_from(bullets[kind]);
    if (kind == 0)
        rs_buf_printf(&buf, "%u", number);
    else if (kind == 1)
        add_roman(&buf, number);
    else
        add_letters(&buf, number);
    rs_buf_add_byte(&buf, '.');
    return rs_buf_text(&buf);
}
