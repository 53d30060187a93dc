#include "net/tls/ticket.h"

#include <stdio.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/clock.h"

#define KEY_SEALS_MS ((int64_t)3600 * 1000)
#define KEY_OPENS_MS (3 * KEY_SEALS_MS)

bool ticket_derive(const unsigned char *secret, size_t secret_size, rs_text purpose, unsigned char *out, size_t size)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, sizeof digest - 1),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret, secret_size),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)purpose.bytes, purpose.size),
        OSSL_PARAM_END,
    };
    bool done = context && EVP_KDF_derive(context, out, size, parameters) == 1;

    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return done;
}

void ticket_keys_init(struct ticket_keys *keys, const struct tls_policy *policy)
{
    keys->derived = policy->shared_tickets;
    memcpy(keys->seed, policy->ticket_seed, sizeof keys->seed);
}

bool ticket_keys_session_context(const struct ticket_keys *keys, unsigned char out[32])
{
    return keys->derived ? ticket_derive(keys->seed, sizeof keys->seed, RS_TEXT("bindery session context"), out, 32)
                         : RAND_bytes(out, 32) == 1;
}

void ticket_keys_forget(struct ticket_keys *keys)
{
    OPENSSL_cleanse(keys->keys, sizeof keys->keys);
    keys->count = 0;
}

/* ---- which key --------------------------------------------------------------------------------------- */

static int64_t this_hour(void)
{
    return rs_clock_utc_ms() / KEY_SEALS_MS;
}

static bool derive_key(const struct ticket_keys *keys, int64_t hour, struct ticket_key *out)
{
    char purpose[64];
    unsigned char bytes[sizeof out->name + sizeof out->cipher + sizeof out->mac];
    int size = snprintf(purpose, sizeof purpose, "bindery ticket %lld", (long long)hour);
    bool done = ticket_derive(keys->seed, sizeof keys->seed, rs_text_of(purpose, (size_t)size), bytes, sizeof bytes);

    out->made_ms = hour;
    memcpy(out->name, bytes, sizeof out->name);
    memcpy(out->cipher, bytes + sizeof out->name, sizeof out->cipher);
    memcpy(out->mac, bytes + sizeof out->name + sizeof out->cipher, sizeof out->mac);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return done;
}

/* This hour's key and those of the two before; and the next one's, for a node whose clock is ahead. */
static bool derive_keys(struct ticket_keys *keys)
{
    int64_t hour = this_hour();

    if (keys->count == TICKET_KEYS && keys->keys[0].made_ms == hour)
        return true;
    keys->count = 0;
    for (int64_t each = 0; each < TICKET_KEYS - 1; each++)
        if (!derive_key(keys, hour - each, &keys->keys[each]))
            return false;
    if (!derive_key(keys, hour + 1, &keys->keys[TICKET_KEYS - 1]))
        return false;
    keys->count = TICKET_KEYS;
    return true;
}

/* Forget keys that open nothing any more; make a new one where the newest has sealed long enough. */
static const struct ticket_key *newest_random_key(struct ticket_keys *keys)
{
    int64_t now_ms = rs_clock_steady_ms();
    struct ticket_key *key = keys->keys;

    while (keys->count > 0 && key[keys->count - 1].made_ms + KEY_OPENS_MS <= now_ms)
        OPENSSL_cleanse(&key[--keys->count], sizeof key[0]);
    if (keys->count > 0 && key[0].made_ms + KEY_SEALS_MS > now_ms)
        return &key[0];
    if (keys->count == TICKET_KEYS)
        keys->count--;
    memmove(key + 1, key, keys->count * sizeof key[0]);
    if (RAND_bytes((unsigned char *)&key[0], sizeof key[0]) != 1) {
        memmove(key, key + 1, keys->count * sizeof key[0]);
        return NULL;
    }
    key[0].made_ms = now_ms;
    keys->count++;
    return &key[0];
}

static const struct ticket_key *newest_key(struct ticket_keys *keys)
{
    if (!keys->derived)
        return newest_random_key(keys);
    return derive_keys(keys) ? &keys->keys[0] : NULL;
}

static const struct ticket_key *find_key(struct ticket_keys *keys, const unsigned char *name)
{
    if (keys->derived && !derive_keys(keys))
        return NULL;
    for (size_t i = 0; i < keys->count; i++)
        if (CRYPTO_memcmp(keys->keys[i].name, name, TICKET_KEY_NAME_SIZE) == 0 &&
            (keys->derived || keys->keys[i].made_ms + KEY_OPENS_MS > rs_clock_steady_ms()))
            return &keys->keys[i];
    return NULL;
}

/* ---- using it ---------------------------------------------------------------------------------------- */

/* AES-256-CBC, looked up once: OpenSSL 3 would fetch it anew for each ticket. */
static const EVP_CIPHER *ticket_cipher(void)
{
    static EVP_CIPHER *cipher;

    if (!cipher)
        cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    return cipher;
}

static bool set_mac(EVP_MAC_CTX *mac, const struct ticket_key *key)
{
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_octet_string(OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac, sizeof key->mac),
        OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, sizeof digest - 1),
        OSSL_PARAM_END,
    };

    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

/* OpenSSL's codes: -1 failed, 0 no key (a full handshake follows), 1 right, 2 right and a new ticket is due. */
int ticket_keys_use(struct ticket_keys *keys, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                    EVP_MAC_CTX *mac, int encrypt)
{
    const struct ticket_key *key = encrypt ? newest_key(keys) : find_key(keys, name);

    if (!key)
        return encrypt ? -1 : 0;
    if (encrypt) {
        memcpy(name, key->name, TICKET_KEY_NAME_SIZE);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(ticket_cipher())) != 1 ||
            EVP_EncryptInit_ex(cipher, ticket_cipher(), NULL, key->cipher, iv) != 1)
            return -1;
    } else if (EVP_DecryptInit_ex(cipher, ticket_cipher(), NULL, key->cipher, iv) != 1) {
        return -1;
    }
    if (!set_mac(mac, key))
        return -1;
    return encrypt || key == &keys->keys[0] ? 1 : 2;
}
