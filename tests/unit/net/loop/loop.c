#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop/listen.h"
#include "net/loop/loop.h"

struct seen {
    struct loop *loop;
    struct loop_watch *watch;
    struct loop_timer *timer;
    int fd;
    int count;
    int events;
};

static void read_ready(void *data, int events)
{
    struct seen *seen = data;
    char byte;

    seen->events |= events;
    seen->count++;
    if (read(seen->fd, &byte, 1) <= 0) {
        loop_watch_close(seen->watch); /* in its own callback */
        seen->watch = NULL;
    }
}

UNIT_TEST(loop_tells_when_a_descriptor_is_ready_and_ends_when_nothing_is_left)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    struct seen seen = {0};
    int ends[2];

    assert_ok(job, loop_create(job, &loop));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    seen.fd = ends[0];
    seen.watch = loop_watch_open(loop, ends[0], LOOP_READ, read_ready, &seen);
    assert_non_null(seen.watch);
    loop_turn(loop);
    assert_int_equal(seen.count, 0);
    assert_int_equal(write(ends[1], "ab", 2), 2);
    loop_turn(loop);
    loop_turn(loop);
    assert_int_equal(seen.count, 2);
    loop_watch_for(seen.watch, 0);
    close(ends[1]);
    loop_turn(loop);
    assert_int_equal(seen.count, 2);
    loop_watch_for(seen.watch, LOOP_READ | LOOP_WRITE);
    loop_run(loop);
    assert_null(seen.watch);
    assert_true(seen.events & LOOP_WRITE);
    close(ends[0]);
}

/* The system is not told that reading stops until it tells of something. */
UNIT_TEST(loop_tells_of_what_came_while_nobody_read)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    struct seen seen = {0};
    int ends[2];

    assert_ok(job, loop_create(job, &loop));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    seen.fd = ends[0];
    seen.watch = loop_watch_open(loop, ends[0], 0, read_ready, &seen);
    assert_non_null(seen.watch);
    for (int time = 1; time <= 3; time++) {
        loop_watch_for(seen.watch, time == 3 ? LOOP_WRITE : 0);
        loop_watch_for(seen.watch, LOOP_READ);
        loop_watch_for(seen.watch, 0);
        assert_int_equal(write(ends[1], "a", 1), 1);
        if (time > 1) { /* told, or not, in between */
            loop_turn(loop);
            loop_turn(loop);
        }
        assert_int_equal(seen.count, time - 1);
        loop_watch_for(seen.watch, LOOP_READ);
        loop_turn(loop);
        assert_int_equal(seen.count, time);
        loop_turn(loop);
        assert_int_equal(seen.count, time);
    }
    loop_watch_for(seen.watch, 0);
    loop_run(loop); /* nothing is left to wait for */
    close(ends[1]);
    loop_watch_close(seen.watch);
    close(ends[0]);
}

struct two {
    struct loop_watch *watches[2];
    int count;
};

static void close_other(void *data, int events)
{
    struct two *two = data;

    (void)events;
    two->count++;
    for (int i = 0; i < 2; i++) { /* itself as well */
        loop_watch_close(two->watches[i]);
        two->watches[i] = NULL;
    }
}

UNIT_TEST(loop_does_not_call_what_was_closed_in_the_same_turn)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    struct two two = {0};
    int ends[2];

    assert_ok(job, loop_create(job, &loop));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (int i = 0; i < 2; i++)
        two.watches[i] = loop_watch_open(loop, ends[i], LOOP_WRITE, close_other, &two);
    loop_run(loop);
    assert_int_equal(two.count, 1);
    close(ends[0]);
    close(ends[1]);
}

static void timer_due(void *data)
{
    struct seen *seen = data;

    if (++seen->count == 3) {
        loop_timer_close(seen->timer);
        seen->timer = NULL;
    }
}

UNIT_TEST(loop_timer_repeats_until_it_is_closed)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    struct seen seen = {0};
    int64_t start = rs_clock_steady_ms();

    assert_ok(job, loop_create(job, &loop));
    seen.timer = loop_timer_open(loop, timer_due, &seen);
    loop_timer_start(seen.timer, 5, 5);
    assert_true(loop_timer_is_running(seen.timer));
    loop_run(loop);
    assert_int_equal(seen.count, 3);
    assert_true(rs_clock_steady_ms() - start >= 14);
}

struct noted {
    struct seen *seen;
    int number;
};

static void note_number(void *data)
{
    const struct noted *noted = data;

    noted->seen->events = noted->seen->events * 10 + noted->number;
}

UNIT_TEST(loop_timers_are_called_in_the_order_in_which_they_are_due)
{
    static const int64_t after_ms[] = {9, 3, 6, 3, 0};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    struct seen seen = {0};
    struct noted noted[5];

    assert_ok(job, loop_create(job, &loop));
    for (int i = 0; i < 5; i++) {
        noted[i] = (struct noted){&seen, i + 1};
        loop_timer_start(loop_timer_open(loop, note_number, &noted[i]), after_ms[i], 0);
    }
    loop_run(loop);
    assert_int_equal(seen.events, 52431);
}

