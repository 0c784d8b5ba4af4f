/* Socket addresses from text to bytes and back. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include "work.h"

static const char inet[] = "192.168.10.254";
static const char inet6[] = "2001:db8::8a2e:370:7334";

static int inet_round_trip(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  char text[INET_ADDRSTRLEN];
  inet_pton(AF_INET, inet, &address.sin_addr);
  inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  return ntohs(address.sin_port) == port && strcmp(text, inet) == 0;
}

static int inet6_round_trip(uint16_t port) {
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  char text[INET6_ADDRSTRLEN];
  inet_pton(AF_INET6, inet6, &address.sin6_addr);
  inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
  return ntohs(address.sin6_port) == port && strcmp(text, inet6) == 0;
}

/** Encodes and decodes amount addresses, IPv4 and IPv6 in turn, and counts those that came back. */
int64_t addresses(int port, int64_t amount, int size) {
  (void)port, (void)size;
  int64_t good = 0;
  for (int64_t i = 0; i < amount; i++)
    good += i & 1 ? inet6_round_trip(i & 0xffff) : inet_round_trip(i & 0xffff);
  return good;
}
