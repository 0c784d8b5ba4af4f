/* Lists of flags, answers of getaddrinfo(3) and control messages: what the codecs make of them, in C. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "work.h"

/** Makes the compiler forget what it knows of a variable and of memory: a caller's are not known to it either. */
#define hide(variable) __asm__ volatile("" : "+r"(variable) : : "memory")

/** The longest list of flags. */
enum { LISTED = 3, BITS = 32 };

static const struct {
  const char *name;
  int bits;
} symbols[] = {
    {"oob", MSG_OOB},
    {"peek", MSG_PEEK},
    {"dontroute", MSG_DONTROUTE},
    {"ctrunc", MSG_CTRUNC},
    {"proxy", MSG_PROXY},
    {"trunc", MSG_TRUNC},
    {"dontwait", MSG_DONTWAIT},
    {"eor", MSG_EOR},
    {"waitall", MSG_WAITALL},
    {"fin", MSG_FIN},
    {"syn", MSG_SYN},
    {"confirm", MSG_CONFIRM},
    {"rst", MSG_RST},
    {"errqueue", MSG_ERRQUEUE},
    {"nosignal", MSG_NOSIGNAL},
    {"more", MSG_MORE},
    {"waitforone", MSG_WAITFORONE},
    {"batch", MSG_BATCH},
    {"zerocopy", MSG_ZEROCOPY},
    {"fastopen", MSG_FASTOPEN},
    {"cmsg-cloexec", MSG_CMSG_CLOEXEC},
};
enum { SYMBOLS = sizeof symbols / sizeof *symbols };

static const char *const lists[][LISTED] = {
    {"peek", "dontwait"},
    {"trunc", "waitall", "cmsg-cloexec"},
};

static unsigned encode(const char *name) {
  for (size_t i = 0; i < SYMBOLS; i++)
    if (strcmp(symbols[i].name, name) == 0) return symbols[i].bits;
  abort();
}

static const char *decode(unsigned bits) {
  for (size_t i = 0; i < SYMBOLS; i++)
    if ((unsigned)symbols[i].bits == bits) return symbols[i].name;
  abort();
}

/** Encodes and decodes amount lists of message flags, and counts those that came back. */
int64_t flags(int port, int64_t amount, int size) {
  (void)port, (void)size;
  int64_t good = 0;
  for (int64_t i = 0; i < amount; i++) {
    const char *const *list = lists[i & 1], *back[BITS];
    unsigned bits = 0;
    int listed = 0, found = 0;
    for (; listed < LISTED && list[listed] != NULL; listed++) bits |= encode(list[listed]);
    for (; bits != 0; bits &= bits - 1) back[found++] = decode(bits & -bits);
    good += found == listed && strcmp(back[0], list[0]) == 0;
  }
  return good;
}

/** The structs of wasm32. */
struct guest_addrinfo {
  int32_t flags, family, type, protocol;
  uint32_t addrlen, addr, canonname, next;
};
struct guest_cmsghdr {
  uint32_t len;
  int32_t level, type;
};

static size_t aligned(size_t size) {
  return (size + 3) & ~(size_t)3;
}

static const char host[] = "host.example";
enum { PORT = 443 };

/** Flattens a list for a guest, in whose memory it will stand at target, as codec/addrinfo.ts does: its size. */
static size_t flatten(const struct addrinfo *list, char *out, size_t room, uint32_t target) {
  size_t size = 0;
  struct guest_addrinfo *last = NULL;
  for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
    size_t name = at->ai_canonname == NULL ? 0 : strlen(at->ai_canonname) + 1;
    if (at->ai_addrlen > room || name > room) break;
    size_t address = size + sizeof(struct guest_addrinfo), text = address + aligned(at->ai_addrlen);
    if (text + aligned(name) > room) break;
    // The padding, before what goes over its beginning.
    memset(out + text - sizeof(uint32_t), 0, sizeof(uint32_t));
    memset(out + text + aligned(name) - sizeof(uint32_t), 0, sizeof(uint32_t));
    struct guest_addrinfo *entry = (struct guest_addrinfo *)(out + size);
    *entry = (struct guest_addrinfo){at->ai_flags, at->ai_family, at->ai_socktype, at->ai_protocol, at->ai_addrlen};
    entry->addr = target + address;
    memcpy(out + address, at->ai_addr, at->ai_addrlen);
    if (name > 0) {
      entry->canonname = target + text;
      memcpy(out + text, at->ai_canonname, name);
    }
    if (last != NULL) last->next = target + size;
    last = entry;
    size = text + aligned(name);
  }
  return size;
}

