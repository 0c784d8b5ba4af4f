// What the system's own headers and functions make of what the codecs of build/marshal.wasm convert. Requests come
// on standard input, answers go to standard output, each with its length before it: see codecs.ts for their bytes.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

// The request at hand, in memory of just its size, and what of it was read.
static uint8_t *request;
static size_t size, at;
// The answer.
static uint8_t *answer;
static size_t written, room;

static const void *take(size_t count) {
  if (count > size - at) exit(3);
  at += count;
  return request + at - count;
}

static uint32_t take32(void) {
  uint32_t value;
  memcpy(&value, take(sizeof value), sizeof value);
  return value;
}

static uint64_t take64(void) {
  uint64_t value;
  memcpy(&value, take(sizeof value), sizeof value);
  return value;
}

static double take_number(void) {
  double value;
  memcpy(&value, take(sizeof value), sizeof value);
  return value;
}

static void put(const void *bytes, size_t count) {
  if (written + count > room) answer = realloc(answer, room = 2 * (written + count));
  if (count > 0) memcpy(answer + written, bytes, count);
  written += count;
}

static void put32(uint32_t value) { put(&value, sizeof value); }
static void put_number(double value) { put(&value, sizeof value); }

// The rest of the request as a string of its own.
static char *rest(size_t *length) {
  *length = size - at;
  char *text = calloc(*length + 1, 1);
  memcpy(text, take(*length), *length);
  return text;
}

static void pton(void) {
  int family = take32();
  uint8_t bytes[16];
  size_t length;
  char *text = rest(&length);
  // A NUL within ends the text for C, and is no part of an address.
  int ok = strlen(text) == length && inet_pton(family, text, bytes) == 1;
  put32(ok);
  if (ok) put(bytes, family == AF_INET ? 4 : 16);
  free(text);
}

static void ntop(void) {
  int family = take32();
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(family, take(16), text, sizeof text)) put(text, strlen(text));
}

static void sockaddr(void) {
  int family = take32();
  uint32_t port = take32(), flowinfo = take32(), scope = take32();
  size_t length;
  char *text = rest(&length);
  if (family == AF_INET) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, text, &a.sin_addr) == 1) put(&a, sizeof a);
  } else if (family == AF_INET6) {
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    a.sin6_flowinfo = htonl(flowinfo);
    a.sin6_scope_id = scope;
    if (inet_pton(AF_INET6, text, &a.sin6_addr) == 1) put(&a, sizeof a);
  } else {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int named = length > 0 && text[0] != 0;
    if (length <= sizeof a.sun_path && !(named && strlen(text) < length)) {
      memcpy(a.sun_path, text, length);
      size_t bytes = offsetof(struct sockaddr_un, sun_path) + length;
      put(&a, named && length < sizeof a.sun_path ? bytes + 1 : bytes);
    }
  }
  free(text);
}

static void decode(void) {
  uint32_t length = take32();
  struct sockaddr_storage storage = {0};
  memcpy(&storage, take(length), length);
  char text[INET6_ADDRSTRLEN];
  char line[512] = "other";
  if (length >= sizeof(struct sockaddr_in) && storage.ss_family == AF_INET) {
    struct sockaddr_in *a = (struct sockaddr_in *)&storage;
    inet_ntop(AF_INET, &a->sin_addr, text, sizeof text);
    sprintf(line, "inet %s %u", text, ntohs(a->sin_port));
  } else if (length >= offsetof(struct sockaddr_in6, sin6_scope_id) && storage.ss_family == AF_INET6) {
    struct sockaddr_in6 *a = (struct sockaddr_in6 *)&storage;
    inet_ntop(AF_INET6, &a->sin6_addr, text, sizeof text);
    sprintf(line, "inet6 %s %u %u %u", text, ntohs(a->sin6_port), ntohl(a->sin6_flowinfo),
            length < sizeof *a ? 0 : a->sin6_scope_id);
  } else if (length >= offsetof(struct sockaddr_un, sun_path) && storage.ss_family == AF_UNIX) {
    struct sockaddr_un *a = (struct sockaddr_un *)&storage;
    size_t path = (length < sizeof *a ? length : sizeof *a) - offsetof(struct sockaddr_un, sun_path);
    if (path > 0 && a->sun_path[0] != 0) path = strnlen(a->sun_path, path);
    char *end = line + sprintf(line, "unix ");
    for (size_t i = 0; i < path; i++) end += sprintf(end, "%02x", (uint8_t)a->sun_path[i]);
  }
  put(line, strlen(line));
}

static void event(void) {
  struct epoll_event native;
  memset(&native, 0, sizeof native);
  native.events = take32();
  take32(); // padding
  native.data.u64 = take64();
  put(&native, sizeof native);
}

