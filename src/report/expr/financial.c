/* Microsoft.VisualBasic.Financial.
 *
 * pv (1 + r)^n + pmt (1 + r d) ((1 + r)^n - 1) / r + fv = 0, where d is 1 for payments at the beginning of a period.
 */
#include <math.h>

#include "report/expr/functions.h"

#define ARGUMENTS_INVALID EXPR_ERROR("the arguments of the financial function are not valid")
#define TURNS_MAX 40 /* of the search for a rate */

/* `count` numbers; those behind `least` may be left out and are then `absent`. */
static bool numbers(struct expr_call *call, int least, int count, double absent, double *out)
{
    for (int i = 0; i < count; i++)
        if (i < least ? !expr_double(call, i, &out[i]) : !expr_double_or(call, i, absent, &out[i]))
            return false;
    return true;
}

/* An infinite result is an error, as everywhere in this module of the original. */
static struct value result(double number)
{
    return isfinite(number) ? value_double(number) : ARGUMENTS_INVALID;
}

static double due_factor(double rate, double due)
{
    return due != 0 ? 1 + rate : 1;
}

static double future_value(double rate, double periods, double payment, double present, double due)
{
    double growth = pow(1 + rate, periods);

    if (rate == 0)
        return -present - payment * periods;
    return -present * growth - payment / rate * due_factor(rate, due) * (growth - 1);
}

static double payment(double rate, double periods, double present, double future, double due)
{
    double growth = pow(1 + rate, periods);

    if (rate == 0)
        return (-future - present) / periods;
    return (-future - present * growth) / (due_factor(rate, due) * (growth - 1)) * rate;
}

struct value fn_fv(struct expr_call *call)
{
    double a[5]; /* rate, periods, payment, present, due */

    if (!numbers(call, 3, 5, 0, a))
        return expr_failed(call);
    return result(future_value(a[0], a[1], a[2], a[3], a[4]));
}

struct value fn_pv(struct expr_call *call)
{
    double a[5]; /* rate, periods, payment, future, due */
    double growth;

    if (!numbers(call, 3, 5, 0, a))
        return expr_failed(call);
    if (a[0] == 0)
        return result(-a[3] - a[2] * a[1]);
    growth = pow(1 + a[0], a[1]);
    return result(-(a[3] + a[2] * due_factor(a[0], a[4]) * ((growth - 1) / a[0])) / growth);
}

struct value fn_pmt(struct expr_call *call)
{
    double a[5]; /* rate, periods, present, future, due */

    if (!numbers(call, 3, 5, 0, a))
        return expr_failed(call);
    return a[1] == 0 ? ARGUMENTS_INVALID : result(payment(a[0], a[1], a[2], a[3], a[4]));
}

/* a: rate, period, periods, present, future, due */
static bool interest(const double *a, double *out)
{
    double paid = payment(a[0], a[2], a[3], a[4], a[5]);

    if (a[1] <= 0 || a[1] >= a[2] + 1 || a[2] == 0)
        return false;
    if (a[5] != 0 && a[1] == 1)
        *out = 0;
    else if (a[5] != 0)
        *out = future_value(a[0], a[1] - 2, paid, a[3] + paid, 0) * a[0];
    else
        *out = future_value(a[0], a[1] - 1, paid, a[3], 0) * a[0];
    return true;
}

struct value fn_ipmt(struct expr_call *call)
{
    double a[6], out;

    if (!numbers(call, 4, 6, 0, a))
        return expr_failed(call);
    return interest(a, &out) ? result(out) : ARGUMENTS_INVALID;
}

struct value fn_ppmt(struct expr_call *call)
{
    double a[6], out;

    if (!numbers(call, 4, 6, 0, a))
        return expr_failed(call);
    return interest(a, &out) ? result(payment(a[0], a[2], a[3], a[4], a[5]) - out) : ARGUMENTS_INVALID;
}

