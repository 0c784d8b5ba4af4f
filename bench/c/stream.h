/* What is done on a stream that is connected; each closes it and gives the bytes that were moved. */

#include <stdint.h>

/** Sends size bytes and waits for their echo, amount times. */
int64_t exchange(int fd, int64_t amount, int size);

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
int64_t pour(int fd, int64_t amount, int size);

/** Asks the peer for amount bytes and receives at most size at a time. */
int64_t drink(int fd, int64_t amount, int size);
