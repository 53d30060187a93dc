#include "service/ops/properties.h"

#include "base/clock.h"

static rs_text nothing(void)
{
    return (rs_text){NULL, 0};
}

static rs_text truth(bool value)
{
    return value ? RS_TEXT("True") : RS_TEXT("False");
}

static rs_text stamp(struct rs_job *job, int64_t utc_ms)
{
    char text[RS_CLOCK_STAMP_SIZE];

    rs_clock_stamp(utc_ms, text);
    return rs_text_copy(job, rs_text_from(text));
}

#define PROPERTY_TEXT(name, value)                                             \
    static rs_text name(struct rs_job *job, const struct catalog_item *item)   \
    {                                                                          \
        (void)job;                                                             \
        return value;                                                          \
    }

PROPERTY_TEXT(id, item->id)
PROPERTY_TEXT(name, item->name)
PROPERTY_TEXT(path, item->path)
PROPERTY_TEXT(type, rs_text_from(catalog_kind_name(item->kind)))
PROPERTY_TEXT(size, item->kind == CATALOG_FOLDER ? nothing() : rs_text_format(job, "%lld", (long long)item->size))
PROPERTY_TEXT(description, item->description.size > 0 ? item->description : nothing())
PROPERTY_TEXT(hidden, truth(item->hidden))
PROPERTY_TEXT(created, stamp(job, item->created_ms))
PROPERTY_TEXT(created_by, item->created_by)
PROPERTY_TEXT(modified, stamp(job, item->modified_ms))
PROPERTY_TEXT(modified_by, item->modified_by)
PROPERTY_TEXT(mime_type, item->kind == CATALOG_RESOURCE ? item->mime_type : nothing())
PROPERTY_TEXT(reserved, item->kind == CATALOG_FOLDER ? truth(item->path.size == 1) : nothing())

const struct service_property service_properties[] = {
    {"ID", SERVICE_TEXT, false, id},
    {"Name", SERVICE_TEXT, false, name},
    {"Path", SERVICE_TEXT, false, path},
    {"Type", SERVICE_TEXT, false, type},
    {"Size", SERVICE_NUMBER, false, size},
    {"Description", SERVICE_TEXT, true, description},
    {"Hidden", SERVICE_TRUTH, true, hidden},
    {"CreationDate", SERVICE_TIME, false, created},
    {"ModifiedDate", SERVICE_TIME, false, modified},
    {"CreatedBy", SERVICE_TEXT, false, created_by},
    {"ModifiedBy", SERVICE_TEXT, false, modified_by},
    {"MimeType", SERVICE_TEXT, true, mime_type},
    {"Reserved", SERVICE_TRUTH, false, reserved},
};
const size_t service_property_count = sizeof service_properties / sizeof service_properties[0];

const struct service_property *service_property_find(rs_text name)
{
    for (size_t i = 0; i < service_property_count; i++)
        if (rs_text_equal_nocase(name, rs_text_from(service_properties[i].name)))
            return &service_properties[i];
    return NULL;
}

rs_text service_property_text(struct rs_job *job, const struct service_property *property, const struct catalog_item *item)
{
    return property->text(job, item);
}
