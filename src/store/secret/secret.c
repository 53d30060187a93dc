#include "store/secret/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "format/escape/base64.h"

#define VERSION 1
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD (1 + NONCE)

_Static_assert(SECRET_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key is the cipher's");

/* Written beside and linked: two processes that make it at once agree on one. */
static rs_status make_key(struct rs_job *job, rs_text path)
{
    struct secret_key key;
    rs_text beside = rs_text_format(job, "%.*s.%ld.new", RS_TEXT_ARG(path), (long)getpid());

    randombytes_buf(key.bytes, sizeof key.bytes);
    rs_status status = rs_file_replace(job, beside, rs_text_of((const char *)key.bytes, sizeof key.bytes), 0600);
    sodium_memzero(&key, sizeof key);
    RS_TRY(status);
    int failed = link(beside.bytes, rs_text_terminated(job, path)) != 0 && errno != EEXIST;
    int why = errno;
    unlink(beside.bytes);
    return failed ? rs_fail(job, SECRET_KEY, "cannot make the key file \"%.*s\": %s", RS_TEXT_ARG(path), strerror(why)) : RS_OK;
}

static rs_status read_key(struct rs_job *job, int fd, rs_text path, struct secret_key *out)
{
    struct stat info;

    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size != SECRET_KEY_SIZE)
        return rs_fail(job, SECRET_KEY, "\"%.*s\" is not a key file of %u bytes; put it back from a backup, or remove it and enter the "
                       "passwords of data sources again", RS_TEXT_ARG(path), SECRET_KEY_SIZE);
    if (info.st_mode & 077)
        return rs_fail(job, SECRET_KEY, "others may read the key file \"%.*s\"; chmod 600 it", RS_TEXT_ARG(path));
    if (read(fd, out->bytes, sizeof out->bytes) != sizeof out->bytes)
        return rs_fail(job, SECRET_KEY, "cannot read the key file \"%.*s\"", RS_TEXT_ARG(path));
    return RS_OK;
}

rs_status secret_key_read(struct rs_job *job, rs_text path, struct secret_key *out)
{
    const char *name = rs_text_terminated(job, path);

    if (sodium_init() < 0)
        return rs_fail(job, RS_FAILED, "libsodium does not start");
    if (access(name, F_OK) != 0)
        RS_TRY(make_key(job, path));
    RS_OWNED_FD fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return rs_fail(job, SECRET_KEY, "cannot open the key file \"%s\": %s", name, strerror(errno));
    return read_key(job, fd, path, out);
}

void secret_key_forget(struct secret_key *key)
{
    sodium_memzero(key, sizeof *key);
}

rs_status secret_seal(struct rs_job *job, const struct secret_key *key, rs_text context, rs_text text, rs_text *out)
{
    rs_buf sealed = rs_buf_in(job);
    unsigned char *bytes;
    unsigned long long size;

    if (text.size > SECRET_TEXT_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "a secret has at most %zu bytes", SECRET_TEXT_MAX);
    bytes = rs_alloc(job, HEAD + text.size + TAG);
    bytes[0] = VERSION;
    randombytes_buf(bytes + 1, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + HEAD, &size, (const unsigned char *)text.bytes, text.size,
                                               (const unsigned char *)context.bytes, context.size, NULL, bytes + 1, key->bytes);
    escape_base64_write(&sealed, rs_text_of((const char *)bytes, HEAD + (size_t)size));
    *out = rs_buf_text(&sealed);
    return RS_OK;
}

rs_status secret_open(struct rs_job *job, const struct secret_key *key, rs_text context, rs_text sealed, rs_text *out)
{
    rs_text bytes;
    unsigned long long size = 0;

    if (sealed.size > 2 * SECRET_TEXT_MAX || escape_base64_parse(job, sealed, &bytes) != RS_OK || bytes.size < HEAD + TAG || bytes.bytes[0] != VERSION) {
        rs_job_forgive(job);
        return rs_fail(job, SECRET_SEALED, "this is not a sealed secret");
    }
    unsigned char *text = rs_alloc(job, bytes.size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, &size, NULL, (const unsigned char *)bytes.bytes + HEAD, bytes.size - HEAD,
                                                   (const unsigned char *)context.bytes, context.size,
                                                   (const unsigned char *)bytes.bytes + 1, key->bytes) != 0)
        return rs_fail(job, SECRET_SEALED, "it was sealed with another key or for something else");
    *out = rs_text_of((const char *)text, (size_t)size);
    return RS_OK;
}
