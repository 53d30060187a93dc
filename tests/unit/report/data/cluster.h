/* tests/unit/report/data/cluster.h - a PostgreSQL server of the tests' own, in a temporary folder.
 *
 * It is started by the first test that asks and stopped when the program ends; it listens on 127.0.0.1, on a port that
 * the system picks, and on a socket in its folder. The user "bindery" has the password "let me in"; "postgres" none. It speaks TLS
 * with the certificate FOLDER/server.crt, for 127.0.0.1.
 */
#ifndef CLUSTER_H
#define CLUSTER_H

struct cluster {
    char folder[64]; /* of the socket */
    int port;
};

/* NULL where PostgreSQL's server is not installed. */
const struct cluster *cluster_started(void);

#endif
