#include "net/tables/route.h"

#include <stdlib.h>

#include "base/vec.h"
#include "net/tables/inside.h"

const char *tables_category_name(enum tables_category category)
{
    static const char *const names[TABLES_CATEGORIES] = {"strong wildcard", "host name", "IP address",
                                                         "weak wildcard"};
    return names[category];
}

/* ---- the path ------------------------------------------------------------------------------ */

/* The beginning of a request's path, decoded and folded, as far as any reservation reaches, and where its
 * segments end. Byte 1 stands for what no reservation holds (an escaped slash, a control character), so that
 * it is no boundary and matches nothing. */
struct path_scan {
    char key[TABLES_PREFIX_MAX + 4];
    size_t used;
    bool cut;            /* the path goes on beyond `key` */
    size_t end[TABLES_PREFIX_SEGMENTS_MAX + 2];    /* bytes up to and with a '/' */
    uint64_t hash[TABLES_PREFIX_SEGMENTS_MAX + 2]; /* of those bytes */
    size_t end_count;
};

static int path_hex(char c)
{
    if (rs_is_digit(c))
        return c - '0';
    c = rs_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next byte of the path, decoded; -1 at its end, -2 for a bad escape. An escaped slash gives 1. */
static int path_next(rs_text path, size_t *at)
{
    int high, low, byte;

    if (*at >= path.size || path.bytes[*at] == '?' || path.bytes[*at] == '#')
        return -1;
    if (path.bytes[*at] != '%') {
        byte = (unsigned char)path.bytes[(*at)++];
        return byte == 0 ? -2 : byte;
    }
    if (path.size - *at < 3)
        return -2;
    high = path_hex(path.bytes[*at + 1]);
    low = path_hex(path.bytes[*at + 2]);
    *at += 3;
    if (high < 0 || low < 0 || (high == 0 && low == 0))
        return -2;
    byte = high * 16 + low;
    return byte == '/' ? 1 : byte;
}

static void path_put(struct path_scan *scan, size_t longest, const char *bytes, size_t size)
{
    if (scan->used + size > longest || scan->used + size > sizeof scan->key)
        scan->cut = true;
    if (scan->cut)
        return;
    memcpy(scan->key + scan->used, bytes, size);
    scan->used += size;
}

/* Put the code point that begins with `lead`; the bytes behind it are read with *at. */
static void path_put_folded(struct path_scan *scan, size_t longest, rs_text path, size_t *at, int lead)
{
    size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    char bytes[4] = {(char)lead}, folded[4];
    size_t have = 1, offset = 0;

    while (have < wanted) {
        size_t before = *at;
        int next = path_next(path, at);
        if (next < 0x80 || next > 0xBF) { /* not a continuation: left for the caller */
            *at = before;
            break;
        }
        bytes[have++] = (char)next;
    }
    if (!rs_text_is_utf8(rs_text_of(bytes, have))) {
        path_put(scan, longest, "\1", 1);
        return;
    }
    path_put(scan, longest, folded, rs_utf8_encode(tables_fold(rs_text_next(rs_text_of(bytes, have), &offset)), folded));
}

static void path_end_segment(struct path_scan *scan, uint64_t hash)
{
    if (scan->cut || scan->end_count == sizeof scan->end / sizeof scan->end[0])
        return;
    scan->end[scan->end_count] = scan->used;
    scan->hash[scan->end_count++] = hash;
}

/* What an application may take for the end of a segment though routing does not: an escaped slash, a backslash, or the
 * parameters that some put behind a segment. Dots in front of it would lead it out of what was routed to it. */
static bool may_end_segment(int byte)
{
    return byte == 1 || byte == '\\' || byte == ';';
}

/* Read the whole path; false where it cannot be routed. */
static bool path_read(rs_text path, size_t longest, struct path_scan *scan)
{
    uint64_t hash = TABLES_HASH_START;
    size_t at = 0, hashed = 0, segment = 0;
    size_t dots = 0, piece = 0; /* since the last byte that ends a segment, or may */
    int byte;

    scan->used = scan->end_count = 0;
    scan->cut = false;
    if (path.size == 0 || path.bytes[0] != '/')
        return false;
    for (;;) {
        byte = path_next(path, &at);
        if (byte == -2)
            return false;
        if ((byte == '/' || byte == -1 || may_end_segment(byte)) && piece == dots && (dots == 1 || dots == 2))
            return false;
        if (byte == '/' || byte == -1) {
            if (byte == '/' || segment > 0) { /* the end of the path ends its last segment */
                path_put(scan, longest, "/", 1);
                hash = tables_hash_bytes(hash, scan->key + hashed, scan->used - hashed);
                hashed = scan->used;
                path_end_segment(scan, hash);
            }
            if (byte == -1)
                return true;
            dots = piece = segment = 0;
            continue;
        }
        segment++;
        piece = may_end_segment(byte) ? 0 : piece + 1;
        dots = piece == 0 ? 0 : dots + (byte == '.');
        if (byte >= 0x80)
            path_put_folded(scan, longest, path, &at, byte);
        else
            path_put(scan, longest, (char[]){byte < 0x20 ? 1 : rs_lower((char)byte)}, 1);
    }
}

/* ---- the host ------------------------------------------------------------------------------ */

/* The Host header without its port and last dot, in lower case; empty where it is too long to be one. */
static rs_text host_read(rs_text host, char out[RS_HOST_MAX])
{
    size_t size = host.size;

    if (size > 0 && host.bytes[0] != '[')
        for (size = 0; size < host.size && host.bytes[size] != ':';)
            size++;
    if (size > 0 && host.bytes[size - 1] == '.')
        size--;
    if (size > RS_HOST_MAX)
        size = 0;
    for (size_t i = 0; i < size; i++)
        out[i] = rs_lower(host.bytes[i]);
    return rs_text_of(out, size);
}

/* ---- routing ------------------------------------------------------------------------------- */

static bool prefix_in_category(const struct tables_prefix *prefix, const struct tables_request *request,
                               enum tables_category category, rs_text host)
{
    return prefix->category == category && prefix->scheme == request->scheme &&
           prefix->port == request->port && (category != TABLES_NAMED || rs_text_equal(prefix->host, host)) &&
           (category != TABLES_ADDRESS || tables_address_equal(&prefix->address, &request->local));
}

static const struct tables_reservation *route_in_category(const struct tables_snapshot *snapshot,
                                                          const struct tables_request *request,
                                                          enum tables_category category, rs_text host,
                                                          const struct path_scan *scan)
{
    const struct index *index = &snapshot->by_path;
    uint64_t origin =
        tables_hash_origin(request->scheme, request->port, category, host, &request->local);

    for (size_t n = scan->end_count; n-- > 0;) {
        rs_text key = rs_text_of(scan->key, scan->end[n]);
        uint32_t slot = index_first(index, tables_hash_join(origin, scan->hash[n]));
        const struct tables_reservation *row;
        for (; (row = index_at(index, slot)) != NULL; slot = index_next(index, slot)) {
            if (rs_text_equal(row->prefix.key, key) &&
                prefix_in_category(&row->prefix, request, category, host))
                return row;
        }
    }
    return NULL;
}

const struct tables_reservation *tables_route(const struct tables_snapshot *snapshot,
                                              const struct tables_request *request,
                                              enum tables_route_end *end)
{
    struct path_scan scan;
    char name[RS_HOST_MAX];
    rs_text host = host_read(request->host, name);

    if (!path_read(request->path, snapshot->longest_key, &scan)) {
        *end = TABLES_BAD_PATH;
        return NULL;
    }
    for (enum tables_category category = 0; category < TABLES_CATEGORIES; category++) {
        const struct tables_reservation *row;
        if (!snapshot->has_category[category] || (category == TABLES_NAMED && host.size == 0))
            continue;
        row = route_in_category(snapshot, request, category, host, &scan);
        if (row) {
            *end = TABLES_ROUTED;
            return row;
        }
    }
    *end = TABLES_NO_RESERVATION;
    return NULL;
}

/* ---- explaining ---------------------------------------------------------------------------- */

static int explain_order(const void *a, const void *b)
{
    const struct tables_prefix *one = &(*(const struct tables_reservation *const *)a)->prefix;
    const struct tables_prefix *other = &(*(const struct tables_reservation *const *)b)->prefix;

    if (one->category != other->category)
        return one->category < other->category ? -1 : 1;
    if (one->key.size != other->key.size)
        return one->key.size > other->key.size ? -1 : 1;
    return rs_text_compare(one->key, other->key);
}

static bool explain_path_fits(const struct path_scan *scan, rs_text key)
{
    for (size_t i = 0; i < scan->end_count; i++)
        if (scan->end[i] == key.size && memcmp(scan->key, key.bytes, key.size) == 0)
            return true;
    return false;
}

static const char *explain_why(const struct tables_reservation *row, const struct tables_explanation *result,
                               const struct tables_request *request, rs_text host,
                               const struct path_scan *scan)
{
    const struct tables_prefix *prefix = &row->prefix;

    if (row == result->row)
        return "it takes the request: the first category with a match, and the longest path in it";
    if (prefix->port != request->port)
        return "it is for another port";
    if (prefix->scheme != request->scheme)
        return "it is for the other scheme";
    if (prefix->category == TABLES_NAMED && !rs_text_equal(prefix->host, host))
        return "the Host header names another host";
    if (prefix->category == TABLES_ADDRESS && !tables_address_equal(&prefix->address, &request->local))
        return "the request arrived at another address";
    if (result->end == TABLES_BAD_PATH)
        return "the request's path cannot be routed";
    if (!explain_path_fits(scan, prefix->key))
        return "its path is not the beginning of the request's path in whole segments";
    if (prefix->category == result->row->prefix.category)
        return "a longer path of the same category fits";
    return "a row of a stronger category takes the request";
}

struct tables_explanation *tables_explain(struct rs_job *job, const struct tables_snapshot *snapshot,
                                          const struct tables_request *request)
{
    struct tables_explanation *result = RS_NEW(job, struct tables_explanation);
    size_t count = tables_reservation_count(snapshot);
    const struct tables_reservation **rows = RS_NEW_ARRAY(job, const struct tables_reservation *, count);
    struct tables_considered *considered = RS_NEW_ARRAY(job, struct tables_considered, count);
    char name[RS_HOST_MAX];
    rs_text host = host_read(request->host, name);
    struct path_scan scan;

    result->row = tables_route(snapshot, request, &result->end);
    (void)path_read(request->path, snapshot->longest_key, &scan);
    for (size_t i = 0; i < count; i++)
        rows[i] = tables_reservation(snapshot, i);
    if (count > 0)
        qsort(rows, count, sizeof rows[0], explain_order);
    for (size_t i = 0; i < count; i++)
        considered[i] = (struct tables_considered){
            rows[i], rows[i] == result->row, explain_why(rows[i], result, request, host, &scan)};
    result->considered = considered;
    result->considered_count = count;
    return result;
}