struct value fn_nper(struct expr_call *call)
{
    double a[5]; /* rate, payment, present, future, due */

    if (!numbers(call, 3, 5, 0, a))
        return expr_failed(call);
    if (a[0] <= -1 || (a[0] == 0 && a[1] == 0))
        return ARGUMENTS_INVALID;
    if (a[0] == 0)
        return result(-(a[2] + a[3]) / a[1]);
    double each = a[1] * due_factor(a[0], a[4]) / a[0], above = each - a[3], below = each + a[2];
    if (above < 0 && below < 0) {
        above = -above;
        below = -below;
    }
    if (above <= 0 || below <= 0)
        return ARGUMENTS_INVALID;
    return result((log(above) - log(below)) / log(1 + a[0]));
}

/* ---- searching a rate ---------------------------------------------------------------------- */

struct search {
    double (*value)(const struct search *search, double rate); /* is 0 at the rate that is sought */
    const double *numbers;
    size_t count;
    double rate, rate_before;
    double at, at_before;
};

/* One step of the secant method; false where the curve is flat. */
static bool search_step(struct search *search)
{
    if (search->at == search->at_before) {
        search->rate_before += search->rate > search->rate_before ? -0.00001 : 0.00001;
        search->at_before = search->value(search, search->rate_before);
        if (search->at == search->at_before)
            return false;
    }
    double next = search->rate - (search->rate - search->rate_before) * search->at / (search->at - search->at_before);
    search->rate_before = search->rate;
    search->at_before = search->at;
    search->rate = next <= -1 ? (search->rate_before - 1) * 0.5 : next;
    search->at = search->value(search, search->rate);
    return true;
}

static struct value search_rate(struct search *search, double guess, double second, double closeness, double difference)
{
    search->rate_before = guess;
    search->rate = second;
    search->at_before = search->value(search, guess);
    search->at = search->value(search, second);
    for (int i = 0; i < TURNS_MAX && search_step(search); i++)
        if (fabs(search->at) < closeness && fabs(search->rate - search->rate_before) < difference)
            return result(search->rate);
    return EXPR_ERROR("no rate was found that fits; give a better guess");
}

/* numbers: periods, payment, present, future, due */
static double rate_value(const struct search *search, double rate)
{
    const double *a = search->numbers;
    double growth = pow(1 + rate, a[0]);

    if (rate == 0)
        return a[2] + a[1] * a[0] + a[3];
    return a[2] * growth + a[1] * due_factor(rate, a[4]) * (growth - 1) / rate + a[3];
}

struct value fn_rate(struct expr_call *call)
{
    double a[5], guess;
    struct search search = {.value = rate_value, .numbers = a};

    if (!numbers(call, 3, 5, 0, a) || !expr_double_or(call, 5, 0.1, &guess))
        return expr_failed(call);
    if (a[0] <= 0)
        return ARGUMENTS_INVALID;
    return search_rate(&search, guess, rate_value(&search, guess) > 0 ? guess / 2 : guess * 2, 1e-7, INFINITY);
}

/* ---- series of payments -------------------------------------------------------------------- */

static bool series(struct expr_call *call, int index, double **out, size_t *count)
{
    struct value array = expr_value(call, index);

    if (array.kind != VALUE_ARRAY || array.size == 0) {
        call->error = EXPR_ERROR("the payments must be an array of numbers");
        return false;
    }
    *out = RS_NEW_ARRAY(call->job, double, array.size);
    *count = array.size;
    for (uint32_t i = 0; i < array.size; i++) {
        struct value number = value_to_double(call->job, array.items[i], call->culture);
        if (value_is_error(number)) {
            call->error = number;
            return false;
        }
        (*out)[i] = number.real;
    }
    return true;
}

