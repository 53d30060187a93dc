#include "unit.h"

#include <stdlib.h>

#include "net/front/redact.h"

static void claim(const char *url, const char *logged)
{
    char room[200];

    assert_text(redact_url(rs_text_from(url), room, sizeof room), logged);
}

UNIT_TEST(redact_takes_the_values_of_secret_parameters)
{
    claim("/R?%2fA&rs:Command=Render&dsu:D=ann&dsp:D=secret", "/R?%2fA&rs:Command=Render&dsu:D=ann&dsp:D=***");
    claim("/R?dsp%3AD=secret&x=1", "/R?dsp%3AD=***&x=1");
    claim("/R?DSP%3aD=secret", "/R?DSP%3aD=***");
    claim("/R?%2fA&Password=a=b&UserPwd=c&", "/R?%2fA&Password=***&UserPwd=***&");
    claim("/R?&amp;dsp:D=x", "/R?&amp;dsp:D=***");
    claim("https://h/R?%70assword=x#y", "https://h/R?%70assword=***");
}

UNIT_TEST(redact_leaves_everything_else_as_it_is)
{
    static const char *const urls[] = {"", "/", "/password", "/R?", "/R?password", "/R?%2fPasswords&Year=2025", "/R?x=password"};

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        claim(urls[i], urls[i]);
}

UNIT_TEST(redact_never_writes_past_its_room)
{
    rs_text url = RS_TEXT("/Reports?a=b&dsp:D=secret&c=d");

    for (size_t size = 0; size <= url.size; size++) {
        char *room = malloc(size + 1);
        rs_text got = redact_url(url, room, size);
        assert_true(got.size <= size);
        assert_true(rs_text_find(got, RS_TEXT("secret")) < 0);
        free(room);
    }
}
