#include "report/data/providers.h"

const struct data_provider *const data_providers[] = {
    &data_sqlite,
    &data_postgres,
    &data_xml,
    &data_enterdata,
};

const size_t data_provider_count = sizeof data_providers / sizeof *data_providers;

/* What .NET programs and extensions of the original call the same thing. */
static const struct {
    const char *name;
    const struct data_provider *provider;
} aliases[] = {
    {"Microsoft.Data.Sqlite", &data_sqlite}, {"System.Data.SQLite", &data_sqlite}, {"SQLite3", &data_sqlite},
    {"Npgsql", &data_postgres}, {"Postgres", &data_postgres}, {"PGSQL", &data_postgres},
};

const struct data_provider *data_provider_find(rs_text name)
{
    for (size_t i = 0; i < data_provider_count; i++)
        if (rs_text_equal_nocase(rs_text_from(data_providers[i]->name), name))
            return data_providers[i];
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (rs_text_equal_nocase(rs_text_from(aliases[i].name), name))
            return aliases[i].provider;
    return NULL;
}
