/* A definition in, the bytes of a format out. */
#ifndef TESTS_RENDER_RENDERING_H
#define TESTS_RENDER_RENDERING_H

#include "base/job.h"

/* `settings`: device information as in "Name=value&Other=value". `out` lives in the job. */
rs_status rendering(struct rs_job *job, const char *format, const char *definition, const char *settings, rs_text *out);

#endif
