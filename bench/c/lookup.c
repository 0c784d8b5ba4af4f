/* Look-ups of a name that is in the hosts file. */

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "work.h"

/** Looks "localhost" up, amount times: how often the first answer, in text as the others have it, was 127.0.0.1. */
int64_t lookups(int port, int64_t amount, int size) {
  (void)port, (void)size;
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
  int64_t good = 0;
  for (int64_t i = 0; i < amount; i++) {
    int code = getaddrinfo("localhost", "80", &hints, &found);
    if (code != 0) {
      fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(code));
      exit(1);
    }
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &((struct sockaddr_in *)found->ai_addr)->sin_addr, text, sizeof text);
    good += strcmp(text, "127.0.0.1") == 0;
    freeaddrinfo(found);
  }
  return good;
}
