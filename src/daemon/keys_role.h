/* daemon/keys_role.h - the process that holds private keys: net/keys/server, told what it may hold by the parent.
 *
 *     parent                     keys
 *       KEYS_LOAD        ->        the id of a private key, and its bytes
 *       KEYS_REFUSE      ->        there is no key with this id
 *       KEYS_RETAIN      ->        forget all keys but these
 *       KEYS_ATTACH      ->        a socket: who is at its other end may ask for signatures
 *                        <-      KEYS_MISSING: a signature was asked for with a key that is not here
 *
 * It opens nothing: bytes and sockets are handed to it. Where the parent dies the channel closes, and it ends.
 */
#ifndef DAEMON_KEYS_ROLE_H
#define DAEMON_KEYS_ROLE_H

#include "base/job.h"

enum keys_message {
    KEYS_LOAD = 1,
    KEYS_REFUSE,
    KEYS_RETAIN,
    KEYS_ATTACH,
    KEYS_MISSING,
};

struct sandbox_account;

/* Run until `channel` is closed at its other end; it is closed here too. `account` NULL: without a sandbox, with --single. */
RS_CHECKED rs_status keys_role_run(struct rs_job *job, const struct sandbox_account *account, int channel);

#endif
