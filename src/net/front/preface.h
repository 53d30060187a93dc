/* net/front/preface.h - what a trusted proxy writes in front of a connection: the PROXY protocol. A connection without it goes
 * on as it is: neither TLS nor HTTP can begin with these bytes.
 */
#ifndef NET_FRONT_PREFACE_H
#define NET_FRONT_PREFACE_H

#include "net/front/client.h"

struct preface;

enum preface_end { PREFACE_READ, PREFACE_MORE, PREFACE_WRONG, PREFACE_GONE };

/* Read as much as belongs to the header, and not a byte more. PREFACE_READ: client->remote, local and their ports are what the
 * proxy says; client->preface is gone. */
enum preface_end preface_read(struct front_client *client);

/* The connection ends, whatever was read. */
void preface_free(struct front_client *client);

#endif
