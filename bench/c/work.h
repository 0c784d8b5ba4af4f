/* What is timed. The same works, under the same names, stand in ../assembly and ../programs. */

#include <stdint.h>

/**
 * Does some work and gives how much of it was done: all, or the program ends with an error.
 *
 * port is where the peer listens, 0 for work without a peer; amount and size are explained at each.
 */
typedef int64_t work(int port, int64_t amount, int size);

work pingpong, send_all, receive_all;
work unix_pingpong, unix_send, unix_receive;
work datagrams, batches, segments;
work connects, accepts;
work lookups;
work addresses;
work flags, answers, controls;

/** A buffer of written bytes: those that were not would all be sent from the kernel's one zero page. */
char *message(int size);

/** Ends the program where a call failed; else gives what it returned. */
int64_t must(const char *call, int64_t result);
