/* net/front/plan_inside.h - a plan as the engine sees it.
 */
#ifndef NET_FRONT_PLAN_INSIDE_H
#define NET_FRONT_PLAN_INSIDE_H

#include "net/front/plan.h"

size_t front_plan_application_count(const struct front_plan *plan);
const struct front_application *front_plan_application(const struct front_plan *plan, size_t index);

/* A listening socket that came with the plan and was not taken yet; NULL: none. */
const struct front_socket *front_plan_socket(const struct front_plan *plan,
                                             const struct tables_address *address, uint16_t port);
/* The descriptor is the caller's from now on. */
int front_plan_take_socket(struct front_plan *plan, const struct front_socket *socket);
bool front_plan_sockets_are_all(const struct front_plan *plan);
void front_plan_close_sockets(struct front_plan *plan);

#endif