/** Flattens amount answers of three addresses and a name, and counts those whose last port is right. */
int64_t answers(int port, int64_t amount, int size) {
  (void)port, (void)size;
  static char out[4096];
  struct sockaddr_in6 inet6 = {.sin6_family = AF_INET6};
  struct sockaddr_in inet = {.sin_family = AF_INET};
  struct addrinfo last = {0, AF_INET, SOCK_STREAM, IPPROTO_TCP, sizeof inet, (struct sockaddr *)&inet, NULL, NULL};
  struct addrinfo next = {0, AF_INET6, SOCK_STREAM, IPPROTO_TCP, sizeof inet6, (struct sockaddr *)&inet6, NULL, &last};
  struct addrinfo first = next;
  first.ai_canonname = (char *)host;
  first.ai_next = &next;
  const struct addrinfo *list = &first;
  int64_t good = 0;
  for (int64_t i = 0; i < amount; i++) {
    inet.sin_port = htons(i & 0xffff);
    hide(list);
    size_t end = flatten(list, out, sizeof out, 0);
    uint16_t found;
    memcpy(&found, out + end - sizeof inet + offsetof(struct sockaddr_in, sin_port), sizeof found);
    good += ntohs(found) == (i & 0xffff);
  }
  return good;
}

/** Where the descriptors in the control data at hand are, and whether only a trusted guest may send it. */
enum { RIGHTS_MAX = 506 };
static struct {
  int count, surplus;
  int *at[RIGHTS_MAX];
  int lost[RIGHTS_MAX];
  bool privileged, cut;
} noted;

static bool is_rights(int level, int type) {
  return level == SOL_SOCKET && type == SCM_RIGHTS;
}

static bool note_rights(char *data, size_t count) {
  if (noted.count + count > RIGHTS_MAX) return false;
  for (size_t i = 0; i < count; i++) noted.at[noted.count++] = (int *)data + i;
  return true;
}

/** What tells who sends it or chooses where it leaves, and whatever has no name here. */
static bool is_privileged(int level, int type) {
  switch (level) {
    case SOL_SOCKET:
      return type != SCM_RIGHTS && type != SCM_TIMESTAMP && type != SCM_TIMESTAMPNS;
    case IPPROTO_IP:
      return type != IP_TOS && type != IP_TTL && type != IP_RECVERR;
    case IPPROTO_IPV6:
      return type != IPV6_HOPLIMIT && type != IPV6_TCLASS && type != IPV6_RECVERR;
    case IPPROTO_UDP:
      return type != UDP_SEGMENT && type != UDP_GRO;
    default:
      return true;
  }
}

/** Turns a guest's control data into the kernel's, as codec/control.ts does: its size, 0 where it is malformed. */
static size_t to_native(const char *guest, size_t length, char *out, size_t room) {
  noted.count = 0;
  noted.privileged = false;
  size_t size = 0;
  for (size_t from = 0; from < length && length - from >= sizeof(struct guest_cmsghdr);) {
    const struct guest_cmsghdr *header = (const struct guest_cmsghdr *)(guest + from);
    if (header->len < sizeof *header || header->len > length - from) return 0;
    size_t data = header->len - sizeof *header;
    if (size + CMSG_SPACE(data) > room) return 0;
    // The padding, before what goes over its beginning.
    memset(out + size + CMSG_SPACE(data) - sizeof(uint64_t), 0, sizeof(uint64_t));
    *(struct cmsghdr *)(out + size) = (struct cmsghdr){CMSG_LEN(data), header->level, header->type};
    memcpy(out + size + sizeof(struct cmsghdr), guest + from + sizeof *header, data);
    if (!noted.privileged) noted.privileged = is_privileged(header->level, header->type);
    if (is_rights(header->level, header->type) &&
        !note_rights(out + size + sizeof(struct cmsghdr), data / sizeof(int)))
      return 0;
    size += CMSG_SPACE(data);
    from += aligned(header->len);
  }
  return size;
}

