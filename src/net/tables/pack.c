#include "net/tables/pack.h"

#include <stddef.h>

#include "net/tables/list.h"

/* A row is laid out twice by the same function: once to count the bytes, once to copy them. */
struct packer {
    char *block; /* NULL: only count */
    size_t used;
};

static void *pack_bytes(struct packer *p, const void *bytes, size_t size, size_t alignment)
{
    void *to;

    p->used = (p->used + alignment - 1) / alignment * alignment;
    to = p->block ? p->block + p->used : NULL;
    if (to && size > 0)
        memcpy(to, bytes, size);
    p->used += size;
    return to;
}

/* With a 0 byte behind it, as rs_text_copy has. */
static void pack_text(struct packer *p, rs_text *text)
{
    char *to = pack_bytes(p, text->bytes, text->size, 1);

    p->used++;
    if (to)
        *text = rs_text_of(to, text->size);
}

#define PACK_ARRAY(p, items, count) pack_bytes((p), (items), (count) * sizeof (items)[0], _Alignof(max_align_t))

static void lay_out_reservation(struct packer *p, struct tables_reservation *row)
{
    rs_text *const texts[] = {&row->application, &row->prefix.host, &row->prefix.path, &row->prefix.key, &row->url,
                              &row->url_string, &row->account, &row->acl, &row->created_by};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        pack_text(p, texts[i]);
}

static void lay_out_certificates(struct packer *p, struct tables_binding *row)
{
    struct tables_certificate *to = PACK_ARRAY(p, row->certificates, row->certificate_count);

    for (size_t i = 0; i < row->certificate_count; i++) {
        struct tables_certificate one = row->certificates[i];
        pack_text(p, &one.sha1);
        pack_text(p, &one.sha256);
        pack_text(p, &one.slot);
        if (to)
            to[i] = one;
    }
    if (to)
        row->certificates = to;
}

static void lay_out_claims(struct packer *p, struct tables_binding *row)
{
    struct tables_claim *to = PACK_ARRAY(p, row->claims, row->claim_count);

    for (size_t i = 0; i < row->claim_count; i++) {
        struct tables_claim one = row->claims[i];
        pack_text(p, &one.application);
        pack_text(p, &one.created_by);
        if (to)
            to[i] = one;
    }
    if (to)
        row->claims = to;
}

static void lay_out_policy(struct packer *p, struct tables_policy *policy)
{
    struct policy_value *to = PACK_ARRAY(p, policy->values, policy->count);

    for (size_t i = 0; i < policy->count; i++) {
        struct policy_value one = policy->values[i];
        pack_text(p, &one.text);
        if (to)
            to[i] = one;
    }
    if (to)
        policy->values = to;
}

static void lay_out_binding(struct packer *p, struct tables_binding *row)
{
    lay_out_certificates(p, row);
    lay_out_claims(p, row);
    lay_out_policy(p, &row->policy);
    pack_text(p, &row->host);
}

struct tables_reservation *pack_reservation(const struct tables_reservation *row)
{
    RS_OWNED(rs_job) work = rs_job_create(NULL);
    struct tables_reservation whole = *row, *out;
    struct packer packer = {.used = sizeof *out};

    whole.url = tables_prefix_write(work, &row->prefix);
    whole.url_string = tables_prefix_origin(work, &row->prefix);
    lay_out_reservation(&packer, &whole);
    out = row_create(packer.used);
    *out = whole;
    packer = (struct packer){(char *)out, sizeof *out};
    lay_out_reservation(&packer, out);
    return out;
}

struct tables_binding *pack_binding(const struct tables_binding *row)
{
    struct tables_binding counted = *row, *out;
    struct packer packer = {.used = sizeof *out};

    lay_out_binding(&packer, &counted);
    out = row_create(packer.used);
    *out = *row;
    packer = (struct packer){(char *)out, sizeof *out};
    lay_out_binding(&packer, out);
    return out;
}
