#include "net/front/plan.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "net/front/plan_inside.h"

struct front_plan {
    size_t refs;
    struct rs_job *memory;
    struct tables_snapshot *tables;
    struct front_contexts *contexts; /* may be NULL */
    struct front_application *applications;
    size_t application_count;
    struct front_socket *sockets; /* fd -1: taken */
    size_t socket_count;
    bool sockets_are_all;
};

struct front_plan *front_plan_create(const struct front_plan_parts *parts)
{
    struct front_plan *plan = calloc(1, sizeof *plan);

    if (!plan)
        rs_log_abort("no memory for a plan");
    plan->refs = 1;
    plan->memory = rs_job_create(NULL);
    plan->tables = tables_snapshot_ref(parts->tables);
    plan->contexts = parts->contexts ? front_contexts_ref(parts->contexts) : NULL;
    plan->application_count = parts->application_count;
    plan->applications =
        RS_NEW_ARRAY(plan->memory, struct front_application, parts->application_count + 1);
    for (size_t i = 0; i < parts->application_count; i++) {
        plan->applications[i] = parts->applications[i];
        plan->applications[i].name = rs_text_copy(plan->memory, parts->applications[i].name);
        plan->applications[i].socket_path =
            rs_text_copy(plan->memory, parts->applications[i].socket_path);
    }
    plan->socket_count = parts->socket_count;
    plan->sockets_are_all = parts->sockets_are_all;
    plan->sockets = RS_NEW_ARRAY(plan->memory, struct front_socket, parts->socket_count + 1);
    for (size_t i = 0; i < parts->socket_count; i++)
        plan->sockets[i] = parts->sockets[i];
    return plan;
}

struct front_plan *front_plan_ref(struct front_plan *plan)
{
    plan->refs++;
    return plan;
}

void front_plan_unref(struct front_plan *plan)
{
    if (!plan || --plan->refs > 0)
        return;
    front_contexts_unref(plan->contexts);
    front_plan_close_sockets(plan);
    tables_snapshot_unref(plan->tables);
    rs_job_destroy(plan->memory);
    free(plan);
}

struct tables_snapshot *front_plan_tables(const struct front_plan *plan)
{
    return plan->tables;
}

struct tls_binding *front_plan_context(const struct front_plan *plan, const struct tables_binding *row)
{
    return plan->contexts ? front_contexts_find(plan->contexts, row) : NULL;
}

size_t front_plan_application_count(const struct front_plan *plan)
{
    return plan->application_count;
}

const struct front_application *front_plan_application(const struct front_plan *plan, size_t index)
{
    return &plan->applications[index];
}

const struct front_socket *front_plan_socket(const struct front_plan *plan,
                                             const struct tables_address *address, uint16_t port)
{
    for (size_t i = 0; i < plan->socket_count; i++)
        if (plan->sockets[i].fd >= 0 && plan->sockets[i].port == port &&
            tables_address_equal(&plan->sockets[i].address, address))
            return &plan->sockets[i];
    return NULL;
}

int front_plan_take_socket(struct front_plan *plan, const struct front_socket *socket)
{
    struct front_socket *taken = &plan->sockets[socket - plan->sockets];
    int fd = taken->fd;

    taken->fd = -1;
    return fd;
}

bool front_plan_sockets_are_all(const struct front_plan *plan)
{
    return plan->sockets_are_all;
}

void front_plan_close_sockets(struct front_plan *plan)
{
    for (size_t i = 0; i < plan->socket_count; i++) {
        if (plan->sockets[i].fd >= 0)
            close(plan->sockets[i].fd);
        plan->sockets[i].fd = -1;
    }
}