/** The other way round, with room for so many descriptors: the guest's size. */
static size_t to_guest(const char *native, size_t length, char *out, size_t capacity, size_t descriptors) {
  noted.count = noted.surplus = 0;
  noted.cut = false;
  size_t size = 0;
  for (size_t from = 0; from < length && length - from >= sizeof(struct cmsghdr);) {
    const struct cmsghdr *header = (const struct cmsghdr *)(native + from);
    if (header->cmsg_len < sizeof *header || header->cmsg_len > length - from) break;
    const char *bytes = native + from + sizeof *header;
    size_t data = header->cmsg_len - sizeof *header;
    from += CMSG_SPACE(data);
    size_t taken = size + sizeof(struct guest_cmsghdr), room = taken < capacity ? capacity - taken : 0;
    bool rights = is_rights(header->cmsg_level, header->cmsg_type);
    if (rights) {
      room = room / sizeof(int) < descriptors - noted.count ? room & ~(size_t)3 : (descriptors - noted.count) * sizeof(int);
      for (size_t i = room; i < data; i += sizeof(int)) memcpy(&noted.lost[noted.surplus++], bytes + i, sizeof(int));
    }
    if (data > room) {
      noted.cut = true;
      data = room;
      if (room == 0) continue;
    }
    size_t padded = sizeof(struct guest_cmsghdr) + aligned(data);
    memset(out + size + padded - sizeof(uint32_t), 0, sizeof(uint32_t));
    *(struct guest_cmsghdr *)(out + size) =
        (struct guest_cmsghdr){sizeof(struct guest_cmsghdr) + data, header->cmsg_level, header->cmsg_type};
    memcpy(out + size + sizeof(struct guest_cmsghdr), bytes, data);
    if (rights) note_rights(out + size + sizeof(struct guest_cmsghdr), data / sizeof(int));
    size += padded;
  }
  return size < capacity ? size : capacity;
}

/** Adds a control message of a guest's with a number: its size. */
static size_t add(char *at, int type, size_t size, int value) {
  *(struct guest_cmsghdr *)at = (struct guest_cmsghdr){sizeof(struct guest_cmsghdr) + size, IPPROTO_IP, type};
  memset(at + sizeof(struct guest_cmsghdr), 0, size);
  memcpy(at + sizeof(struct guest_cmsghdr), &value, sizeof value);
  return sizeof(struct guest_cmsghdr) + size;
}

/** Turns amount sets of three control messages into the kernel's and back, and counts those whose last came back. */
int64_t controls(int port, int64_t amount, int size) {
  (void)port, (void)size;
  static char guest[16384], native[16384];
  size_t length = add(guest, IP_PKTINFO, sizeof(struct in_pktinfo), 1);
  length += add(guest + length, IP_TTL, sizeof(int), 64);
  size_t last = length + sizeof(struct guest_cmsghdr);
  length += add(guest + length, IP_TOS, sizeof(int), 0);
  hide(length);
  int64_t good = 0;
  for (int64_t i = 0; i < amount; i++) {
    int wanted = i & 0x7fffffff, found;
    memcpy(guest + last, &wanted, sizeof wanted);
    size_t encoded = to_native(guest, length, native, sizeof native);
    size_t decoded = to_guest(native, encoded, guest, sizeof guest, 0);
    memcpy(&found, guest + last, sizeof found);
    good += decoded == length && found == wanted;
  }
  return good;
}
