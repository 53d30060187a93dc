/* What a file says as a record, the file of all records, and the store that starts from it. */
#include "net/pki/fixture.h"

#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "net/pki/scan.h"

static rs_text path_of(struct fixture *f, const char *name)
{
    return rs_text_format(f->job, "%s/%s", f->folder, name);
}

/* Of a file that was read just now. */
static struct pki_known *read_one(struct fixture *f, const char *name)
{
    rs_text record = pki_facts_read(f->job, path_of(f, name));
    struct pki_facts facts;
    struct pki_known *known;

    assert_true(pki_facts_parse(f->job, record, &facts));
    known = pki_known_create(&facts);
    pki_known_hold(known, record);
    return known; /* the record is the fixture's */
}

UNIT_TEST(facts_are_the_same_after_writing_and_parsing)
{
    struct fixture f;
    struct pki_facts facts, again;
    rs_text record;
    rs_buf second;

    fixture_open(&f);
    self_signed(&f, "one", "");
    run(&f, "cat one.crt one.key > both.pem");
    record = pki_facts_read(f.job, path_of(&f, "both.pem"));
    assert_true(pki_facts_parse(f.job, record, &facts));
    assert_int_equal(facts.certificate_count, 1);
    assert_int_equal(facts.key_count, 1);
    assert_memory_equal(&facts.keys[0], &facts.certificates[0].key, sizeof facts.keys[0]);
    assert_true(facts.certificates[0].self_signed);
    second = rs_buf_in(f.job);
    pki_facts_write(&facts, &second);
    assert_true(rs_text_equal(record, rs_buf_text(&second)));
    for (size_t size = 0; size < record.size; size++)
        assert_false(pki_facts_parse(f.job, rs_text_of(record.bytes, size), &again));
    fixture_close(&f);
}

UNIT_TEST(what_is_known_of_a_file_tells_whether_it_is_the_same)
{
    struct fixture f;
    struct pki_known *known, *touched;
    struct pki_stamp stamp;
    struct pki_facts facts;

    fixture_open(&f);
    self_signed(&f, "one", "");
    known = read_one(&f, "one.crt");
    assert_int_equal(known->certificate_count, 1);
    assert_int_equal(known->key_count, 0);
    assert_text(pki_known_path(known), path_of(&f, "one.crt").bytes);
    assert_true(pki_stamp_read(path_of(&f, "one.crt").bytes, &stamp));
    assert_true(pki_known_is_same(known, &stamp));
    run(&f, "echo secret > one.pass");
    assert_false(pki_known_is_same(known, &stamp));
    run(&f, "rm one.pass; sleep 0.02; touch one.crt");
    assert_true(pki_stamp_read(path_of(&f, "one.crt").bytes, &stamp));
    assert_false(pki_known_is_same(known, &stamp));
    touched = read_one(&f, "one.crt");
    assert_int_equal(touched->gist, known->gist);
    pki_known_renew(known, touched);
    assert_true(pki_known_is_same(known, &stamp));
    assert_true(pki_index_facts(f.job, NULL, known, &facts));
    run(&f, "chmod 640 one.crt");
    touched = read_one(&f, "one.crt");
    assert_int_not_equal(touched->gist, known->gist);
    pki_known_destroy(touched);
    pki_known_destroy(known);
    fixture_close(&f);
}

static void note(void *files, struct pki_known *known)
{
    pki_files_note(files, known);
}

/* What an index says of the files of a folder. */
static struct pki_index *open_index(struct fixture *f, struct pki_files *files)
{
    pki_files_init(files);
    return pki_index_open(path_of(f, ".index"), note, files);
}

UNIT_TEST(an_index_is_read_up_to_where_it_is_damaged)
{
    struct fixture f;
    struct pki_files files;
    struct pki_index *index;
    struct pki_known_vec all = {0};
    struct pki_known *known[3];
    rs_text bytes;

    fixture_open(&f);
    self_signed(&f, "one", "");
    self_signed(&f, "two", "");
    index = open_index(&f, &files);
    rs_vec_push(f.job, &all, known[0] = read_one(&f, "one.crt"));
    pki_index_save(index, &all);
    assert_null(known[0]->record);
    rs_vec_push(f.job, &all, known[1] = read_one(&f, "two.crt"));
    rs_vec_push(f.job, &all, known[2] = read_one(&f, "one.crt"));
    pki_index_save(index, &all);
    assert_null(known[2]->record);
    assert_int_not_equal(known[2]->at, known[0]->at);
    pki_files_finish(&files);
    pki_index_close(index);
    index = open_index(&f, &files);
    assert_int_equal(files.items.count, 2);
    assert_int_equal(pki_files_find(&files, path_of(&f, "one.crt"))->at, known[2]->at); /* the last one counts */
    assert_null(pki_files_find(&files, path_of(&f, "three.crt")));
    pki_files_finish(&files);
    pki_index_close(index);
    assert_int_equal(rs_file_read(f.job, path_of(&f, ".index"), 1 << 20, &bytes), RS_OK);
    ((char *)(uintptr_t)bytes.bytes)[bytes.size - 1] ^= 1;
    assert_int_equal(rs_file_replace(f.job, path_of(&f, ".index"), bytes, 0600), RS_OK);
    index = open_index(&f, &files);
    assert_int_equal(files.items.count, 2);
    assert_int_equal(pki_files_find(&files, path_of(&f, "one.crt"))->at, known[0]->at);
    pki_files_finish(&files);
    pki_index_close(index);
    for (size_t i = 0; i < 3; i++)
        pki_known_destroy(known[i]);
    fixture_close(&f);
}

