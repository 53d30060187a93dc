/* ticket SERVICE@HOST [OPTION...] - a client's side of Negotiate, token by token, for what curl cannot be made to do.
 *
 *   --raw            a bare Kerberos token instead of SPNEGO
 *   --channel HEX    bound to a channel: the application data of the bindings
 *   --other-first    SPNEGO that likes another mechanism better: the logon takes three tokens
 *
 * A line on standard output is a token in hexadecimal; the server's answer to it is a line on standard input. At last it says
 * "done", and "mutual" where the server has proved itself.
 */
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 65536

struct bytes {
    unsigned char data[ROOM];
    size_t size;
};

static void fail(const char *what, OM_uint32 code, int kind)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, more = 0;

    gss_display_status(&minor, code, kind, GSS_C_NO_OID, &more, &text);
    fprintf(stderr, "%s: %.*s\n", what, (int)text.length, (char *)text.value);
    exit(1);
}

static void check(const char *what, OM_uint32 major, OM_uint32 minor)
{
    if (GSS_ERROR(major))
        fail(what, minor ? minor : major, minor ? GSS_C_MECH_CODE : GSS_C_GSS_CODE);
}

static void say(const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        printf("%02x", ((const unsigned char *)bytes)[i]);
    printf("\n");
    fflush(stdout);
}

static void from_hex(const char *hex, struct bytes *out)
{
    unsigned byte;

    for (out->size = 0; out->size < ROOM && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        out->data[out->size++] = (unsigned char)byte;
}

static void hear(struct bytes *out)
{
    static char line[2 * ROOM + 2];

    out->size = 0;
    if (fgets(line, sizeof line, stdin))
        from_hex(line, out);
}

/* `inner` in an ASN.1 element. */
static void wrap(struct bytes *inner, unsigned char tag)
{
    unsigned char head[4] = {tag};
    size_t size = 2;

    head[1] = (unsigned char)inner->size;
    if (inner->size > 127) {
        head[1] = 0x82;
        head[2] = (unsigned char)(inner->size >> 8);
        head[3] = (unsigned char)inner->size;
        size = 4;
    }
    memmove(inner->data + size, inner->data, inner->size);
    memcpy(inner->data, head, size);
    inner->size += size;
}

static void add(struct bytes *to, const void *data, size_t size)
{
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

/* What stands behind the first element [tag] in `in`; good enough for the answers of one server. */
static const unsigned char *find(const struct bytes *in, unsigned char tag, size_t *size)
{
    for (size_t at = 4; at + 4 < in->size; at++)
        if (in->data[at] == tag) {
            size_t head = in->data[at + 1] == 0x82 ? 4 : in->data[at + 1] == 0x81 ? 3 : 2;
            const unsigned char *octets = in->data + at + head;
            size_t octets_head = octets[1] == 0x82 ? 4 : octets[1] == 0x81 ? 3 : 2;
            *size = octets_head == 4 ? (size_t)octets[2] << 8 | octets[3] : octets_head == 3 ? octets[2] : octets[1];
            return octets[0] == 0x04 ? octets + octets_head : NULL;
        }
    return NULL;
}

/* MechTypeList: NTLM, Kerberos. */
static const unsigned char mechanisms[] = {0x30, 0x17, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a,
                                           0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};
static const unsigned char spnego[] = {0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02};

/* NegTokenInit (RFC 4178 section 4.2.1) without a token of any mechanism. */
static void say_other_first(void)
{
    struct bytes token = {.size = 0};

    add(&token, mechanisms, sizeof mechanisms);
    wrap(&token, 0xa0);
    wrap(&token, 0x30);
    wrap(&token, 0xa0);
    memmove(token.data + sizeof spnego, token.data, token.size);
    memcpy(token.data, spnego, sizeof spnego);
    token.size += sizeof spnego;
    wrap(&token, 0x60);
    say(token.data, token.size);
}

/* NegTokenResp (section 4.2.2): a token of the mechanism [2], or the checksum of the list [3]. */
static void say_response(const void *data, size_t size, unsigned char tag)
{
    struct bytes token = {.size = 0};

    add(&token, data, size);
    wrap(&token, 0x04);
    wrap(&token, tag);
    wrap(&token, 0x30);
    wrap(&token, 0xa1);
    say(token.data, token.size);
}

static void prove_list(gss_ctx_id_t context)
{
    gss_buffer_desc list = {sizeof mechanisms, (void *)mechanisms}, mic = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &list, &mic);
    struct bytes answer;

    check("the checksum of the list", major, minor);
    say_response(mic.value, mic.length, 0xa3);
    gss_release_buffer(&minor, &mic);
    hear(&answer);
}

int main(int count, char **words)
{
    gss_OID_desc spnego_oid = {6, (void *)(spnego + 2)};
    gss_OID mechanism = &spnego_oid;
    struct gss_channel_bindings_struct bindings = {0};
    static struct bytes channel, answer;
    bool other_first = false;
    gss_name_t name;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    OM_uint32 minor, ignored, flags = 0, major;

    for (int i = 2; i < count; i++) {
        if (strcmp(words[i], "--raw") == 0)
            mechanism = (gss_OID)gss_mech_krb5;
        else if (strcmp(words[i], "--other-first") == 0)
            other_first = true;
        else if (strcmp(words[i], "--channel") == 0 && i + 1 < count)
            from_hex(words[++i], &channel);
    }
    if (count < 2)
        return 2;
    if (other_first) {
        mechanism = (gss_OID)gss_mech_krb5;
        say_other_first();
        hear(&answer);
    }
    bindings.application_data = (gss_buffer_desc){channel.size, channel.data};
    gss_buffer_desc written = {strlen(words[1]), words[1]}, input = GSS_C_EMPTY_BUFFER, output = GSS_C_EMPTY_BUFFER;
    check("the name", gss_import_name(&minor, &written, GSS_C_NT_HOSTBASED_SERVICE, &name), minor);
    do {
        major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, name, mechanism,
                                     GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG, 0, channel.size ? &bindings : NULL, &input, NULL,
                                     &output, &flags, NULL);
        check("a token", major, minor);
        if (output.length > 0 && other_first)
            say_response(output.value, output.length, 0xa2);
        else if (output.length > 0)
            say(output.value, output.length);
        gss_release_buffer(&ignored, &output);
        if (major & GSS_S_CONTINUE_NEEDED) {
            hear(&answer);
            input = (gss_buffer_desc){answer.size, answer.data};
            if (other_first) {
                size_t size = 0;
                input.value = (void *)(uintptr_t)find(&answer, 0xa2, &size);
                input.length = size;
            }
        }
    } while (major & GSS_S_CONTINUE_NEEDED);
    if (other_first)
        prove_list(context);
    printf("done%s\n", flags & GSS_C_MUTUAL_FLAG ? " mutual" : "");
    fflush(stdout);
    gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
    gss_release_name(&ignored, &name);
    return 0;
}
