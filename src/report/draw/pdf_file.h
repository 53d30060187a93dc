/* report/draw/pdf_file.h - the file under a PDF: numbered objects, streams, the table of their places.
 *
 * Internal to report/draw. Source: ISO 32000-1, 7.3 (objects), 7.5 (file structure).
 */
#ifndef REPORT_DRAW_PDF_FILE_H
#define REPORT_DRAW_PDF_FILE_H

#include "base/vec.h"
#include "report/draw/deflate.h"
#include "report/draw/device.h"

struct pdf_file {
    struct rs_job *memory;
    struct draw_sink sink;
    struct draw_deflater *deflater;
    rs_buf waiting;            /* written to the sink when it is large enough */
    rs_buf packed;             /* the stream being compressed */
    uint64_t offset;           /* of the next byte of `waiting` in the file */
    uint64_t hash;             /* of what was written: makes the file's identifier */
    RS_VEC(uint64_t) offsets;  /* by object number; 0: not written yet. Number 0 is not used */
};

void pdf_file_init(struct pdf_file *file, struct rs_job *memory, const struct draw_sink *sink);
RS_CHECKED rs_status pdf_file_begin(struct rs_job *job, struct pdf_file *file);

/* A number for an object that is written now or later. */
unsigned pdf_file_reserve(struct pdf_file *file);

/* "number 0 obj", content, "endobj". */
RS_CHECKED rs_status pdf_file_object(struct rs_job *job, struct pdf_file *file, unsigned number, rs_text content);

enum pdf_stream_form {
    PDF_STREAM_COMPRESS, /* the bytes are plain and are compressed here */
    PDF_STREAM_PLAIN,    /* they are written as they are */
};

/* `entries`: of the stream's dictionary, without /Length and, for PDF_STREAM_COMPRESS, without /Filter. */
RS_CHECKED rs_status pdf_file_stream(struct rs_job *job, struct pdf_file *file, unsigned number,
                                     enum pdf_stream_form form, rs_text entries, rs_text bytes);

/* Cross-reference table and trailer; every reserved object must have been written. */
RS_CHECKED rs_status pdf_file_finish(struct rs_job *job, struct pdf_file *file, unsigned catalog, unsigned info);

/* ---- spelling --------------------------------------------------------------------------------------- */

/* A number in hundredths: at most two decimals, none that are 0. At most PDF_NUMBER_MAX bytes; gives the end. */
#define PDF_NUMBER_MAX 24
char *pdf_put_hundredths(char *at, int64_t hundredths);
void pdf_add_number(rs_buf *buf, double number); /* two decimals */
void pdf_add_decimal(rs_buf *buf, double number, int decimals);
/* A string for people: literal where it is ASCII, UTF-16 in hexadecimal otherwise. */
void pdf_add_text(rs_buf *buf, rs_text text);
/* Its digits in hexadecimal, without anything around them. */
void pdf_add_utf16(rs_buf *buf, rs_text text);
/* A string of bytes: (...) with escapes. */
void pdf_add_bytes(rs_buf *buf, rs_text bytes);

static inline int64_t pdf_hundredths(double points)
{
    double scaled = points * 100;

    return (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

#endif
