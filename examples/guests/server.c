/* A server of standard WASI preview 1: it takes one connection at the socket that it finds listening, and sends back what
 * comes. */

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENER 3

int main(void) {
  char buffer[4096];
  int fd = accept(LISTENER, NULL, NULL);
  if (fd < 0) return 1;
  for (ssize_t count; (count = recv(fd, buffer, sizeof buffer, 0)) > 0;)
    if (send(fd, buffer, count, 0) != count) return 1;
  close(fd);
  puts("served");
  return 0;
}
