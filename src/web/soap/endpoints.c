#include "web/soap/endpoints.h"

enum { S2005 = 1, S2010 = 2, EXEC = 4 };

static const struct method {
    const char *name;
    unsigned contracts;
} methods[] = {
#define SOAP_METHOD(name, contracts) {#name, contracts},
#include "web/soap/methods.def"
#undef SOAP_METHOD
};
#define METHOD_COUNT (sizeof methods / sizeof methods[0])

#define NAMESPACE_2005 "http://schemas.microsoft.com/sqlserver/2005/06/30/reporting/reportingservices"

static const struct soap_operation *const lists_methods[] = {&soap_list_secure_methods, NULL};
static const struct soap_operation *const of_2010[] = {&soap_is_ssl_required, &soap_list_secure_methods, NULL};
static const struct soap_operation *const none[] = {NULL};

const struct soap_endpoint soap_endpoints[] = {
    {"/ReportService2010.asmx", "http://schemas.microsoft.com/sqlserver/reporting/2010/03/01/ReportServer",
     "ReportingService2010", S2010, of_2010},
    {"/ReportService2005.asmx", NAMESPACE_2005, "ReportingService2005", S2005, lists_methods},
    {"/ReportService2006.asmx", "http://schemas.microsoft.com/sqlserver/2006/03/15/reporting/reportingservices",
     "ReportingService2006", 0, none},
    {"/ReportExecution2005.asmx", NAMESPACE_2005, "ReportExecutionService", EXEC, lists_methods},
};
const size_t soap_endpoint_count = sizeof soap_endpoints / sizeof soap_endpoints[0];

const struct soap_endpoint *soap_endpoint_find(rs_text path)
{
    for (size_t i = 0; i < soap_endpoint_count; i++)
        if (rs_text_equal_nocase(path, rs_text_from(soap_endpoints[i].path)))
            return &soap_endpoints[i];
    return NULL;
}

const struct soap_operation *soap_operation_find(const struct soap_endpoint *endpoint, rs_text name)
{
    for (size_t i = 0; endpoint->operations[i]; i++)
        if (rs_text_equal(name, rs_text_from(endpoint->operations[i]->name)))
            return endpoint->operations[i];
    return NULL;
}

const char *soap_method(const struct soap_endpoint *endpoint, size_t index)
{
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if ((methods[i].contracts & endpoint->contract) && index-- == 0)
            return methods[i].name;
    return NULL;
}

bool soap_method_is_known(const struct soap_endpoint *endpoint, rs_text name)
{
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if ((methods[i].contracts & endpoint->contract) && rs_text_equal(name, rs_text_from(methods[i].name)))
            return true;
    return false;
}
