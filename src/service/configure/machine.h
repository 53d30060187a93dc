/* service/configure/machine.h - this machine: its addresses, and who holds a port.
 */
#ifndef SERVICE_CONFIGURE_MACHINE_H
#define SERVICE_CONFIGURE_MACHINE_H

#include "net/tables/address.h"

struct machine_address {
    struct tables_address address;
    bool dynamic; /* given for a time (DHCP, router advertisement): it may change */
    rs_text interface;
};

/* The addresses of all interfaces. Fails with RS_IO. */
RS_CHECKED rs_status machine_addresses(struct rs_job *job, const struct machine_address **out, size_t *count);

/* May a server listen there? Fails with RS_CONFLICT naming process and account of the holder as far as they can be
 * seen, RS_DENIED (a low port) or RS_NOT_FOUND (not an address of this machine). */
RS_CHECKED rs_status machine_port_free(struct rs_job *job, const struct tables_address *address, uint16_t port);

#endif
