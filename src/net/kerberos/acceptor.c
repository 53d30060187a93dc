#include "net/kerberos/acceptor.h"

#include <stdlib.h>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>

#include "base/buf.h"

#define MEMORY_KEYTAB "MEMORY:bindery" /* lives as long as somebody holds it open */
#define SPNEGO "\x2b\x06\x01\x05\x05\x02" /* 1.3.6.1.5.5.2 */
#define MESSAGES_MAX 8                 /* of one failure */

struct kerberos_acceptor {
    krb5_context krb5;
    krb5_keytab keys;
    gss_cred_id_t credential;
};

/* ---- what went wrong ------------------------------------------------------------------------------------ */

static rs_status keytab_failed(struct rs_job *job, krb5_context context, krb5_error_code code, rs_text keytab)
{
    const char *why = krb5_get_error_message(context, code);
    rs_status status = rs_fail(job, KERBEROS_KEYTAB, "the keytab \"%.*s\" cannot be used: %s", RS_TEXT_ARG(keytab), why);

    krb5_free_error_message(context, why);
    return status;
}

static void add_messages(rs_buf *out, OM_uint32 code, int kind)
{
    OM_uint32 minor, more = 0;

    for (int i = 0; i < MESSAGES_MAX; i++) {
        gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
        if (GSS_ERROR(gss_display_status(&minor, code, kind, (gss_OID)gss_mech_krb5, &more, &text)))
            return;
        rs_buf_printf(out, "%s%.*s", rs_buf_text(out).size > 0 ? "; " : "", (int)text.length, (const char *)text.value);
        gss_release_buffer(&minor, &text);
        if (more == 0)
            return;
    }
}

static rs_text failure_text(struct rs_job *job, OM_uint32 major, OM_uint32 minor)
{
    rs_buf out = rs_buf_in(job);

    add_messages(&out, major, GSS_C_GSS_CODE);
    if (minor != 0)
        add_messages(&out, minor, GSS_C_MECH_CODE);
    return rs_buf_text(&out);
}

/* ---- the keytab ------------------------------------------------------------------------------------------ */

static krb5_error_code copy_keys(krb5_context context, krb5_keytab from, krb5_keytab to, size_t *count)
{
    krb5_kt_cursor cursor;
    krb5_keytab_entry entry;
    krb5_error_code end, code = krb5_kt_start_seq_get(context, from, &cursor);

    if (code)
        return code;
    while (code == 0 && (code = krb5_kt_next_entry(context, from, &entry, &cursor)) == 0) {
        code = krb5_kt_add_entry(context, to, &entry);
        krb5_kt_free_entry(context, &entry);
        (*count)++;
    }
    end = krb5_kt_end_seq_get(context, from, &cursor);
    return code == KRB5_KT_END ? end : code;
}

static rs_status read_keytab(struct rs_job *job, struct kerberos_acceptor *acceptor, rs_text name)
{
    krb5_keytab file;
    krb5_error_code code = krb5_kt_resolve(acceptor->krb5, rs_text_terminated(job, name), &file);
    size_t count = 0;

    if (!code) {
        code = copy_keys(acceptor->krb5, file, acceptor->keys, &count);
        krb5_kt_close(acceptor->krb5, file);
    }
    if (code)
        return keytab_failed(job, acceptor->krb5, code, name);
    if (count == 0)
        return rs_fail(job, KERBEROS_KEYTAB, "the keytab \"%.*s\" holds no key", RS_TEXT_ARG(name));
    return RS_OK;
}

/* SPNEGO chooses among Kerberos alone; a bare Kerberos token is taken too. */
static rs_status acquire(struct rs_job *job, struct kerberos_acceptor *acceptor, rs_text replay_file)
{
    gss_OID_desc mechanisms[] = {*gss_mech_krb5, {6, (void *)(uintptr_t)SPNEGO}};
    gss_OID_set_desc wanted = {2, mechanisms}, negotiated = {1, mechanisms};
    const char *replay = rs_text_format(job, "file2:%.*s", RS_TEXT_ARG(replay_file)).bytes;
    gss_key_value_element_desc places[] = {
        {"keytab", MEMORY_KEYTAB},
        {"rcache", replay},
    };
    gss_key_value_set_desc store = {replay_file.size > 0 ? 2 : 1, places};
    OM_uint32 minor = 0, major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &wanted, GSS_C_ACCEPT, &store,
                                                       &acceptor->credential, NULL, NULL);

    if (!GSS_ERROR(major))
        major = gss_set_neg_mechs(&minor, acceptor->credential, &negotiated);
    if (GSS_ERROR(major))
        return rs_fail(job, KERBEROS_KEYTAB, "Kerberos does not start: %.*s", RS_TEXT_ARG(failure_text(job, major, minor)));
    return RS_OK;
}

rs_status kerberos_acceptor_open(struct rs_job *job, rs_text keytab, rs_text replay_file, struct kerberos_acceptor **out)
{
    RS_OWNED(kerberos_acceptor) acceptor = calloc(1, sizeof *acceptor);
    krb5_error_code code;

    if (!acceptor)
        return rs_fail(job, RS_NO_MEMORY, "no memory for Kerberos");
    code = krb5_init_context(&acceptor->krb5);
    if (code)
        return rs_fail(job, KERBEROS_KEYTAB, "Kerberos does not start: is its configuration (/etc/krb5.conf, or the file that "
                       "KRB5_CONFIG names) in order? error %ld", (long)code);
    code = krb5_kt_resolve(acceptor->krb5, MEMORY_KEYTAB, &acceptor->keys);
    if (code)
        return keytab_failed(job, acceptor->krb5, code, keytab);
    RS_TRY(read_keytab(job, acceptor, keytab));
    RS_TRY(acquire(job, acceptor, replay_file));
    *out = rs_move(acceptor);
    return RS_OK;
}

