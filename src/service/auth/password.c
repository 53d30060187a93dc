#include "service/auth/password.h"

#include <sodium.h>

rs_status password_hash(struct rs_job *job, rs_text password, rs_text *out)
{
    char stored[crypto_pwhash_STRBYTES];

    if (sodium_init() < 0)
        return rs_fail(job, RS_FAILED, "the cryptographic library does not start");
    if (password.size < AUTH_PASSWORD_MIN || password.size > AUTH_PASSWORD_MAX)
        return rs_fail(job, RS_INVALID, "a password has %d to %d bytes", AUTH_PASSWORD_MIN, AUTH_PASSWORD_MAX);
    if (memchr(password.bytes, 0, password.size))
        return rs_fail(job, RS_INVALID, "a password holds no 0 byte");
    if (crypto_pwhash_str_alg(stored, password.bytes, password.size, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return rs_fail(job, RS_NO_MEMORY, "not enough memory to hash a password (64 MiB are needed)");
    *out = rs_text_copy(job, rs_text_from(stored));
    return RS_OK;
}

/* Made once in each process, of a random password. */
static const char *nobody(void)
{
    static char stored[crypto_pwhash_STRBYTES];
    char password[32];

    if (stored[0])
        return stored;
    randombytes_buf(password, sizeof password);
    if (crypto_pwhash_str_alg(stored, password, sizeof password, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        stored[0] = 0;
    return stored;
}

bool password_is_right(rs_text stored, rs_text password)
{
    char terminated[crypto_pwhash_STRBYTES] = {0};
    bool exists = stored.size > 0 && stored.size < sizeof terminated;

    if (password.size > AUTH_PASSWORD_MAX)
        return false;
    if (exists)
        memcpy(terminated, stored.bytes, stored.size);
    int result = crypto_pwhash_str_verify(exists ? terminated : nobody(),
                                          password.bytes ? password.bytes : "", password.size);
    return exists && result == 0;
}
