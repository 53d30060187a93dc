/* System.TimeZone and TimeZoneInfo: a zone is its name as a marked text, Windows' ("Eastern Standard Time") or IANA's; the one
 * of this machine is called Local. A date has no Kind here: it is in the zone that the function says.
 */
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "report/expr/functions.h"

#define ZONE_MAX 128 /* UTF-16 units of a name */

static const rs_text local_zone = {"Local", 5};

struct zone {
    bool local;
    UChar id[ZONE_MAX]; /* IANA's */
};

static struct value zone_value(rs_text name)
{
    struct value v = value_text(name);

    v.flags = EXPR_IS_ZONE;
    return v;
}

static bool find_zone(rs_text name, struct zone *out)
{
    UErrorCode error = U_ZERO_ERROR;
    UBool known = false;
    UChar given[ZONE_MAX];
    int32_t size;

    *out = (struct zone){.local = rs_text_equal(name, local_zone)};
    if (out->local)
        return true;
    u_strFromUTF8(given, ZONE_MAX, &size, name.bytes, (int32_t)name.size, &error);
    if (U_FAILURE(error) || size == 0 || size == ZONE_MAX)
        return false;
    if (ucal_getTimeZoneIDForWindowsID(given, size, NULL, out->id, ZONE_MAX, &error) > 0 && U_SUCCESS(error))
        return true;
    error = U_ZERO_ERROR;
    ucal_getCanonicalTimeZoneID(given, size, out->id, ZONE_MAX, &known, &error);
    return U_SUCCESS(error) && known;
}

static bool zone_argument(struct expr_call *call, int index, struct zone *out)
{
    rs_text name;

    if (!expr_text(call, index, &name))
        return false;
    if (find_zone(name, out))
        return true;
    call->error = expr_error(call, "there is no time zone \"%.*s\"", RS_TEXT_ARG(rs_text_slice(name, 0, 100)));
    return false;
}

/* Ticks from UTC to the zone's clock at an instant; *summer (may be NULL): daylight saving holds. */
static int64_t offset_at(const struct zone *zone, int64_t utc, bool *summer)
{
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar;
    int32_t standard, saving;

    if (summer)
        *summer = false;
    if (zone->local)
        return value_date_local_from_utc(utc) - utc;
    calendar = ucal_open(zone->id, -1, "en", UCAL_GREGORIAN, &error);
    ucal_setMillis(calendar, (double)((utc - VALUE_UNIX_EPOCH) / 10000), &error);
    standard = ucal_get(calendar, UCAL_ZONE_OFFSET, &error);
    saving = ucal_get(calendar, UCAL_DST_OFFSET, &error);
    ucal_close(calendar);
    if (U_FAILURE(error))
        return 0;
    if (summer)
        *summer = saving != 0;
    return ((int64_t)standard + saving) * 10000;
}

/* The instant of a clock time: found by going there and back. */
static int64_t to_utc(const struct zone *zone, int64_t clock)
{
    int64_t utc = clock;

    for (int i = 0; i < 2; i++)
        utc = clock - offset_at(zone, utc, NULL);
    return utc;
}

static struct value date_at(int64_t ticks)
{
    return value_date_in_range(ticks) ? value_date(ticks) : EXPR_ERROR("the date is not between the years 1 and 9999");
}

/* ---- zones --------------------------------------------------------------------------------- */

struct value fn_zone_local(struct expr_call *call)
{
    (void)call;
    return zone_value(local_zone);
}

struct value fn_zone_utc(struct expr_call *call)
{
    (void)call;
    return zone_value(RS_TEXT("UTC"));
}

struct value fn_zone_find(struct expr_call *call)
{
    struct zone zone;

    return zone_argument(call, 0, &zone) ? zone_value(value_bytes(expr_value(call, 0))) : expr_failed(call);
}

/* ---- conversions --------------------------------------------------------------------------- */

/* Argument 0 from the clock of one zone to that of the other. */
static struct value convert(struct expr_call *call, const struct zone *from, const struct zone *to)
{
    int64_t clock, utc;

    if (!expr_date(call, 0, &clock))
        return expr_failed(call);
    utc = to_utc(from, clock);
    return date_at(utc + offset_at(to, utc, NULL));
}

static const struct zone utc_zone = {.id = {'E', 't', 'c', '/', 'U', 'T', 'C', 0}};

struct value fn_convert_from_utc(struct expr_call *call)
{
    struct zone to;

    return zone_argument(call, 1, &to) ? convert(call, &utc_zone, &to) : expr_failed(call);
}

struct value fn_convert_to_utc(struct expr_call *call)
{
    struct zone from = {.local = true};

    return !expr_given(call, 1) || zone_argument(call, 1, &from) ? convert(call, &from, &utc_zone) : expr_failed(call);
}

/* (date, to), from the zone of this machine; (date, from, to) */
struct value fn_convert_time(struct expr_call *call)
{
    struct zone from = {.local = true}, to;
    bool three = expr_given(call, 2);

    if ((three && !zone_argument(call, 1, &from)) || !zone_argument(call, three ? 2 : 1, &to))
        return expr_failed(call);
    return convert(call, &from, &to);
}

/* ---- members of a zone --------------------------------------------------------------------- */

static bool object_zone(struct expr_call *call, struct zone *out)
{
    if (call->arguments[0].flags & EXPR_IS_ZONE)
        return zone_argument(call, 0, out);
    call->error = EXPR_ERROR("a value of type String has no member of a TimeZone");
    return false;
}

struct value member_zone_id(struct expr_call *call)
{
    struct zone zone;

    return object_zone(call, &zone) ? value_text(value_bytes(call->arguments[0])) : expr_failed(call);
}

struct value member_zone_to_local(struct expr_call *call)
{
    struct zone zone;
    int64_t utc;

    if (!object_zone(call, &zone) || !expr_date(call, 1, &utc))
        return expr_failed(call);
    return date_at(utc + offset_at(&zone, utc, NULL));
}

struct value member_zone_to_utc(struct expr_call *call)
{
    struct zone zone;
    int64_t clock;

    return object_zone(call, &zone) && expr_date(call, 1, &clock) ? date_at(to_utc(&zone, clock)) : expr_failed(call);
}

struct value member_zone_offset(struct expr_call *call)
{
    struct zone zone;
    int64_t clock;

    if (!object_zone(call, &zone) || !expr_date(call, 1, &clock))
        return expr_failed(call);
    return value_span(offset_at(&zone, to_utc(&zone, clock), NULL));
}

struct value member_zone_is_summer(struct expr_call *call)
{
    struct zone zone;
    int64_t clock;
    bool summer;

    if (!object_zone(call, &zone) || !expr_date(call, 1, &clock))
        return expr_failed(call);
    (void)offset_at(&zone, to_utc(&zone, clock), &summer);
    return value_boolean(summer);
}
