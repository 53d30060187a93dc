#include "unit.h"

#include "web/soap/endpoints.h"

/* A WSDL declares each name once, and a reader of the tables finds operations by their alphabet. */
UNIT_TEST(contracts_name_types_once_and_operations_in_order)
{
    for (size_t i = 0; i < soap_endpoint_count; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct soap_types types;

        soap_types_of(job, &soap_endpoints[i], &types);
        assert_true(types.count >= 1); /* the header of answers */
        for (size_t k = 0; k < types.count; k++)
            for (size_t j = 0; j < k; j++)
                assert_string_not_equal(types.items[k]->name, types.items[j]->name);
        for (const struct soap_operation *row = soap_endpoints[i].operations; row->name && row[1].name; row++)
            assert_true(strcmp(row->name, row[1].name) < 0);
    }
}
