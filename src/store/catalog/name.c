#include "store/catalog/name.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* Bytes of a name that may be keyed: far above what a valid path holds, so that a lookup of a name that nobody could
 * have created ends early. */
#define NAME_BYTES_MAX 2048

static const char forbidden[] = ";?:@&=+,$/*<>|\"\\";

static rs_status refuse_name(struct rs_job *job, rs_text name, const char *why)
{
    return rs_fail(job, CATALOG_NAME_INVALID,
                   "the name \"%.*s\" %s; a name needs a letter or digit, no blank at its ends, "
                   "and none of ; ? : @ & = + , $ / \\ * < > | \"",
                   RS_TEXT_ARG(name), why);
}

/* Why a name is not valid; NULL where it is. */
static const char *name_fault(rs_text name)
{
    bool has_alphanumeric = false;

    if (name.size == 0)
        return "is empty";
    if (name.size > NAME_BYTES_MAX)
        return "is too long";
    if (!rs_text_is_utf8(name))
        return "is not UTF-8";
    if (rs_text_trim(name).size != name.size)
        return "begins or ends with a blank";
    for (size_t at = 0; at < name.size;) {
        uint32_t c = rs_text_next(name, &at);
        if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0) || c == 0x2028 || c == 0x2029)
            return "holds a control character";
        if (c < 0x80 && memchr(forbidden, (int)c, sizeof forbidden - 1))
            return "holds a character that is not allowed";
        has_alphanumeric |= u_isalnum((UChar32)c);
    }
    return has_alphanumeric ? NULL : "holds no letter or digit";
}

rs_status catalog_name_check(struct rs_job *job, rs_text name)
{
    const char *fault = name_fault(name);

    return fault ? refuse_name(job, rs_text_slice(name, 0, 200), fault) : RS_OK;
}

size_t catalog_path_length(rs_text t)
{
    size_t units = 0;

    for (size_t at = 0; at < t.size;)
        units += rs_text_next(t, &at) > 0xFFFF ? 2 : 1;
    return units;
}

rs_status catalog_path_check(struct rs_job *job, rs_text path)
{
    rs_text shown = rs_text_slice(path, 0, 300), rest, name;

    if (path.size == 0 || path.bytes[0] != '/')
        return rs_fail(job, CATALOG_PATH_INVALID,
                       "the path \"%.*s\" is not valid; a path begins with \"/\", as in \"/Sales/Orders\"",
                       RS_TEXT_ARG(shown));
    if (catalog_path_length(path) > CATALOG_PATH_MAX)
        return rs_fail(job, CATALOG_PATH_LONG, "the path \"%.*s...\" is longer than %d characters",
                       RS_TEXT_ARG(rs_text_slice(path, 0, 80)), CATALOG_PATH_MAX);
    if (path.size == 1)
        return RS_OK;
    rest = rs_text_from_offset(path, 1);
    for (bool more = true; more;) {
        more = rs_text_cut(rest, '/', &name, &rest);
        const char *fault = name_fault(name);
        if (fault)
            return rs_fail(job, CATALOG_PATH_INVALID,
                           "the path \"%.*s\" is not valid: the name \"%.*s\" in it %s", RS_TEXT_ARG(shown),
                           RS_TEXT_ARG(name), fault);
    }
    return RS_OK;
}

void catalog_path_split(rs_text path, rs_text *folder, rs_text *name)
{
    size_t slash = path.size;

    while (slash > 0 && path.bytes[slash - 1] != '/')
        slash--;
    *name = rs_text_from_offset(path, slash);
    *folder = slash > 1 ? rs_text_slice(path, 0, slash - 1) : RS_TEXT("/");
}

rs_text catalog_path_join(struct rs_job *job, rs_text folder, rs_text name)
{
    if (folder.size <= 1)
        return rs_text_format(job, "/%.*s", RS_TEXT_ARG(name));
    return rs_text_format(job, "%.*s/%.*s", RS_TEXT_ARG(folder), RS_TEXT_ARG(name));
}

/* Names are short and mostly ASCII: those are folded here, the others by ICU. */
static bool is_ascii(rs_text t)
{
    for (size_t i = 0; i < t.size; i++)
        if ((unsigned char)t.bytes[i] >= 0x80)
            return false;
    return true;
}

#define KEY_UNITS_MAX (NAME_BYTES_MAX * 4)

rs_status catalog_name_key(struct rs_job *job, rs_text name, rs_text *out)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t units = 0, size = 0;

    if (is_ascii(name)) {
        *out = rs_text_lower(job, name);
        return RS_OK;
    }
    if (name.size > NAME_BYTES_MAX || !rs_text_is_utf8(name))
        return refuse_name(job, rs_text_slice(name, 0, 80), "is too long or not UTF-8");
    UChar *spelled = RS_NEW_ARRAY(job, UChar, NAME_BYTES_MAX);
    UChar *key = RS_NEW_ARRAY(job, UChar, KEY_UNITS_MAX);
    char *bytes = rs_alloc(job, KEY_UNITS_MAX * 3);
    const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&error);
    u_strFromUTF8(spelled, NAME_BYTES_MAX, &units, name.bytes, (int32_t)name.size, &error);
    units = unorm2_normalize(fold, spelled, units, key, KEY_UNITS_MAX, &error);
    u_strToUTF8(bytes, KEY_UNITS_MAX * 3, &size, key, units, &error);
    if (U_FAILURE(error))
        return rs_fail(job, CATALOG_NAME_INVALID, "the name \"%.*s\" cannot be compared: %s",
                       RS_TEXT_ARG(name), u_errorName(error));
    *out = rs_text_of(bytes, (size_t)size);
    return RS_OK;
}
