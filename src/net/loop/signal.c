/* net/loop/signal.c - signals: the handler notes the number and wakes the loop, which calls in a turn of its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "net/loop/inside.h"

struct loop_signal {
    struct rs_link link; /* of loop->signals */
    int number;
    struct sigaction before; /* comes back when it is closed */
    void (*caught)(void *data);
    void *data;
};

/* What a handler may touch, in whatever thread it runs. */
static atomic_bool taken[NSIG]; /* some loop has it */
static atomic_bool caught[NSIG]; /* and was not told yet */
static atomic_int wake[NSIG];    /* whom to wake */

static void handle(int number)
{
    int kept = errno;

    atomic_store(&caught[number], true);
    eventfd_write(atomic_load(&wake[number]), 1);
    errno = kept;
}

struct loop_signal *loop_signal_open(struct loop *loop, int number, void (*called)(void *data), void *data)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    struct loop_signal *opened;

    if (number <= 0 || number >= NSIG || atomic_exchange(&taken[number], true))
        return NULL;
    opened = loop_memory(sizeof *opened);
    opened->number = number;
    opened->caught = called;
    opened->data = data;
    atomic_store(&caught[number], false);
    atomic_store(&wake[number], loop->wake);
    sigfillset(&action.sa_mask);
    if (sigaction(number, &action, &opened->before) != 0) {
        atomic_store(&taken[number], false);
        free(opened);
        return NULL;
    }
    rs_list_append(&loop->signals, &opened->link);
    return opened;
}

void loop_signal_close(struct loop_signal *opened)
{
    if (!opened)
        return;
    sigaction(opened->number, &opened->before, NULL);
    atomic_store(&taken[opened->number], false);
    rs_list_remove(&opened->link);
    free(opened);
}

/* ---- for the loop -------------------------------------------------------------------------------- */

/* A callback may close any of them: from the start again after each. */
void signals_run(struct loop *loop)
{
    for (struct rs_link *link = loop->signals.next; link != &loop->signals;) {
        const struct loop_signal *opened = rs_list_object(link, struct loop_signal, link);
        if (!atomic_exchange(&caught[opened->number], false)) {
            link = link->next;
            continue;
        }
        opened->caught(opened->data);
        link = loop->signals.next;
    }
}

void signals_close(struct loop *loop)
{
    rs_list_each(link, &loop->signals)
        loop_signal_close(rs_list_object(link, struct loop_signal, link));
}
