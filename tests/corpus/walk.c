#include "walk.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct rs_job *job;
    struct corpus *corpus;
} walk; /* nftw passes nothing on */

static int take_path(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    rs_text name = rs_text_from(path);

    (void)info;
    (void)at;
    if (kind == FTW_F && (rs_text_ends(name, RS_TEXT(".rdl")) || rs_text_ends(name, RS_TEXT(".rdlc"))))
        rs_vec_push(walk.job, &walk.corpus->paths, rs_text_copy(walk.job, name));
    return 0;
}

static void take_folder(struct rs_job *job, rs_text folder)
{
    nftw(rs_text_terminated(job, folder), take_path, 16, FTW_PHYS);
}

static int compare_texts(const void *a, const void *b)
{
    return rs_text_compare(*(const rs_text *)a, *(const rs_text *)b);
}

const char *corpus_source(void)
{
    const char *source = getenv("BINDERY_SOURCE");

    return source ? source : ".";
}

bool corpus_walk(struct rs_job *job, int count, char **arguments, struct corpus *out)
{
    const char *shared = getenv("BINDERY_SHARED"), *given = NULL;

    *out = (struct corpus){.list = false};
    walk.job = job;
    walk.corpus = out;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--list") == 0)
            out->list = true;
        else
            given = arguments[i];
    }
    out->root = given    ? rs_text_from(given)
                : shared ? rs_text_from(shared)
                         : rs_text_format(job, "%s/../shared", corpus_source());
    if (given) {
        take_folder(job, out->root);
    } else {
        take_folder(job, rs_text_format(job, "%.*s/rdl-corpus", RS_TEXT_ARG(out->root)));
        take_folder(job, rs_text_format(job, "%.*s/golden", RS_TEXT_ARG(out->root)));
    }
    if (out->paths.count == 0) {
        printf("skipped: there are no report definitions in %.*s\n", RS_TEXT_ARG(out->root));
        return false;
    }
    qsort(out->paths.items, out->paths.count, sizeof *out->paths.items, compare_texts);
    return true;
}
