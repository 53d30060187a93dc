#include "library/stand_in.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#define STATUS_NOT_LOADED 127 /* that of the dynamic linker */

static void end(const char *file)
{
    const char *why = dlerror();

    fprintf(stderr, "bindery: %s cannot be loaded: %s\n", file, why ? why : "no reason is given");
    _exit(STATUS_NOT_LOADED);
}

void *library_function(struct library *library, const char *name)
{
    void *handle = __atomic_load_n(&library->handle, __ATOMIC_ACQUIRE);
    void *found;

    if (!handle) { /* two threads at once get the same handle */
        handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
        if (!handle)
            end(library->file);
        __atomic_store_n(&library->handle, handle, __ATOMIC_RELEASE);
    }
    found = dlsym(handle, name);
    if (!found)
        end(library->file);
    return found;
}
