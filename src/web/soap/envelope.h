/* web/soap/envelope.h - SOAP messages: read, and written around what an operation writes.
 *
 * Source:  SOAP 1.1 (W3C note of 2000), SOAP 1.2 part 1; what clients of report servers send.
 */
#ifndef WEB_SOAP_ENVELOPE_H
#define WEB_SOAP_ENVELOPE_H

#include "base/job.h"
#include "format/xml/parse.h"
#include "format/xml/write.h"

enum soap_version { SOAP_11, SOAP_12 };

struct soap_message {
    const struct xml_node *header; /* NULL: none */
    const struct xml_node *content; /* the element in the body; NULL: the body is empty */
};

/* By its content type. False where it is none of SOAP's. */
bool soap_version_of(rs_text content_type, enum soap_version *out);

/* What the request asks for, without quotes: the field SOAPAction (1.1), or action= in the content type (1.2). Empty: it does
 * not say. */
rs_text soap_action(rs_text content_type, rs_text field);

/* At most `size_max` bytes (0: XML_SIZE_MAX). Fails with SOAP_MESSAGE where it is no message of this version, and with SOAP_UNDERSTAND where a header must be understood
 * that is none of `headers` (a list with NULL at its end) in `name_space`. */
RS_CHECKED rs_status soap_message_parse(struct rs_job *job, rs_text bytes, size_t size_max, enum soap_version version,
                                        rs_text name_space, const char *const *headers, struct soap_message *out);

/* Up to and with the opened body; what follows is the content. */
void soap_begin(struct xml_writer *w, enum soap_version version, const char *name_space);
void soap_end(struct xml_writer *w);

#endif
