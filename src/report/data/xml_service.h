/* report/data/xml_service.h - a method of a SOAP 1.1 web service as a document of the XML provider.
 *
 *     <Query>
 *       <Method Namespace="http://example.com/orders" Name="ListOrders">
 *         <Parameters><Parameter Name="year"><DefaultValue>2024</DefaultValue></Parameter></Parameters>
 *       </Method>
 *       <SoapAction>http://example.com/orders/ListOrders</SoapAction>
 *     </Query>
 *
 * Query parameters of the data set take the place of equally named ones; others are added. Without <Method> the body of
 * the request is empty; without <SoapAction> the action is the namespace, '/' and the name.
 *
 * Source:  Reporting Services, XML query syntax for web services; SOAP 1.1.
 */
#ifndef REPORT_DATA_XML_SERVICE_H
#define REPORT_DATA_XML_SERVICE_H

#include "format/xml/parse.h"
#include "report/data/data.h"

/* The answer's bytes. `query_node` is the <Query>. */
RS_CHECKED rs_status xml_service_call(struct rs_job *job, struct rs_job *watch, const struct data_source *source,
                                      const struct data_query *query, const struct xml_node *query_node, rs_text *out);

/* The element inside the Body of an answer. Fails with DATA_QUERY where it is a Fault, whose text is told. */
RS_CHECKED rs_status xml_service_result(struct rs_job *job, struct xml_node *envelope, struct xml_node **out);

#endif
