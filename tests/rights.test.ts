// Descriptors and credentials that travel over Unix sockets, unix(7): between sockets of this process, and to
// and from a C program.

import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { open, type Control, type Net, type Rights } from "wasi-sockets";
import { beforeAll, describe, expect, test } from "vitest";
import { compileC, compiler } from "./support/c.js";
import { isMusl } from "./support/libc.js";
import { Program, scratchPath, testWithC } from "./support/programs.js";
import { expectErrno, listening, openBounded, openedNatively, unix } from "./support/sockets.js";

const rights = (...fds: number[]): Rights => ({ level: "socket", type: "rights", fds });
const one = () => [Buffer.alloc(1)];
const some = (length: number) => Array.from({ length }, (_, i) => i);

/** The descriptors that came with a message. */
function passed(control: readonly Control[]): readonly number[] {
  return control.flatMap((message) => ("fds" in message ? message.fds : []));
}

/** How many descriptors this process has. */
const descriptorCount = () => readdirSync("/proc/self/fd").length;

/** Says something into one socket, and what the other hears. */
function heard(net: Net, from: number, to: number): string {
  const bytes = Buffer.alloc(32);
  net.send(from, Buffer.from("through it"));
  return bytes.toString("latin1", 0, net.recv(to, bytes, "dontwait"));
}

// "take" reads from the descriptor that it is passed, "pass" passes some and reads from their other end, "tally"
// counts what it receives, "identify" tells who it is and hears who we are.
const PEER = `
  #define _GNU_SOURCE
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/socket.h>
  #include <sys/un.h>
  #include <unistd.h>
  static char control[4096];
  static char payload[65536];
  static struct iovec vector = { payload, 1 };
  static struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control };
  static int pass(int fd, int count) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return -1;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){ CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
    for (int i = 0; i < count; i++) ((int *)CMSG_DATA(header))[i] = ends[1];
    if (sendmsg(fd, &message, 0) != 1) return -1;
    close(ends[1]);
    return ends[0];
  }
  static int take(int fd) {
    message.msg_controllen = sizeof control;
    if (recvmsg(fd, &message, 0) != 1) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) return -1;
    return *(int *)CMSG_DATA(header);
  }
  static int identify(int fd) {
    printf("%d %u %u", getpid(), getuid(), getgid());
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    if (send(fd, "?", 1, 0) != 1) return 1;
    message.msg_controllen = sizeof control;
    if (recvmsg(fd, &message, 0) != 1) return 1;
    struct ucred *sender = (struct ucred *)CMSG_DATA(CMSG_FIRSTHDR(&message));
    printf("\\n%d %u %u", sender->pid, sender->uid, sender->gid);
    return 0;
  }
  static int tally(int fd) {
    long bytes = 0, descriptors = 0;
    vector.iov_len = sizeof payload;
    for (;;) {
      message.msg_controllen = sizeof control;
      ssize_t count = recvmsg(fd, &message, 0);
      if (count <= 0) break;
      bytes += count;
      descriptors += CMSG_FIRSTHDR(&message) != NULL;
    }
    printf("%ld %ld", bytes, descriptors);
    return 0;
  }
  int main(int argc, char **argv) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy(address.sun_path, argv[1]);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    alarm(20);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    if (strcmp(argv[2], "identify") == 0) return identify(fd);
    if (strcmp(argv[2], "tally") == 0) return tally(fd);
    int other = argc > 3 ? pass(fd, atoi(argv[3])) : take(fd);
    close(fd);
    for (;;) {
      ssize_t count = read(other, payload, sizeof payload);
      if (count <= 0) return count < 0;
      fwrite(payload, 1, count, stdout);
    }
  }
`;

let program: string;

beforeAll(async () => {
  if (!("missing" in compiler)) program = await compileC("rights", PEER);
});

/** The C program, and the socket on which it is connected. */
function peer(net: Net, ...args: string[]): { fd: number; running: Program } {
  const { listener, address } = listening(net, unix(scratchPath(randomUUID())));
  const running = new Program(program, [address.path, ...args]);
  const fd = net.accept(listener);
  net.close(listener);
  return { fd, running };
}

