/* daemon/wiping.h - what a process gives back it overwrites first: for those through which private keys pass.
 *
 * Keys that are read, matched with certificates, imported or handed over pass through many buffers of libraries, of which none
 * is ours to clean. So memory is cleaned where all of it goes by: when it is freed.
 */
#ifndef DAEMON_WIPING_H
#define DAEMON_WIPING_H

/* From here on, of OpenSSL, of JSON and of jobs. Before OpenSSL is used for anything. */
void wiping_begin(void);

#endif
