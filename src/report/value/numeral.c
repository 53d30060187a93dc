/* Digits of other scripts, as a Style's NumeralVariant and NumeralLanguage ask for them: each digit is put in another's place.
 *
 * Source:  [MS-RDL] NumeralVariant, NumeralLanguage; the digits are those of Unicode.
 */
#include "report/value/format.h"

#define VARIANT_DIGITS 2     /* 0 to 9 whatever the language */
#define VARIANT_TRADITIONAL 3
#define VARIANT_WIDE 6

/* Languages whose script has digits of its own: those of variant 3. Ten follow from `zero` on. */
static const struct {
    const char *language;
    uint32_t zero;
} scripts[] = {
    {"ar", 0x660}, {"as", 0x9E6}, {"bn", 0x9E6}, {"bo", 0xF20}, {"dz", 0xF20}, {"fa", 0x6F0}, {"gu", 0xAE6}, {"hi", 0x966},
    {"km", 0x17E0}, {"kn", 0xCE6}, {"kok", 0x966}, {"ks", 0x6F0}, {"lo", 0xED0}, {"ml", 0xD66}, {"mn-Mong", 0x1810}, {"mr", 0x966},
    {"my", 0x1040}, {"ne", 0x966}, {"or", 0xB66}, {"pa", 0xA66}, {"ps", 0x6F0}, {"sa", 0x966}, {"sd", 0x660}, {"ta", 0xBE6},
    {"te", 0xC66}, {"th", 0xE50}, {"ug", 0x660}, {"ur", 0x6F0},
};

/* Variants 4, 5 and 7: digits of Chinese, Japanese and Korean. The first row whose language fits. */
static const struct {
    int variant;
    const char *language;
    const char *digits; /* ten of three bytes each */
} ideographs[] = {
    {4, "ko", "零一二三四五六七八九"}, {4, "ja", "〇一二三四五六七八九"}, {4, "zh", "○一二三四五六七八九"},
    {5, "ja", "〇壱弐参四伍六七八九"}, {5, "ko", "零壹貳參四五六七八九"}, {5, "zh-TW", "零壹貳參肆伍陸柒捌玖"},
    {5, "zh-HK", "零壹貳參肆伍陸柒捌玖"}, {5, "zh-MO", "零壹貳參肆伍陸柒捌玖"}, {5, "zh-Hant", "零壹貳參肆伍陸柒捌玖"},
    {5, "zh", "零壹贰叁肆伍陆柒捌玖"}, {7, "ko", "영일이삼사오육칠팔구"},
};

static bool is_language(rs_text culture, const char *language)
{
    rs_text l = rs_text_from(language);

    return rs_text_starts_nocase(culture, l) && (culture.size == l.size || culture.bytes[l.size] == '-');
}

/* The digit as a code point; 0 where the language has none of that variant. */
static uint32_t digit_of(int variant, rs_text language, int digit)
{
    if (variant == VARIANT_WIDE)
        return is_language(language, "ko") || is_language(language, "ja") || is_language(language, "zh") ? 0xFF10 + (uint32_t)digit : 0;
    for (size_t i = 0; variant == VARIANT_TRADITIONAL && i < sizeof scripts / sizeof *scripts; i++)
        if (is_language(language, scripts[i].language))
            return scripts[i].zero + (uint32_t)digit;
    for (size_t i = 0; i < sizeof ideographs / sizeof *ideographs; i++)
        if (ideographs[i].variant == variant && is_language(language, ideographs[i].language)) {
            size_t at = (size_t)digit * 3;
            return rs_text_next(rs_text_from(ideographs[i].digits), &at);
        }
    return 0;
}

rs_text value_numerals(struct rs_job *job, rs_text text, int variant, rs_text language)
{
    rs_buf out = rs_buf_in(job);

    if (variant <= VARIANT_DIGITS || digit_of(variant, language, 0) == 0)
        return text;
    for (size_t i = 0; i < text.size; i++)
        if (rs_is_digit(text.bytes[i]))
            rs_buf_add_code_point(&out, digit_of(variant, language, text.bytes[i] - '0'));
        else
            rs_buf_add_byte(&out, text.bytes[i]);
    return rs_buf_text(&out);
}
