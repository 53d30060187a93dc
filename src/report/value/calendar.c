/* A culture with another calendar than its own, as a Style's Calendar asks for it. .NET takes a calendar only where it is one
 * of the language's; with any other the language's own stays.
 *
 * Source:  .NET Framework: CultureInfo.OptionalCalendars, the classes of System.Globalization's calendars.
 */
#include "report/value/culture_read.h"

struct calendar_row {
    const char *name;      /* of RDL, without blanks */
    const char *languages; /* between blanks; "*": all */
    enum value_calendar calendar;
    const char *keyword;   /* ICU's */
    const char *names;     /* the locale whose names of months and days are taken; NULL: the language's */
    int year_offset;
    int first_year, last_year; /* of a table of months; 0: months are the Gregorian ones */
    const char *era;           /* NULL: ICU's */
    const char *short_date, *long_date; /* NULL: the language's */
};

static const struct calendar_row rows[] = {
    {"Gregorian", "*", VALUE_GREGORIAN, "gregorian", NULL, 0, 0, 0, NULL, NULL, NULL},
    {"GregorianArabic", "ar", VALUE_GREGORIAN, "gregorian", "ar_LB", 0, 0, 0, NULL, NULL, NULL},
    {"GregorianMiddleEastFrench", "ar", VALUE_GREGORIAN, "gregorian", "fr_FR", 0, 0, 0, NULL, NULL, NULL},
    {"GregorianTransliteratedEnglish", "ar", VALUE_GREGORIAN, "gregorian", "ar_EG", 0, 0, 0, NULL, NULL, NULL},
    {"GregorianTransliteratedFrench", "ar", VALUE_GREGORIAN, "gregorian", "ar_DZ", 0, 0, 0, NULL, NULL, NULL},
    {"GregorianUSEnglish", "ar fa ja ko zh-TW", VALUE_GREGORIAN, "gregorian", "en_US", 0, 0, 0, "A.D.", NULL, NULL},
    {"Hebrew", "he", VALUE_HEBREW, "hebrew", NULL, 0, 5343, 5999, "", "dd MMMM yyyy", "dddd dd MMMM yyyy"},
    {"Hijri", "ar fa ps ur", VALUE_HIJRI, "islamic-tbla", NULL, 0, 1, 1700, NULL, NULL, NULL},
    {"Japanese", "ja", VALUE_JAPANESE, "japanese", NULL, 0, 0, 0, NULL, "gg y/M/d", "gg y'年'M'月'd'日'"},
    {"Korea", "ko", VALUE_KOREAN, "gregorian", NULL, 2333, 0, 0, "단기", "gg yyyy-MM-dd", "gg yyyy'년' M'월' d'일' dddd"},
    {"Taiwan", "zh-TW zh-Hant", VALUE_TAIWAN, "gregorian", NULL, -1911, 0, 0, "中華民國", "gg yyyy/M/d", "gg yyyy'年'M'月'd'日'"},
    {"ThaiBuddhist", "th", VALUE_BUDDHIST, "buddhist", NULL, 543, 0, 0, NULL, NULL, NULL},
};

static bool is_named(rs_text wanted, const char *name)
{
    for (size_t i = 0; i < wanted.size; i++) {
        if (wanted.bytes[i] == ' ')
            continue;
        if (*name == '\0' || rs_lower(wanted.bytes[i]) != rs_lower(*name++))
            return false;
    }
    return *name == '\0';
}

/* "ar" is the language of "ar-SA". */
static bool is_of_language(const char *languages, rs_text culture)
{
    rs_text rest = rs_text_from(languages), one;

    while (rest.size > 0) {
        rs_text_cut(rest, ' ', &one, &rest);
        if (rs_text_equal(one, RS_TEXT("*")) ||
            (rs_text_starts(culture, one) && (culture.size == one.size || culture.bytes[one.size] == '-')))
            return true;
    }
    return false;
}

static const struct value_culture *read_variant(struct rs_job *keeper, const struct value_culture *base, const void *data)
{
    const struct calendar_row *row = data;
    struct value_culture *culture = RS_NEW(keeper, struct value_culture);
    const char *locale = rs_text_format(keeper, "%s@calendar=%s;numbers=latn", row->names ? row->names : base->locale.bytes,
                                        row->keyword).bytes;

    *culture = *base;
    culture->calendar = row->calendar;
    culture->year_offset = row->year_offset;
    culture->month_starts = NULL;
    if (row->last_year && !(culture->month_starts = culture_read_months(locale, row->first_year, row->last_year)))
        return base;
    culture_read_calendar(culture, locale);
    if (row->era)
        culture->era = rs_text_from(row->era);
    if (row->short_date) {
        culture->short_date = rs_text_from(row->short_date);
        culture->long_date = rs_text_from(row->long_date);
    }
    return culture;
}

const struct value_culture *value_culture_calendar(const struct value_culture *base, rs_text calendar)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!is_named(calendar, rows[i].name))
            continue;
        if (!is_of_language(rows[i].languages, base->name) || (rows[i].calendar == base->calendar && !rows[i].names))
            return base;
        return culture_variant(base, rs_text_from(rows[i].name), read_variant, &rows[i]);
    }
    return base;
}

/* ---- eras ---------------------------------------------------------------------------------------- */

static const struct {
    int year, month, day; /* when it began */
    const char *name;
} eras[] = {{2019, 5, 1, "令和"}, {1989, 1, 8, "平成"}, {1926, 12, 25, "昭和"}, {1912, 7, 30, "大正"}, {1868, 9, 8, "明治"}};

bool value_calendar_japanese(const struct value_date_parts *parts, int *year, rs_text *era)
{
    for (size_t i = 0; i < sizeof eras / sizeof *eras; i++) {
        int from = eras[i].year * 10000 + eras[i].month * 100 + eras[i].day;
        if (parts->year * 10000 + parts->month * 100 + parts->day < from)
            continue;
        *year = parts->year - eras[i].year + 1;
        *era = rs_text_from(eras[i].name);
        return true;
    }
    return false;
}

/* ---- Hebrew numbers ------------------------------------------------------------------------------ */

/* Days, and years without their thousands: hundreds, tens and units as letters; 15 and 16 are 9 + 6 and 9 + 7. A mark stands
 * before the last of several letters, or behind a single one. */
void value_calendar_hebrew_number(int number, rs_buf *out)
{
    static const char *const hundreds[] = {"", "ק", "ר", "ש", "ת", "תק", "תר", "תש", "תת", "תתק"};
    static const char *const tens[] = {"", "י", "כ", "ל", "מ", "נ", "ס", "ע", "פ", "צ"};
    static const char *const units[] = {"", "א", "ב", "ג", "ד", "ה", "ו", "ז", "ח", "ט"};
    rs_buf letters = rs_buf_in(out->job);
    rs_text text;

    number = number > 5000 ? number - 5000 : number;
    rs_buf_printf(&letters, "%s", hundreds[number / 100 % 10]);
    number %= 100;
    if (number == 15 || number == 16)
        rs_buf_printf(&letters, "ט%s", units[number - 9]);
    else
        rs_buf_printf(&letters, "%s%s", tens[number / 10], units[number % 10]);
    text = rs_buf_text(&letters);
    if (text.size <= 2) { /* a letter has two bytes */
        rs_buf_add(out, text);
        rs_buf_add_byte(out, '\'');
        return;
    }
    rs_buf_add(out, rs_text_slice(text, 0, text.size - 2));
    rs_buf_add_byte(out, '"');
    rs_buf_add(out, rs_text_from_offset(text, text.size - 2));
}
