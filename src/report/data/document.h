/* report/data/document.h - where the providers of documents (XML, JSON, CSV) get them from: the connection string itself,
 * a file below the folder for data files, or an address.
 */
#ifndef REPORT_DATA_DOCUMENT_H
#define REPORT_DATA_DOCUMENT_H

#include "report/data/connect.h"
#include "report/data/data.h"

#define DOCUMENT_FILE_MAX ((size_t)64 * 1024 * 1024) /* bytes */

/* The document at `place`: an address, "file://path" or a file name. Query parameters of a data set are added to an
 * address: "?Year=2024". */
RS_CHECKED rs_status document_read(struct rs_job *job, struct rs_job *watch, const struct data_source *source,
                                   const struct data_query *query, rs_text place, rs_text *out);

/* A connection string that is a place, or has one among its settings: "Data Source", "File", "Path", "Url", "JsonDoc".
 * `settings` is empty where it is a place alone. */
RS_CHECKED rs_status document_place(struct rs_job *job, rs_text connect_string, struct data_settings *settings, rs_text *place);

/* UTF-8 of a document in `encoding` ("windows-1252", "utf-16" ...); empty: by its byte order mark, else UTF-8. */
RS_CHECKED rs_status document_text(struct rs_job *job, rs_text bytes, rs_text encoding, rs_text *out);

#endif
