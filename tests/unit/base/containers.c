#include "unit.h"

#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "base/vec.h"

UNIT_TEST(vec_keeps_items_while_it_grows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_VEC(int) numbers = {0};

    for (int i = 0; i < 1000; i++)
        rs_vec_push(job, &numbers, i);
    assert_int_equal(numbers.count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.items[i], i);
}

UNIT_TEST(map_finds_a_thousand_keys_in_order_of_insertion)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *map = rs_map_create(job, RS_MAP_EXACT);

    for (int i = 0; i < 1000; i++) {
        rs_text key = rs_text_format(job, "key %d", i);
        rs_map_set(map, key, (void *)key.bytes);
    }
    assert_int_equal(rs_map_count(map), 1000);
    for (int i = 0; i < 1000; i++) {
        rs_text key = rs_text_format(job, "key %d", i);
        assert_text(rs_text_from(rs_map_find(map, key)), key.bytes);
        assert_text(rs_map_key(map, (size_t)i), key.bytes);
    }
    assert_null(rs_map_find(map, RS_TEXT("key 1000")));
}

UNIT_TEST(map_folds_ascii_letters_where_asked)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *exact = rs_map_create(job, RS_MAP_EXACT);
    struct rs_map *nocase = rs_map_create(job, RS_MAP_NOCASE);

    rs_map_set(exact, RS_TEXT("Content-Length"), exact);
    rs_map_set(nocase, RS_TEXT("Content-Length"), nocase);
    assert_false(rs_map_has(exact, RS_TEXT("content-length")));
    assert_ptr_equal(rs_map_find(nocase, RS_TEXT("CONTENT-length")), nocase);
}

UNIT_TEST(map_replaces_the_value_and_keeps_the_key)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *map = rs_map_create(job, RS_MAP_NOCASE);
    int first, second;

    rs_map_set(map, RS_TEXT("Name"), &first);
    rs_map_set(map, RS_TEXT("NAME"), &second);
    assert_int_equal(rs_map_count(map), 1);
    assert_ptr_equal(rs_map_find(map, RS_TEXT("name")), &second);
    assert_text(rs_map_key(map, 0), "Name");
}

struct numbered {
    int number;
    struct rs_link link;
};

UNIT_TEST(list_lets_the_loop_remove_the_link_it_is_at)
{
    struct rs_link head;
    struct numbered things[5];
    int sum = 0;

    rs_list_init(&head);
    for (int i = 0; i < 5; i++) {
        things[i].number = i;
        rs_list_append(&head, &things[i].link);
    }
    rs_list_each(link, &head) {
        struct numbered *thing = rs_list_object(link, struct numbered, link);
        if (thing->number % 2)
            rs_list_remove(link);
    }
    rs_list_each(link, &head) sum += rs_list_object(link, struct numbered, link)->number;
    assert_int_equal(sum, 0 + 2 + 4);
    rs_list_remove(&things[1].link); /* a second time does nothing */
}

UNIT_TEST(buf_builds_text_from_every_kind_of_part)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_literal(&buf, "a");
    rs_buf_add_int(&buf, INT64_MIN);
    rs_buf_add_code_point(&buf, 0x20AC);
    rs_buf_printf(&buf, "%05.1f", 2.25);
    assert_text(rs_buf_text(&buf), "a-9223372036854775808\xE2\x82\xAC" "002.2");
    assert_int_equal(strlen(rs_buf_terminated(&buf)), buf.used);
}
