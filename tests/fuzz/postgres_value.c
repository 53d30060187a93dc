/* Values as a PostgreSQL server sends them: the first two bytes are the type, the rest one value. */
#include "report/data/postgres.h"
#include "report/value/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (size < 2)
        return 0;
    uint32_t oid = (uint32_t)data[0] << 8 | data[1];
    rs_text bytes = rs_text_of((const char *)data + 2, size - 2);
    const struct postgres_type *type = postgres_type_find(oid);
    struct value v = type ? type->read(job, bytes) : value_null();
    if (v.kind == VALUE_DATE && !value_date_in_range(v.ticks))
        __builtin_trap();
    v = postgres_read_text(job, oid, bytes);
    if (v.kind == VALUE_DATE && !value_date_in_range(v.ticks))
        __builtin_trap();
    postgres_read_offset(bytes, true);
    postgres_read_offset(bytes, false);
    return 0;
}
