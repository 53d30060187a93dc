/* Runs a fuzz target over its corpus, and over mangled copies of each file: cut at many places, with
 * bytes flipped, removed and doubled. The mangling is the same in every run. TAP: one line per file. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MANGLED_PER_FILE 400
#define FILE_MAX_SIZE ((size_t)256 * 1024)
#define FILES_MAX 512

static uint64_t random_state = 88172645463325252u;

static uint64_t random_next(void) /* xorshift64 */
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Hand over an exact-size copy, so that a read past the end is seen. */
static void run_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t mangle(uint8_t *data, size_t size)
{
    size_t at = size ? random_next() % size : 0;

    if (size == 0)
        return 0;
    switch (random_next() % 5) {
    case 0: /* cut */
        return at;
    case 1: /* flip a bit */
        data[at] ^= (uint8_t)(1u << random_next() % 8);
        return size;
    case 2: /* another byte, often one that parsers care for */
        data[at] = (uint8_t) "\0\n\r\"'<>&=(){}[]%\\/:;,. 09azAZ\x7f\xff"[random_next() % 32];
        return size;
    case 3: /* remove a stretch */
    {
        size_t length = random_next() % (size - at) + 1;
        memmove(data + at, data + at + length, size - at - length);
        return size - length;
    }
    default: /* repeat a stretch over what follows */
    {
        size_t length = random_next() % ((size - at) / 2 + 1);
        memmove(data + at + length, data + at, length);
        return size;
    }
    }
}

static void run_file(const char *path)
{
    static uint8_t original[FILE_MAX_SIZE], copy[FILE_MAX_SIZE];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (!file)
        abort();
    size = fread(original, 1, sizeof original, file);
    fclose(file);
    run_copy(original, size);
    for (int i = 0; i < MANGLED_PER_FILE; i++) {
        size_t mangled = size;
        memcpy(copy, original, size);
        for (uint64_t times = random_next() % 4 + 1; times > 0; times--)
            mangled = mangle(copy, mangled);
        run_copy(copy, mangled);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
    static char *names[FILES_MAX];
    int count = 0;
    struct dirent *entry;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (!folder) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
        return 2;
    }
    while ((entry = readdir(folder)) != NULL && count < FILES_MAX)
        if (entry->d_name[0] != '.')
            names[count++] = strdup(entry->d_name);
    closedir(folder);
    qsort(names, (size_t)count, sizeof names[0], by_name);
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], names[i]);
        printf("# %s\n", names[i]);
        fflush(stdout);
        run_file(path);
        printf("ok %d - %s and %d mangled copies\n", i + 1, names[i], MANGLED_PER_FILE);
        free(names[i]);
    }
    return count > 0 ? 0 : 1;
}