UNIT_TEST(what_an_index_loses_is_read_from_the_file)
{
    struct fixture f;
    struct pki_files files;
    struct pki_index *index;
    struct pki_known_vec all = {0};
    struct pki_facts facts;

    fixture_open(&f);
    self_signed(&f, "one", "");
    self_signed(&f, "two", "");
    index = open_index(&f, &files);
    rs_vec_push(f.job, &all, read_one(&f, "one.crt"));
    rs_vec_push(f.job, &all, read_one(&f, "two.crt"));
    pki_index_save(index, &all);
    for (size_t i = 0; i < 2; i++) {
        assert_true(pki_index_facts(f.job, index, all.items[i], &facts));
        assert_memory_equal(&facts.certificates[0].sha256, &all.items[i]->certificates[0].sha256, PKI_DIGEST_SIZE);
    }
    run(&f, "mv .index moved; head -c 100 moved > .index"); /* the name leads elsewhere: the open file is used */
    assert_true(pki_index_facts(f.job, index, all.items[1], &facts));
    run(&f, ": > moved");
    assert_true(pki_index_facts(f.job, index, all.items[1], &facts)); /* from two.crt */
    run(&f, "cp one.crt two.crt");
    assert_true(pki_index_facts(f.job, index, all.items[0], &facts));
    assert_false(pki_index_facts(f.job, index, all.items[1], &facts)); /* nobody knows what it was */
    run(&f, "rm .index");
    pki_known_destroy(all.items[1]);
    all.items[1] = read_one(&f, "two.crt");
    pki_index_save(index, &all);
    pki_files_finish(&files);
    pki_index_close(index);
    index = open_index(&f, &files);
    assert_int_equal(files.items.count, 2);
    pki_files_finish(&files);
    pki_index_close(index);
    for (size_t i = 0; i < 2; i++)
        pki_known_destroy(all.items[i]);
    fixture_close(&f);
}

static size_t reopen(struct fixture *f)
{
    pki_store_close(f->store);
    f->store = NULL;
    scan(f);
    return pki_store_count(f->store);
}

UNIT_TEST(a_store_starts_from_its_index_and_sees_what_changed_meanwhile)
{
    struct fixture f;
    struct stat before, after;
    rs_text index;

    fixture_open(&f);
    self_signed(&f, "one", "");
    self_signed(&f, "two", "");
    run(&f, "for i in $(seq 70); do cat one.crt one.key > copy$i.pem; done; rm one.crt one.key; mkdir aside; mv two.* aside; sleep 2.2");
    index = rs_text_format(f.job, "%s/.index", f.folder);
    assert_int_equal(reopen(&f), 70);
    assert_int_equal(stat(index.bytes, &before), 0);
    assert_int_equal(before.st_mode & 0777, 0600);
    assert_int_equal(reopen(&f), 70);
    assert_int_equal(stat(index.bytes, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino); /* nothing was read, else it would have been written anew */
    assert_int_equal(after.st_size, before.st_size);
    run(&f, "cat aside/two.crt aside/two.key > copy7.pem; rm copy8.pem; sleep 2.2");
    assert_int_equal(reopen(&f), 69);
    assert_non_null(pki_store_find(f.store, pki_store_entry(f.store, 0)->sha1));
    for (size_t i = 0, found = 0; i < 69; i++) {
        const struct pki_entry *entry = pki_store_entry(f.store, i);
        found += rs_text_equal(entry->common_name, RS_TEXT("two"));
        assert_true(entry->usable);
        assert_int_equal(i == 68 ? found : 1, 1);
    }
    assert_int_equal(stat(index.bytes, &after), 0);
    assert_true(after.st_size > before.st_size);
    run(&f, "head -c 5000 .index > cut && mv cut .index");
    assert_int_equal(reopen(&f), 69);
    assert_int_equal(stat(index.bytes, &after), 0);
    assert_true(after.st_size > 5000);
    fixture_close(&f);
}
