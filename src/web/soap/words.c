/* Operations that list the words of the contract that this server uses. */
#include "web/soap/operations.h"

static rs_status give_words(struct soap_call *call, const char *const *words)
{
    xml_open(call->answer, soap_result(call, 0));
    for (; *words; words++)
        xml_write_element(call->answer, "string", rs_text_from(*words));
    xml_close(call->answer);
    return RS_OK;
}

rs_status soap_list_item_types(struct soap_call *call)
{
    return give_words(call, (const char *const[]){"Unknown", "Folder", "Report", "Resource", "DataSource", "DataSet", NULL});
}

rs_status soap_list_credential_options(struct soap_call *call)
{
    return give_words(call, (const char *const[]){"Prompt", "Store", "Integrated", "None", NULL});
}

rs_status soap_list_parameter_types(struct soap_call *call)
{
    return give_words(call, (const char *const[]){"Boolean", "DateTime", "Integer", "Float", "String", NULL});
}

rs_status soap_list_parameter_states(struct soap_call *call)
{
    return give_words(call, (const char *const[]){"HasValidValue", "MissingValidValue", "HasOutstandingDependencies",
                                                  "DynamicValuesUnavailable", NULL});
}
