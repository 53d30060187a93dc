#include "base/host.h"

const char *rs_host_wrong(rs_text name)
{
    size_t label = 0;
    bool digits = true;

    if (name.size > RS_HOST_MAX)
        return "has a host longer than 253 bytes";
    for (size_t i = 0; i <= name.size; i++) {
        char c = i < name.size ? name.bytes[i] : '.';
        if (c == '.') {
            if (label == 0 || label > 63)
                return "has a host with an empty label, or one longer than 63 bytes";
            if (name.bytes[i - 1] == '-' || name.bytes[i - label] == '-')
                return "has a host with a label that begins or ends with a hyphen";
            if (i == name.size && digits)
                return "has a host that is neither a name nor an address";
            label = 0;
            digits = true;
            continue;
        }
        if (c == '*')
            return "has a wildcard inside its host, where none may stand";
        if ((unsigned char)c >= 0x80)
            return "has a host outside ASCII: write it in its xn-- form";
        if (!rs_is_alpha(c) && !rs_is_digit(c) && c != '-' && c != '_')
            return "has a character in its host that no name has";
        digits = digits && rs_is_digit(c);
        label++;
    }
    return NULL;
}
