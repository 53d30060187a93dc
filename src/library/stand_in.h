/* library/stand_in.h - functions that stand in for a library until one of them is called.
 *
 * Some libraries bring thirty others and are met by few runs: a report from a file needs neither curl nor PostgreSQL.
 * Starting with all of them costs every command as much again as the rest of its start, and each process of the server
 * a megabyte. So the program is not linked with them: for each function that is called, a file of this folder has
 * one of the same name and type (the library's own header sees to that), which loads the library and hands over.
 *
 *     static struct library curl = {.file = "libcurl.so.4"};
 *     STAND_IN(curl, CURL *, curl_easy_init, (void), ())
 *
 * A library that is not there ends the process with status 127 and its name, as it would where it is linked with.
 */
#ifndef LIBRARY_STAND_IN_H
#define LIBRARY_STAND_IN_H

struct library {
    const char *file; /* its name for the dynamic linker, with the version of the interface */
    void *handle;     /* NULL until it is loaded; never unloaded */
};

/* The address of a function of the library, which is loaded if it is not yet. Safe from several threads. */
void *library_function(struct library *library, const char *name);

#define STAND_IN(library, result, name, parameters, arguments)  \
    result name parameters                                      \
    {                                                           \
        static void *real;                                      \
        void *found = __atomic_load_n(&real, __ATOMIC_RELAXED); \
                                                                \
        if (!found) {                                           \
            found = library_function(&(library), #name);        \
            __atomic_store_n(&real, found, __ATOMIC_RELAXED);   \
        }                                                       \
        return ((__typeof__(&name))found)arguments;             \
    }

#endif