describe("a descriptor that is passed", () => {
  testWithC("to a C program is the very socket", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const [left, right] = net.socketpair("unix", "stream");
    net.send(left, Buffer.from("for whoever reads"));
    net.close(left);
    const { fd, running } = peer(net, "take");
    await using receiver = running;
    expect(net.sendmsg(fd, { data: one(), control: [rights(right)] })).toBe(1);
    expect(String(await receiver.output())).toBe("for whoever reads");
  });

  testWithC("by a C program is usable, and has the lowest free number", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const { fd, running } = peer(net, "pass", "2");
    await using sender = running;
    const free = net.socket("unix", "stream");
    const last = net.socket("unix", "stream");
    net.close(free);
    const received = net.recvmsg(fd, { data: one(), control: 64 })!;
    expect(received).toMatchObject({ count: 1, flags: [], control: [rights(free, last + 1)] });
    expect(net.send(free, Buffer.from("both are "))).toBe(9);
    expect(net.send(last + 1, Buffer.from("the same"))).toBe(8);
    net.close(free);
    net.close(last + 1);
    expect(String(await sender.output())).toBe("both are the same");
  });

  test("to a socket of this process works as the one that was sent", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "stream");
    const [near, far] = net.socketpair("unix", "datagram");
    net.sendmsg(left, { data: one(), control: [rights(far)] });
    net.close(far);
    const { control } = net.recvmsg(right, { data: one(), control: 16 })!;
    expect(control).toEqual([rights(far)]); // the number was free again
    expect(heard(net, near, far)).toBe("through it");
    expect(net.getsockopt(far, "socket", "type")).toBe(2);
  });

  test("is close-on-exec on the host, whatever the receiver asks for", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "stream");
    net.sendmsg(left, { data: one(), control: [rights(left)] });
    const { native } = openedNatively(() => net.recvmsg(right, { data: one(), control: 16 }));
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${native}`, "utf8"));
    expect(parseInt(flags![1]!, 8) & 0o2000000).not.toBe(0);
  });

  test("travels with each message that is peeked at", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "stream");
    net.sendmsg(left, { data: one(), control: [rights(left)] });
    const [first, second] = (["peek", null] as const).map(
      (flags) => passed(net.recvmsg(right, { data: one(), control: 16 }, flags)!.control)[0]!,
    );
    expect(second).toBe(first! + 1);
    expect(heard(net, first!, right)).toBe("through it");
  });

  // Linux takes 253, SCM_MAX_FD; musl's sendmsg(2) no more than fit into 1024 bytes of control data.
  const [most, code] = isMusl ? ([252, "ENOMEM"] as const) : ([253, "EINVAL"] as const);

  test(`${most} times fits into one message, and once more is ${code}`, async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "stream");
    const control = [rights(...some(most).map(() => left))];
    expect(net.sendmsg(left, { data: one(), control })).toBe(1);
    const received = net.recvmsg(right, { data: one(), control: 12 + most * 4 })!;
    expect(received.flags).toEqual([]);
    expect(passed(received.control)).toEqual(some(most).map((i) => right + 1 + i));
    expect(net.sendmsg(left, { data: one(), control: [...control, rights(left)] })).toBe(-1);
    expectErrno(net, code);
  });

  test("in each message of a batch gets a number of its own", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "datagram");
    const messages = some(3).map(() => ({ data: one(), control: [rights(left, right)] }));
    expect(net.sendmmsg(left, messages)).toBe(3);
    const received = net.recvmmsg(
      right,
      some(3).map(() => ({ data: one(), control: 20 })),
    );
    expect(received!.flatMap(({ control }) => passed(control))).toEqual([5, 6, 7, 8, 9, 10]);
  });

  testWithC("with a stream message that no buffer holds is passed once", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const { fd, running } = peer(net, "tally");
    await using receiver = running;
    const data = [Buffer.alloc(1 << 22)];
    expect(net.sendmsg(fd, { data, control: [rights(fd)] })).toBe(1 << 22);
    net.shutdown(fd, "write");
    expect(String(await receiver.output())).toBe(`${1 << 22} 1`);
  });
});

describe("a descriptor that finds no place is closed, and ctrunc says so", () => {
  test.each([
    ["no room for control data", 0, 0],
    ["room for half a header", 7, 0],
    ["room for a header alone", 12, 0],
    ["room for half a descriptor", 14, 0],
    ["room for one and a half", 18, 1],
    ["room for three of four", 24, 3],
  ])("%s", async (_, control, fit) => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "stream");
    net.sendmsg(left, { data: one(), control: [rights(left, left, left, left)] });
    const before = descriptorCount();
    const received = net.recvmsg(right, { data: one(), control })!;
    expect(received.flags).toEqual(["ctrunc"]);
    expect(passed(received.control)).toEqual(some(fit).map((i) => right + 1 + i));
    expect(descriptorCount()).toBe(before + fit);
  });

  test.each([0, 1, 2])("a table with room for %d of three", async (fit) => {
    using net = await open({ descriptors: 2 + fit });
    const [left, right] = net.socketpair("unix", "stream");
    const control = [rights(left, right, left)];
    net.sendmsg(left, { data: one(), control });
    const before = descriptorCount();
    const received = net.recvmsg(right, { data: one(), control: 64 })!;
    expect(received).toMatchObject({ count: 1, flags: ["ctrunc"] });
    expect(passed(received.control)).toEqual(some(fit).map((i) => right + 1 + i));
    expect(descriptorCount()).toBe(before + fit);
  });

  test("a receive without control data, or none at all", async () => {
    const before = descriptorCount();
    {
      using net = await open();
      const [left, right] = net.socketpair("unix", "stream");
      for (const bytes of some(3).map(one))
        net.sendmsg(left, { data: bytes, control: [rights(left)] });
      net.recv(right, new Uint8Array(1));
      net.recvmsg(right, { data: one(), control: 16 });
    }
    expect(descriptorCount()).toBe(before);
  });
});

test.each([
  ["closed", (net: Net, fd: number) => (net.close(fd), fd)],
  ["one of the host alone", () => 1],
  ["negative", () => -1],
])("a number that is %s cannot be passed: EBADF, and nothing is sent", async (_, make) => {
  using net = await open();
  const [left, right] = net.socketpair("unix", "stream");
  const bad = make(net, net.socket("unix", "stream"));
  expect(net.sendmsg(left, { data: one(), control: [rights(left, bad)] })).toBe(-1);
  expectErrno(net, "EBADF");
  expect(net.recvmsg(right, { data: one() }, "dontwait")).toBe(null);
  expectErrno(net, "EAGAIN");
});

describe("credentials", () => {
  testWithC(
    "are those of the C program that sent the message, and ours are told to it",
    async () => {
      using bounded = await openBounded();
      const { net } = bounded;
      const { fd, running } = peer(net, "identify");
      await using sender = running;
      net.setsockopt(fd, "socket", "passcred", true);
      const received = net.recvmsg(fd, { data: one(), control: 64 })!;
      const mine = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };
      const control = [{ level: "socket", type: "credentials", ...mine } as const];
      expect(net.sendmsg(fd, { data: one(), control })).toBe(1);
      const [theirs, ours] = String(await sender.output()).split("\n");
      const [pid, uid, gid] = theirs!.split(" ").map(Number);
      expect(received.control).toEqual([{ level: "socket", type: "credentials", pid, uid, gid }]);
      expect(ours).toBe(`${mine.pid} ${mine.uid} ${mine.gid}`);
    },
  );

  test("come beside descriptors", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "seqpacket");
    net.setsockopt(right, "socket", "passcred", true);
    net.sendmsg(left, { data: one(), control: [rights(left)] });
    const { control } = net.recvmsg(right, { data: one(), control: 64 })!;
    expect(control).toHaveLength(2);
    expect(control).toContainEqual(rights(right + 1));
    expect(control).toContainEqual(expect.objectContaining({ pid: process.pid }));
  });

  test("of a process that does not exist are refused", async () => {
    using net = await open();
    const [left] = net.socketpair("unix", "stream");
    const control = [
      { level: "socket", type: "credentials", pid: 2 ** 30, uid: 0, gid: 0 } as const,
    ];
    expect(net.sendmsg(left, { data: one(), control })).toBe(-1);
    expect(["ESRCH", "EPERM"]).toContain(net.errno?.code);
  });
});
