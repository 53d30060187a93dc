/* base/list.h - an intrusive, doubly linked ring: the link is a member of what is linked.
 *
 * The head is a link of its own; init it before use. For owners of long-lived things (connections,
 * timers); work inside a job uses RS_VEC.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct rs_link {
    struct rs_link *next;
    struct rs_link *previous;
};

static inline void rs_list_init(struct rs_link *head)
{
    head->next = head->previous = head;
}

static inline bool rs_list_is_empty(const struct rs_link *head)
{
    return head->next == head;
}

static inline void rs_list_append(struct rs_link *head, struct rs_link *link)
{
    link->next = head;
    link->previous = head->previous;
    head->previous->next = link;
    head->previous = link;
}

/* Afterwards the link is a ring of itself: removing it again does nothing. */
static inline void rs_list_remove(struct rs_link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    link->next = link->previous = link;
}

/* The object whose member `member` is `link`. */
#define rs_list_object(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* Each link; the body may remove `link` itself. */
#define rs_list_each(link, head)                                                               \
    for (struct rs_link *link = (head)->next, *rs_next_ = link->next; link != (head);          \
         link = rs_next_, rs_next_ = link->next)

#endif
