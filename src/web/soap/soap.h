/* web/soap/soap.h - the face of the SOAP endpoints.
 */
#ifndef WEB_SOAP_SOAP_H
#define WEB_SOAP_SOAP_H

#include "web/exchange/exchange.h"

/* Takes the paths of its endpoints; everything else below /ReportServer is another face's. */
extern const struct exchange_face soap_face;

#endif
