/* cli/soap.h - operations of ReportService2010.asmx, asked of a report server elsewhere over SOAP 1.2.
 *
 *     struct cli_soap call;
 *     cli_soap_begin(&call, remote, "DeleteItem");
 *     xml_write_element(&call.writer, "ItemPath", path);
 *     RS_TRY(cli_soap_end(&call, &response));
 *
 * Source:  the WSDL of ReportingService2010; SOAP 1.2 part 1, section 5.4 (faults).
 */
#ifndef CLI_SOAP_H
#define CLI_SOAP_H

#include "cli/remote.h"
#include "format/xml/parse.h"
#include "format/xml/write.h"

#define CLI_SOAP_ANSWER_MAX ((size_t)768 * 1024 * 1024) /* bytes: the largest item of a catalog in base64 */

struct cli_soap {
    struct cli_remote *remote;
    struct rs_job *job;
    const char *operation;
    rs_buf message;
    struct xml_writer writer; /* inside the element of the operation */
};

void cli_soap_begin(struct cli_soap *call, struct cli *cli, struct cli_remote *remote, const char *operation);
void cli_soap_bytes(struct cli_soap *call, const char *name, rs_text bytes); /* an argument in base64 */

/* Ask. `response` is the element in the body of the answer, in the job's memory.
 *
 * A fault fails with the status of its code (rs_status_of_client_code) and its words; an answer that is none of SOAP's as
 * cli_remote_refused does. */
RS_CHECKED rs_status cli_soap_end(struct cli_soap *call, const struct xml_node **response);

/* An answer's bytes, for tests and fuzzing: as cli_soap_end takes them. */
RS_CHECKED rs_status cli_soap_answer_parse(struct rs_job *job, rs_text bytes, const struct xml_node **response);

#endif
