/* service/auth/remember.h - credentials that were found right a short while ago.
 *
 * A client with Basic authentication sends its password with every request, and checking one is slow on purpose. What
 * is kept is a keyed hash of name, password and stored hash: it is worth nothing outside this process, and a changed
 * password is never remembered as the old one.
 */
#ifndef SERVICE_AUTH_REMEMBER_H
#define SERVICE_AUTH_REMEMBER_H

#include <stdint.h>

#include "base/text.h"

#define REMEMBER_SETS 64
#define REMEMBER_WAYS 8
#define REMEMBER_KEY_SIZE 32
#define REMEMBER_TAG_SIZE 32

struct remember_entry {
    unsigned char tag[REMEMBER_TAG_SIZE];
    int64_t until_ms; /* steady clock; 0: empty */
};

struct remember {
    unsigned char key[REMEMBER_KEY_SIZE]; /* random, of this process */
    int64_t lifetime_ms;                  /* 0: nothing is remembered */
    struct remember_entry entries[REMEMBER_SETS][REMEMBER_WAYS];
};

void remember_init(struct remember *remember, int64_t lifetime_ms);

struct remember_tag {
    unsigned char bytes[REMEMBER_TAG_SIZE];
};

struct remember_tag remember_tag(const struct remember *remember, rs_text name, rs_text password,
                                 rs_text stored_hash);
bool remember_has(const struct remember *remember, const struct remember_tag *tag, int64_t now_ms);
/* Takes the place of the entry that ends first. */
void remember_add(struct remember *remember, const struct remember_tag *tag, int64_t now_ms);

#endif
