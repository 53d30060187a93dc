/* base/log.h - one line per event: time, level, process, text.
 *
 * Lower layers return errors; whoever answers the request logs once. Keys, passwords and tokens are
 * never passed here. Control characters in a text are escaped, so an event stays one line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum rs_log_level { RS_LOG_ERROR, RS_LOG_WARNING, RS_LOG_INFO, RS_LOG_DEBUG };

/* Where lines go (a file descriptor that stays the caller's; standard error at first), the name of this
 * process in them ("front"), and the least important level that is written. */
void rs_log_to(int fd);
void rs_log_as(const char *process);
void rs_log_level(enum rs_log_level least);

void rs_log(enum rs_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Log and abort: for what our own code guarantees, and for memory that the machine does not have. */
_Noreturn void rs_log_abort(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
