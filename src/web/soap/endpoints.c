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

static const struct soap_operation none[] = {{0}};

const struct soap_endpoint soap_endpoints[] = {
    {"/ReportService2010.asmx", "http://schemas.microsoft.com/sqlserver/reporting/2010/03/01/ReportServer",
     "ReportingService2010", S2010, soap_operations_2010, &soap_item_2010, &soap_trusted_user_header},
    {"/ReportService2005.asmx", NAMESPACE_2005, "ReportingService2005", S2005, soap_operations_2005, &soap_item_2005, NULL},
    {"/ReportService2006.asmx", "http://schemas.microsoft.com/sqlserver/2006/03/15/reporting/reportingservices",
     "ReportingService2006", 0, none, NULL, NULL},
    {"/ReportExecution2005.asmx", NAMESPACE_2005, "ReportExecutionService", EXEC, soap_operations_execution, NULL,
     &soap_trusted_user_header},
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
    for (const struct soap_operation *operation = endpoint->operations; operation->name; operation++)
        if (rs_text_equal(name, rs_text_from(operation->name)))
            return operation;
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

/* ---- types --------------------------------------------------------------------------------------- */

static bool has_type(const struct soap_types *types, const struct soap_type *type)
{
    for (size_t i = 0; i < types->count; i++)
        if (types->items[i] == type)
            return true;
    return false;
}

static void add_type(struct rs_job *job, const struct soap_type *type, struct soap_types *out)
{
    if (!type || type->kind == SOAP_PLAIN || has_type(out, type))
        return;
    rs_vec_push(job, out, type);
    add_type(job, type->base, out);
    for (const struct soap_part *part = type->parts; part && part->name; part++)
        add_type(job, part->type, out);
}

void soap_types_of(struct rs_job *job, const struct soap_endpoint *endpoint, struct soap_types *out)
{
    *out = (struct soap_types){0};
    for (const struct soap_operation *operation = endpoint->operations; operation->name; operation++) {
        for (const struct soap_part *part = operation->takes; part->name; part++)
            add_type(job, part->type, out);
        for (const struct soap_part *part = operation->gives; part->name; part++)
            add_type(job, part->type, out);
        add_type(job, operation->header, out);
    }
    add_type(job, endpoint->header, out);
    add_type(job, &soap_server_info_header, out);
}
