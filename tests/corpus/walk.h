/* The definitions of the public corpus, which is not part of the project: the folders rdl-corpus and golden in
 * $BINDERY_SHARED, or in ../shared beside the source tree ($BINDERY_SOURCE). */
#ifndef CORPUS_WALK_H
#define CORPUS_WALK_H

#include "base/vec.h"

#define CORPUS_SKIPPED 77 /* what a test gives that cannot run */

struct corpus {
    rs_text root; /* paths begin with it and a slash */
    RS_VEC(rs_text) paths;
    bool list;    /* --list */
};

/* Files by name, below the folders of the corpus or below the one that is given: PROGRAM [--list] [FOLDER]. False, and said,
 * where there are none. */
bool corpus_walk(struct rs_job *job, int count, char **arguments, struct corpus *out);

/* The folder of the sources. */
const char *corpus_source(void);

#endif
