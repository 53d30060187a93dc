#include "report/data/providers.h"

/* The first names are those of the original and its extensions; the others are what .NET programs call the same. */
const struct data_provider_name data_provider_names[] = {
    {"SQL", &data_odbc, true},
    {"POSTGRESQL", &data_postgres, true},
    {"SQLITE", &data_sqlite, true},
    {"ORACLE", &data_odbc, true},
    {"MYSQL", &data_odbc, true},
    {"ODBC", &data_odbc, true},
    {"OLEDB", &data_odbc, true},
    {"XML", &data_xml, true},
    {"JSON", &data_json, true},
    {"CSV", &data_csv, true},
    {"DB2", &data_odbc, true},
    {"SYBASE", &data_odbc, true},
    {"TERADATA", &data_odbc, true},
    {"SAPHANA", &data_odbc, true},
    {"ENTERDATA", &data_enterdata, false},
    {"Text", &data_csv, false},
    {"SQLAZURE", &data_odbc, false},
    {"SQLPDW", &data_odbc, false},
    {"SQLDW", &data_odbc, false},
    {"MSSQL", &data_odbc, false},
    {"System.Data.SqlClient", &data_odbc, false},
    {"Microsoft.Data.SqlClient", &data_odbc, false},
    {"System.Data.OracleClient", &data_odbc, false},
    {"Oracle.ManagedDataAccess.Client", &data_odbc, false},
    {"System.Data.Odbc", &data_odbc, false},
    {"System.Data.OleDb", &data_odbc, false},
    {"MARIADB", &data_odbc, false},
    {"MySql.Data.MySqlClient", &data_odbc, false},
    {"IBM.Data.DB2", &data_odbc, false},
    {"HANA", &data_odbc, false},
    {"Sap.Data.Hana", &data_odbc, false},
    {"Npgsql", &data_postgres, false},
    {"Postgres", &data_postgres, false},
    {"PGSQL", &data_postgres, false},
    {"Microsoft.Data.Sqlite", &data_sqlite, false},
    {"System.Data.SQLite", &data_sqlite, false},
    {"SQLite3", &data_sqlite, false},
};

const size_t data_provider_name_count = sizeof data_provider_names / sizeof *data_provider_names;

const struct data_provider *data_provider_find(rs_text name)
{
    for (size_t i = 0; i < data_provider_name_count; i++)
        if (rs_text_equal_nocase(rs_text_from(data_provider_names[i].name), name))
            return data_provider_names[i].provider;
    return NULL;
}