void kerberos_acceptor_close(struct kerberos_acceptor *acceptor)
{
    OM_uint32 minor;

    if (!acceptor)
        return;
    gss_release_cred(&minor, &acceptor->credential);
    if (acceptor->keys)
        krb5_kt_close(acceptor->krb5, acceptor->keys);
    if (acceptor->krb5)
        krb5_free_context(acceptor->krb5);
    free(acceptor);
}

rs_text kerberos_acceptor_names(struct rs_job *job, const struct kerberos_acceptor *acceptor)
{
    krb5_context krb5 = acceptor->krb5;
    krb5_kt_cursor cursor;
    krb5_keytab_entry entry;
    rs_buf out = rs_buf_in(job);
    rs_text last = {NULL, 0}; /* keys of one principal, of several kinds, stand beside each other */

    if (krb5_kt_start_seq_get(krb5, acceptor->keys, &cursor))
        return (rs_text){0};
    while (krb5_kt_next_entry(krb5, acceptor->keys, &entry, &cursor) == 0) {
        char *name;
        if (krb5_unparse_name(krb5, entry.principal, &name) == 0) {
            if (!rs_text_equal(last, rs_text_from(name)))
                rs_buf_printf(&out, "%s%s", rs_buf_text(&out).size > 0 ? ", " : "", name);
            last = rs_text_copy(job, rs_text_from(name));
            krb5_free_unparsed_name(krb5, name);
        }
        krb5_kt_free_entry(krb5, &entry);
    }
    krb5_kt_end_seq_get(krb5, acceptor->keys, &cursor);
    return rs_buf_text(&out);
}

/* ---- a token ----------------------------------------------------------------------------------------------- */

/* A context is what GSSAPI calls one. */
static gss_ctx_id_t gss_of(struct kerberos_context *context)
{
    return (gss_ctx_id_t)(void *)context;
}

void kerberos_context_destroy(struct kerberos_context *context)
{
    gss_ctx_id_t gss = gss_of(context);
    OM_uint32 minor;

    if (gss)
        gss_delete_sec_context(&minor, &gss, GSS_C_NO_BUFFER);
}

static rs_text name_text(struct rs_job *job, gss_name_t name)
{
    gss_buffer_desc written = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    rs_text out = {NULL, 0};

    if (name && !GSS_ERROR(gss_display_name(&minor, name, &written, NULL)) && written.length <= KERBEROS_NAME_MAX)
        out = rs_text_copy(job, rs_text_of(written.value, written.length));
    gss_release_buffer(&minor, &written);
    return out;
}

static void refuse(struct kerberos_verdict *out, rs_text why)
{
    *out = (struct kerberos_verdict){.outcome = KERBEROS_REFUSED, .why = why};
}

/* Who it is, and for whom the ticket was made. Nobody's name opens nothing. */
static void read_names(struct rs_job *job, gss_ctx_id_t context, gss_name_t client, OM_uint32 flags, struct kerberos_verdict *out)
{
    gss_name_t service = GSS_C_NO_NAME;
    OM_uint32 minor;

    (void)gss_inquire_context(&minor, context, NULL, &service, NULL, NULL, NULL, NULL, NULL);
    out->client = name_text(job, client);
    out->service = name_text(job, service);
    out->bound = (flags & GSS_C_CHANNEL_BOUND_FLAG) != 0;
    gss_release_name(&minor, &service);
    if (out->client.size == 0 || out->service.size == 0 || flags & GSS_C_ANON_FLAG)
        refuse(out, RS_TEXT("the ticket does not say who it is from"));
}

void kerberos_accept(struct rs_job *job, struct kerberos_acceptor *acceptor, struct kerberos_context **context, rs_text token,
                     rs_text channel, struct kerberos_verdict *out)
{
    struct gss_channel_bindings_struct bindings = {.application_data = {channel.size, (void *)(uintptr_t)channel.bytes}};
    gss_buffer_desc input = {token.size, (void *)(uintptr_t)token.bytes}, output = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t gss = gss_of(*context);
    gss_name_t client = GSS_C_NO_NAME;
    OM_uint32 minor = 0, ignored, flags = 0, major;

    *out = (struct kerberos_verdict){0};
    *context = NULL;
    if (rs_text_starts(token, RS_TEXT("NTLMSSP"))) {
        refuse(out, RS_TEXT("the client has no ticket for this service and tries NTLM, which is not offered"));
        major = GSS_S_FAILURE;
    } else {
        major = gss_accept_sec_context(&minor, &gss, acceptor->credential, &input,
                                       channel.size > 0 ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, &client, NULL, &output, &flags,
                                       NULL, NULL);
        out->token = rs_text_copy(job, rs_text_of(output.value, output.length));
        gss_release_buffer(&ignored, &output);
    }
    if (GSS_ERROR(major)) {
        if (out->outcome == 0)
            refuse(out, failure_text(job, major, minor));
    } else if (major & GSS_S_CONTINUE_NEEDED) {
        out->outcome = KERBEROS_MORE;
        *context = (struct kerberos_context *)(void *)gss;
        gss = GSS_C_NO_CONTEXT;
    } else {
        out->outcome = KERBEROS_ACCEPTED;
        read_names(job, gss, client, flags, out);
    }
    gss_release_name(&ignored, &client);
    if (gss)
        gss_delete_sec_context(&ignored, &gss, GSS_C_NO_BUFFER);
}