/* What all payments are worth at the first; `sign` > 0 or < 0 takes those of one sign only. */
static double worth(const double *payments, size_t count, double rate, int sign)
{
    double sum = 0;

    for (size_t i = count; i-- > 0;)
        sum = sum / (1 + rate) + (sign == 0 || (sign > 0) == (payments[i] > 0) ? payments[i] : 0);
    return sum;
}

static double irr_value(const struct search *search, double rate)
{
    return worth(search->numbers, search->count, rate, 0);
}

struct value fn_irr(struct expr_call *call)
{
    struct search search = {.value = irr_value};
    double *payments, guess, largest = 0;

    if (!series(call, 0, &payments, &search.count) || !expr_double_or(call, 1, 0.1, &guess))
        return expr_failed(call);
    if (guess <= -1 || search.count < 2)
        return ARGUMENTS_INVALID;
    search.numbers = payments;
    for (size_t i = 0; i < search.count; i++)
        largest = fmax(largest, fabs(payments[i]));
    return search_rate(&search, guess, guess + (irr_value(&search, guess) > 0 ? 0.00001 : -0.00001), largest * 1e-9, 1e-7);
}

struct value fn_npv(struct expr_call *call)
{
    double *payments, rate;
    size_t count;

    if (!expr_double(call, 0, &rate) || !series(call, 1, &payments, &count))
        return expr_failed(call);
    return rate == -1 ? ARGUMENTS_INVALID : result(worth(payments, count, rate, 0) / (1 + rate));
}

struct value fn_mirr(struct expr_call *call)
{
    double *payments, finance, reinvest;
    size_t count;

    if (!series(call, 0, &payments, &count) || !expr_double(call, 1, &finance) || !expr_double(call, 2, &reinvest))
        return expr_failed(call);
    double paid = worth(payments, count, finance, -1), earned = worth(payments, count, reinvest, 1);
    if (count < 2 || finance == -1 || reinvest == -1 || paid == 0)
        return ARGUMENTS_INVALID;
    return result(pow(-earned * pow(1 + reinvest, (double)count - 1) / paid, 1 / ((double)count - 1)) - 1);
}

/* ---- depreciation -------------------------------------------------------------------------- */

struct value fn_sln(struct expr_call *call)
{
    double a[3]; /* cost, salvage, life */

    if (!numbers(call, 3, 3, 0, a))
        return expr_failed(call);
    return a[2] == 0 ? ARGUMENTS_INVALID : result((a[0] - a[1]) / a[2]);
}

struct value fn_syd(struct expr_call *call)
{
    double a[4]; /* cost, salvage, life, period */

    if (!numbers(call, 4, 4, 0, a))
        return expr_failed(call);
    if (a[1] < 0 || a[3] > a[2] || a[3] <= 0)
        return ARGUMENTS_INVALID;
    return result((a[0] - a[1]) / (a[2] * (a[2] + 1)) * (a[2] + 1 - a[3]) * 2);
}

struct value fn_ddb(struct expr_call *call)
{
    double a[4], factor; /* cost, salvage, life, period */

    if (!numbers(call, 4, 4, 0, a) || !expr_double_or(call, 4, 2, &factor))
        return expr_failed(call);
    if (factor <= 0 || a[1] < 0 || a[3] <= 0 || a[3] > a[2])
        return ARGUMENTS_INVALID;
    if (a[0] <= 0)
        return value_double(0);
    if (a[2] < 2 || (a[2] == 2 && a[3] <= 1))
        return result(a[0] - a[1]);
    if (a[2] == 2)
        return value_double(0);
    if (a[3] <= 1)
        return result(fmin(a[0] * factor / a[2], a[0] - a[1]));
    double kept = (a[2] - factor) / a[2];
    double written_off = factor * a[0] / a[2] * pow(kept, a[3] - 1);
    double too_much = a[0] * (1 - pow(kept, a[3])) - a[0] + a[1]; /* below the salvage value */
    if (too_much > 0)
        written_off -= too_much;
    return result(fmax(written_off, 0));
}