static void events(void) {
  for (uint32_t count = take32(); count > 0; count--) {
    struct epoll_event native;
    memcpy(&native, take(sizeof native), sizeof native);
    uint64_t data = native.data.u64;
    put32(native.events);
    put32(0);
    put(&data, sizeof data);
  }
}

// The kinds as codecs.ts numbers them.
enum { INT, LINGER, TIMEVAL };

static void option(void) {
  uint32_t kind = take32();
  double first = take_number(), second = take_number();
  if (kind == INT) {
    put32((int32_t)first);
  } else if (kind == LINGER) {
    struct linger value = {.l_onoff = first, .l_linger = second};
    put(&value, sizeof value);
  } else {
    struct timeval value = {.tv_sec = first, .tv_usec = second};
    put(&value, sizeof value);
  }
}

static void option_value(void) {
  uint32_t kind = take32();
  if (kind == INT) {
    int value;
    memcpy(&value, take(sizeof value), sizeof value);
    put_number(value), put_number(0);
  } else if (kind == LINGER) {
    struct linger value;
    memcpy(&value, take(sizeof value), sizeof value);
    put_number(value.l_onoff), put_number(value.l_linger);
  } else {
    struct timeval value;
    memcpy(&value, take(sizeof value), sizeof value);
    put_number(value.tv_sec), put_number(value.tv_usec);
  }
}

// As wasm32 has it.
struct cmsghdr32 {
  uint32_t cmsg_len;
  int32_t cmsg_level, cmsg_type;
};

static size_t align4(size_t length) { return (length + 3) & ~(size_t)3; }

static void control(void) {
  uint32_t native_room = take32();
  size_t length;
  char *guest = rest(&length);
  struct msghdr message = {0};
  size_t used = 0;
  int count = 0;
  // Room for more than can be, so that it is seen where too much is written.
  message.msg_control = calloc(1, 3 * length + 64);
  uint32_t places[2048];
  for (size_t from = 0; length - from >= sizeof(struct cmsghdr32);) {
    struct cmsghdr32 header;
    memcpy(&header, guest + from, sizeof header);
    if (header.cmsg_len < sizeof header || header.cmsg_len > length - from) goto refused;
    size_t data = header.cmsg_len - sizeof header;
    if (used + CMSG_SPACE(data) > native_room) goto refused;
    struct cmsghdr *native = (struct cmsghdr *)((char *)message.msg_control + used);
    native->cmsg_len = CMSG_LEN(data);
    native->cmsg_level = header.cmsg_level;
    native->cmsg_type = header.cmsg_type;
    memcpy(CMSG_DATA(native), guest + from + sizeof header, data);
    if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_RIGHTS) {
      if (count + data / sizeof(int) > 506) goto refused;
      for (size_t i = 0; i < data / sizeof(int); i++) {
        places[count++] = CMSG_DATA(native) + i * sizeof(int) - (uint8_t *)message.msg_control;
      }
    }
    used += CMSG_SPACE(data);
    from += align4(header.cmsg_len);
    if (from > length) break;
  }
  put32(used);
  put(message.msg_control, used);
  put32(count);
  put(places, count * sizeof *places);
  goto done;
refused:
  put32(-1);
done:
  free(message.msg_control);
  free(guest);
}

static void control_data(void) {
  uint32_t capacity = take32();
  int32_t descriptors = take32();
  size_t length;
  char *bytes = rest(&length);
  struct msghdr message = {.msg_control = bytes, .msg_controllen = length};
  uint8_t *guest = calloc(1, 2 * length + 64);
  int32_t rights[2048], surplus[2048];
  size_t used = 0, taken = 0, left = 0;
  int cut = 0;
  for (struct cmsghdr *native = CMSG_FIRSTHDR(&message); native; native = CMSG_NXTHDR(&message, native)) {
    size_t data = native->cmsg_len - CMSG_LEN(0);
    size_t space = capacity > used + sizeof(struct cmsghdr32) ? capacity - used - sizeof(struct cmsghdr32) : 0;
    size_t keep = data < space ? data : space;
    int carries = native->cmsg_level == SOL_SOCKET && native->cmsg_type == SCM_RIGHTS;
    if (carries) {
      size_t all = data / sizeof(int), some = space / sizeof(int);
      if (some > all) some = all;
      if (some > descriptors - taken) some = descriptors - taken;
      for (size_t i = 0; i < all; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(native) + i * sizeof fd, sizeof fd);
        if (i < some) rights[taken++] = fd;
        else surplus[left++] = fd;
      }
      keep = some * sizeof(int);
    }
    if (keep < data) cut = 1;
    if (keep < data && keep == 0) continue;
    struct cmsghdr32 header = {sizeof header + keep, native->cmsg_level, native->cmsg_type};
    memcpy(guest + used, &header, sizeof header);
    memcpy(guest + used + sizeof header, CMSG_DATA(native), keep);
    used += align4(header.cmsg_len);
  }
  size_t given = used < capacity ? used : capacity;
  put32(given);
  put(guest, given);
  put32(cut);
  put32(taken), put(rights, taken * sizeof *rights);
  put32(left), put(surplus, left * sizeof *surplus);
  free(guest);
  free(bytes);
}

