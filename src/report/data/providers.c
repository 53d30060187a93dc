#include "report/data/providers.h"

const struct data_provider *const data_providers[] = {
    &data_sqlite,
    &data_xml,
    &data_enterdata,
};

const size_t data_provider_count = sizeof data_providers / sizeof *data_providers;
