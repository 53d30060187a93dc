#include "unit.h"

#include <fcntl.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "net/front/spool.h"

static struct block_pool pool;
static uint64_t files;
static const struct spool_source source = {&pool, AT_FDCWD, &files};

/* Bytes number `from` to `from + size` of an endless series that does not repeat soon. */
static char *series(uint64_t from, size_t size)
{
    char *bytes = malloc(size ? size : 1);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)((from + i) * 2654435761u >> 13);
    return bytes;
}

static void put(struct spool *spool, uint64_t *written, size_t size, size_t memory_max)
{
    char *bytes = series(*written, size);

    assert_true(spool_append(spool, &source, rs_text_of(bytes, size), memory_max));
    *written += size;
    free(bytes);
}

/* Take `size` bytes out, as they come, and compare. */
static void take(struct spool *spool, uint64_t *read, size_t size)
{
    while (size > 0) {
        bool good;
        rs_text next = spool_next(spool, &source, &good);
        size_t part = next.size < size ? next.size : size;
        char *expected = series(*read, part);
        assert_true(good && next.size > 0);
        assert_memory_equal(next.bytes, expected, part);
        spool_drop(spool, &source, part);
        *read += part;
        size -= part;
        free(expected);
    }
}

UNIT_TEST(spool_gives_back_in_order_what_went_through_memory_and_file)
{
    struct spool spool = SPOOL_EMPTY;
    uint64_t written = 0, read = 0;
    unsigned random = 1;

    files = 0;
    for (int turn = 0; turn < 300; turn++) {
        random = random * 1103515245u + 12345u;
        put(&spool, &written, random >> 16 & 0x7FFF, 40000);
        random = random * 1103515245u + 12345u;
        size_t waits = (size_t)spool_size(&spool);
        assert_int_equal(waits, written - read);
        assert_true(spool.memory <= 40000 + BLOCK_SIZE);
        size_t wanted = turn % 50 == 49 ? waits : random >> 16 & 0x7FFF;
        take(&spool, &read, wanted < waits ? wanted : waits);
        if (turn % 50 == 49)
            assert_int_equal(spool_in_file(&spool), 0); /* empty: it is in memory again */
    }
    assert_int_equal(files, 1); /* one, used again and again */
    spool_clear(&spool, &source);
    assert_int_equal(spool_size(&spool), 0);
    block_pool_finish(&pool);
}

UNIT_TEST(spool_below_its_limit_makes_no_file)
{
    struct spool spool = SPOOL_EMPTY;
    struct iovec pieces[4];
    uint64_t written = 0;
    bool good;

    files = 0;
    put(&spool, &written, 50000, 50000);
    assert_int_equal(files, 0);
    assert_int_equal(spool_pieces(&spool, &source, pieces, 4, &good), 4);
    assert_int_equal(pieces[0].iov_len, BLOCK_SIZE);
    put(&spool, &written, 1, 50000);
    assert_int_equal(files, 1);
    spool_clear(&spool, &source);
    block_pool_finish(&pool);
}

UNIT_TEST(spool_that_cannot_make_its_file_says_so)
{
    const struct spool_source nowhere = {&pool, -1, &files};
    struct spool spool = SPOOL_EMPTY;

    assert_false(spool_append(&spool, &nowhere, RS_TEXT("hello"), 2));
    assert_int_equal(errno, EBADF);
    spool_clear(&spool, &nowhere);
    block_pool_finish(&pool);
}

UNIT_TEST(blocks_are_used_again_and_not_kept_without_end)
{
    struct block *taken[BLOCK_SPARE_MAX + 10];

    for (size_t i = 0; i < BLOCK_SPARE_MAX + 10; i++)
        taken[i] = block_take(&pool);
    taken[0]->end = 5;
    for (size_t i = 0; i < BLOCK_SPARE_MAX + 10; i++)
        block_give(&pool, taken[i]);
    assert_int_equal(pool.spare_count, BLOCK_SPARE_MAX);
    struct block *again = block_take(&pool);
    assert_int_equal(again->end, 0);
    assert_int_equal(pool.spare_count, BLOCK_SPARE_MAX - 1);
    block_give(&pool, again);
    block_give(&pool, block_take_large(&pool, 100000)); /* never kept */
    assert_int_equal(pool.spare_count, BLOCK_SPARE_MAX);
    block_pool_finish(&pool);
}