static void batch(void) {
  uint64_t base = take64(), memory = take64(), skip = take64();
  uint64_t name = take64(), vectors = take64(), data = take64();
  uint32_t name_length = take32(), data_length = take32(), count = take32();
  struct mmsghdr header;
  memset(&header, 0, sizeof header);
  struct iovec *native = calloc(count + 1, sizeof *native);
  uint64_t sum = 0;
  int ok = 1;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t start = take32(), length = take32();
    if (length > 0 && (start == 0 || start + length > memory)) ok = 0;
    uint64_t skipped = skip > sum ? skip - sum : 0;
    if (skipped > length) skipped = length;
    sum += length;
    native[i].iov_base = (void *)(uintptr_t)(base + start + skipped);
    native[i].iov_len = length - skipped;
  }
  put32(ok);
  if (ok) {
    if (name_length > 0) header.msg_hdr.msg_name = (void *)(uintptr_t)name;
    header.msg_hdr.msg_namelen = name_length;
    header.msg_hdr.msg_iov = (void *)(uintptr_t)vectors;
    header.msg_hdr.msg_iovlen = count;
    if (data_length > 0) header.msg_hdr.msg_control = (void *)(uintptr_t)data;
    header.msg_hdr.msg_controllen = data_length;
    put_number(sum);
    put(&header, sizeof header);
    put(native, count * sizeof *native);
  }
  free(native);
}

// As wasm32 has it.
struct addrinfo32 {
  int32_t ai_flags, ai_family, ai_socktype, ai_protocol;
  uint32_t ai_addrlen, ai_addr, ai_canonname, ai_next;
};

static void addresses(void) {
  uint32_t target = take32(), count = take32();
  uint8_t *block = calloc(1, 1 << 20);
  size_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    struct addrinfo native;
    memset(&native, 0, sizeof native);
    native.ai_flags = take32(), native.ai_family = take32();
    native.ai_socktype = take32(), native.ai_protocol = take32();
    native.ai_addrlen = take32();
    const void *address = take(native.ai_addrlen);
    int32_t name_length = take32();
    const void *name = take(name_length < 0 ? 0 : name_length);
    native.ai_addr = (void *)address;
    native.ai_canonname = name_length < 0 ? NULL : (char *)name;
    put(&native, sizeof native);

    struct addrinfo32 entry = {native.ai_flags, native.ai_family, native.ai_socktype, native.ai_protocol};
    size_t next = used + sizeof entry;
    entry.ai_addrlen = native.ai_addrlen;
    entry.ai_addr = target + next;
    memcpy(block + next, address, native.ai_addrlen);
    next += align4(native.ai_addrlen);
    if (name_length >= 0) {
      entry.ai_canonname = target + next;
      memcpy(block + next, name, name_length);
      next += align4(name_length + 1);
    }
    if (i + 1 < count) entry.ai_next = target + next;
    memcpy(block + used, &entry, sizeof entry);
    used = next;
  }
  put32(used);
  put(block, used);
  free(block);
}

static void hints(void) {
  const struct addrinfo32 *guest = take(sizeof *guest);
  struct addrinfo native;
  memset(&native, 0, sizeof native);
  native.ai_flags = guest->ai_flags, native.ai_family = guest->ai_family;
  native.ai_socktype = guest->ai_socktype, native.ai_protocol = guest->ai_protocol;
  put(&native, sizeof native);
}

static void (*const operations[])(void) = {
    pton, ntop, sockaddr, decode, event, events, option, option_value, control, control_data, batch, addresses, hints,
};

int main(void) {
  uint32_t head[2];
  while (fread(head, sizeof head, 1, stdin) == 1) {
    size = head[1], at = written = 0;
    request = malloc(size);
    if (size > 0 && fread(request, size, 1, stdin) != 1) return 1;
    if (head[0] >= sizeof operations / sizeof *operations) return 2;
    operations[head[0]]();
    uint32_t length = written;
    fwrite(&length, sizeof length, 1, stdout);
    if (written > 0) fwrite(answer, written, 1, stdout);
    free(request);
  }
  free(answer);
  return 0;
}
