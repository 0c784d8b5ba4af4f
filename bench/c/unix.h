/* Where the peer of a number listens: /tmp/wasi-sockets-bench-N. */

#include <stdio.h>
#include <sys/un.h>

static inline void name_peer(struct sockaddr_un *name, int number) {
  *name = (struct sockaddr_un){.sun_family = AF_UNIX};
  snprintf(name->sun_path, sizeof name->sun_path, "/tmp/wasi-sockets-bench-%d", number);
}