static void start_again(void *data)
{
    struct seen *seen = data;

    loop_timer_start(seen->timer, 0, 0);
}

UNIT_TEST(loop_timer_that_is_always_due_leaves_descriptors_their_turn)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    struct seen timer = {0};
    struct two two = {0};
    int ends[2];

    assert_ok(job, loop_create(job, &loop));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    timer.timer = loop_timer_open(loop, start_again, &timer);
    loop_timer_start(timer.timer, 0, 0);
    two.watches[0] = loop_watch_open(loop, ends[0], LOOP_WRITE, close_other, &two);
    for (int turn = 0; turn < 3; turn++)
        loop_turn(loop);
    assert_int_equal(two.count, 1);
    assert_true(loop_timer_is_running(timer.timer));
    close(ends[0]);
    close(ends[1]);
}

static void stop(void *data)
{
    struct seen *seen = data;

    seen->count++;
    loop_stop(seen->loop);
}

UNIT_TEST(loop_catches_a_signal)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    RS_OWNED(loop) other = NULL;
    struct seen seen = {0};

    assert_ok(job, loop_create(job, &loop));
    assert_ok(job, loop_create(job, &other));
    seen.loop = loop;
    seen.timer = loop_timer_open(loop, timer_due, &seen);
    loop_timer_start(seen.timer, 60000, 0); /* keeps it running */
    assert_non_null(loop_signal_open(loop, SIGUSR1, stop, &seen));
    assert_null(loop_signal_open(loop, SIGKILL, stop, &seen));
    assert_null(loop_signal_open(other, SIGUSR1, stop, &seen));
    kill(getpid(), SIGUSR1);
    loop_run(loop);
    assert_int_equal(seen.count, 1);
}

static void *post_from_thread(void *data)
{
    struct seen *seen = data;

    for (int i = 0; i < 1000; i++)
        loop_post(seen->loop, timer_due, seen);
    loop_post(seen->loop, stop, seen);
    return NULL;
}

UNIT_TEST(loop_runs_what_other_threads_post_in_order)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    struct seen seen = {0};
    pthread_t thread;

    assert_ok(job, loop_create(job, &loop));
    seen.loop = loop;
    seen.timer = loop_timer_open(loop, timer_due, &seen); /* closed by the third post */
    struct loop_timer *keeper = loop_timer_open(loop, timer_due, &seen);
    loop_timer_start(keeper, 60000, 0);
    pthread_create(&thread, NULL, post_from_thread, &seen);
    loop_run(loop);
    pthread_join(thread, NULL);
    assert_int_equal(seen.count, 1001);
    loop_post(loop, stop, &seen); /* never runs, and does not leak */
}

UNIT_TEST(listen_on_any_port_of_one_address_or_all)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED_FD fd = -1;
    RS_OWNED_FD all = -1;
    int other = -1;
    uint16_t port;

    assert_ok(job, loop_listen(job, RS_TEXT("127.0.0.1"), 0, &fd));
    port = loop_socket_port(fd);
    assert_true(port > 0);
    assert_status(loop_listen(job, RS_TEXT("127.0.0.1"), port, &other), LOOP_ADDRESS);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("another program")) > 0);
    rs_job_forgive(job);
    assert_status(loop_listen(job, RS_TEXT("192.0.2.1"), 0, &other), LOOP_ADDRESS);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("does not have")) > 0);
    rs_job_forgive(job);
    assert_status(loop_listen(job, RS_TEXT("localhost"), 0, &other), LOOP_ADDRESS);
    rs_job_forgive(job);
    assert_ok(job, loop_listen(job, RS_TEXT(""), 0, &all));
    assert_true(loop_socket_port(all) > 0);
}

UNIT_TEST(listen_on_all_addresses_while_still_listening_on_one)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED_FD one = -1;
    RS_OWNED_FD all = -1;
    int other = -1;
    uint16_t port;

    assert_ok(job, loop_listen(job, RS_TEXT("127.0.0.1"), 0, &one));
    port = loop_socket_port(one);
    assert_status(loop_listen_beside(job, RS_TEXT(""), port, NULL, 0, &other), LOOP_ADDRESS);
    rs_job_forgive(job);
    assert_ok(job, loop_listen_beside(job, RS_TEXT(""), port, &one, 1, &all));
    close(one);
    one = -1;
    assert_status(loop_listen(job, RS_TEXT("127.0.0.1"), port, &other), LOOP_ADDRESS);
    rs_job_forgive(job);
    assert_ok(job, loop_listen_beside(job, RS_TEXT("127.0.0.1"), port, &all, 1, &one));
}
