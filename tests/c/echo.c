/* A server of standard preview1, with wasi-libc's own functions: it accepts at descriptor 3, sends back what comes until
 * the end, says how much that was, and ends. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what) {
  printf("%s: errno %d\n", what, errno);
  return 1;
}

int main(void) {
  int type = 0;
  socklen_t length = sizeof type;
  if (getsockopt(3, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) return fail("SO_TYPE");
  puts("ready");
  fflush(stdout);
  int fd = accept(3, NULL, NULL);
  if (fd < 0) return fail("accept");
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) return fail("fcntl");
  long total = 0;
  for (;;) {
    char buffer[4096];
    struct pollfd wanted = {.fd = fd, .events = POLLRDNORM};
    if (poll(&wanted, 1, -1) != 1) return fail("poll");
    ssize_t count = total % 2 ? read(fd, buffer, sizeof buffer) : recv(fd, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) continue;
    if (count < 0) return fail("read");
    if (count == 0) break;
    total += count;
    for (ssize_t sent = 0; sent < count;) {
      ssize_t more = total % 2 ? write(fd, buffer + sent, count - sent) : send(fd, buffer + sent, count - sent, 0);
      if (more < 0 && errno != EAGAIN) return fail("write");
      if (more > 0) sent += more;
    }
  }
  if (shutdown(fd, SHUT_WR) != 0) return fail("shutdown");
  if (close(fd) != 0) return fail("close");
  if (close(fd) != -1 || errno != EBADF) return fail("close again");
  printf("%ld bytes\n", total);
  return 0;
}
