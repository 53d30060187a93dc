#include "store/secret/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "format/escape/base64.h"
#include "format/escape/hex.h"

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
        return rs_fail(job, SECRET_KEY, "\"%.*s\" is not a key file of %u bytes; put it back from a backup (`bindery key restore`), or "
                       "give up what is sealed with it (`bindery key delete --contents`)", RS_TEXT_ARG(path), SECRET_KEY_SIZE);
    if (info.st_mode & 077)
        return rs_fail(job, SECRET_KEY, "others may read the key file \"%.*s\"; chmod 600 it", RS_TEXT_ARG(path));
    if (read(fd, out->bytes, sizeof out->bytes) != sizeof out->bytes)
        return rs_fail(job, SECRET_KEY, "cannot read the key file \"%.*s\"", RS_TEXT_ARG(path));
    return RS_OK;
}

static rs_status open_key(struct rs_job *job, rs_text path, struct secret_key *out)
{
    const char *name = rs_text_terminated(job, path);
    RS_OWNED_FD fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return rs_fail(job, SECRET_KEY, "cannot open the key file \"%s\": %s; `bindery key restore` puts it back from a backup",
                       name, strerror(errno));
    return read_key(job, fd, path, out);
}

rs_text secret_key_check(struct rs_job *job, const struct secret_key *key)
{
    static const char purpose[] = "bindery: which key is this";
    unsigned char digest[SECRET_CHECK_SIZE / 2];
    rs_buf out = rs_buf_in(job);

    crypto_generichash(digest, sizeof digest, (const unsigned char *)purpose, sizeof purpose - 1, key->bytes, sizeof key->bytes);
    escape_hex_write(&out, rs_text_of((const char *)digest, sizeof digest), ESCAPE_HEX_LOWER);
    return rs_buf_text(&out);
}

static rs_text staged(struct rs_job *job, rs_text path)
{
    return rs_text_format(job, "%.*s.new", RS_TEXT_ARG(path));
}

static bool has_check(struct rs_job *job, const struct secret_key *key, rs_text check)
{
    rs_text own = secret_key_check(job, key);

    return own.size == check.size && sodium_memcmp(own.bytes, check.bytes, check.size) == 0;
}

/* The file that is there, or the one that was about to take its place. */
static rs_status find_key(struct rs_job *job, rs_text path, rs_text check, struct secret_key *out)
{
    rs_status status = open_key(job, path, out);

    if (status == RS_OK && has_check(job, out, check))
        return RS_OK;
    rs_text why = status == RS_OK ? (rs_text){0} : rs_text_copy(job, rs_job_error(job));
    rs_job_forgive(job);
    if (open_key(job, staged(job, path), out) == RS_OK && has_check(job, out, check))
        return secret_key_settle(job, path);
    rs_job_forgive(job);
    if (open_key(job, path, out) == RS_OK && has_check(job, out, check)) /* another process settled it meanwhile */
        return RS_OK;
    rs_job_forgive(job);
    secret_key_forget(out);
    if (why.size > 0)
        return rs_fail(job, SECRET_KEY, "%.*s", RS_TEXT_ARG(why));
    return rs_fail(job, SECRET_KEY, "\"%.*s\" is not the key that the stored passwords were sealed with: put that one back "
                   "(`bindery key restore`), or give them up (`bindery key delete --contents`)", RS_TEXT_ARG(path));
}

rs_status secret_key_read(struct rs_job *job, rs_text path, rs_text check, struct secret_key *out)
{
    if (sodium_init() < 0)
        return rs_fail(job, RS_FAILED, "libsodium does not start");
    if (check.size > 0)
        return find_key(job, path, check, out);
    if (access(rs_text_terminated(job, path), F_OK) != 0)
        RS_TRY(make_key(job, path));
    return open_key(job, path, out);
}

rs_status secret_key_make(struct rs_job *job, struct secret_key *out)
{
    if (sodium_init() < 0)
        return rs_fail(job, RS_FAILED, "libsodium does not start");
    randombytes_buf(out->bytes, sizeof out->bytes);
    return RS_OK;
}

rs_status secret_key_stage(struct rs_job *job, rs_text path, const struct secret_key *key)
{
    return rs_file_replace(job, staged(job, path), rs_text_of((const char *)key->bytes, sizeof key->bytes), 0600);
}

rs_status secret_key_settle(struct rs_job *job, rs_text path)
{
    rs_text from = staged(job, path);

    if (rename(from.bytes, rs_text_terminated(job, path)) == 0 || errno == ENOENT) /* ENOENT: somebody else was quicker */
        return RS_OK;
    return rs_fail(job, SECRET_KEY, "cannot put the new key in the place of \"%.*s\": %s", RS_TEXT_ARG(path), strerror(errno));
}

void secret_key_unstage(struct rs_job *job, rs_text path)
{
    unlink(staged(job, path).bytes);
}

rs_status secret_key_remove(struct rs_job *job, rs_text path)
{
    if (unlink(rs_text_terminated(job, path)) == 0 || errno == ENOENT)
        return RS_OK;
    return rs_fail(job, SECRET_KEY, "cannot remove the key file \"%.*s\": %s", RS_TEXT_ARG(path), strerror(errno));
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
