// A process that the kernel has no more for: descriptors, EMFILE and ENFILE; places in a queue or a list, ENOBUFS; memory,
// ENOMEM. Each call says so, keeps what it was to take, and does its work once there is room again.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { promisify } from "node:util";
import type { Control, InetAddress, Rights } from "wasi-sockets";
import { describe, expect, onTestFinished, test } from "vitest";
import { isMusl } from "../support/libc.js";
import { compileGuest } from "../support/guest.js";
import { testInNetwork } from "../support/namespaces.js";
import { testWith } from "../support/programs.js";
import { Remote } from "../support/remote.js";
import { errnoOf, loopback } from "../support/sockets.js";

const PACKAGE = new URL("../../build/host/index.js", import.meta.url).href;
const PROMISES = new URL("promises.js", PACKAGE).href;

/** How many descriptors a process may have: some more than Node takes. */
const LIMIT = 64;

/** What lets a command have so many descriptors, which Node cannot raise. */
const LIMITED = ["sh", "-c", `ulimit -n ${LIMIT} && exec "$@"`, "sh"];

const rights = (...fds: number[]): Rights => ({ level: "socket", type: "rights", fds });
const passed = (control: readonly Control[]) =>
  control.flatMap((message) => ("fds" in message ? message.fds : []));
const descriptorCount = ({ pid }: Remote) => readdirSync(`/proc/${pid}/fd`).length;
const failure = (code: string) => expect.objectContaining({ code, errno: errnoOf(code) }) as Error;

/** Opens sockets until the process has no descriptor left: those sockets. */
async function exhaust({ net }: Remote): Promise<number[]> {
  for (const taken: number[] = []; ;) {
    try {
      taken.push(await net.socket("unix", "stream"));
    } catch (error) {
      expect(error).toEqual(failure("EMFILE"));
      return taken;
    }
  }
}

describe("in a process that is out of descriptors", () => {
  function limited(): Remote {
    const remote = new Remote(LIMITED);
    onTestFinished(() => remote[Symbol.asyncDispose]());
    return remote;
  }

  test("socket is EMFILE when all are taken, and not before", async () => {
    const remote = limited();
    await remote.net.gethostname(); // it has started
    const before = descriptorCount(remote);
    const taken = await exhaust(remote);
    expect(taken.length).toBeGreaterThan(10);
    expect(descriptorCount(remote)).toBe(before + taken.length);
    for (const fd of taken) await remote.net.close(fd);
    expect(descriptorCount(remote)).toBe(before);
    expect(await exhaust(remote)).toEqual(taken);
  });

  test("accept is EMFILE, and the connection with its bytes waits until there is room", async () => {
    const remote = limited();
    const { net } = remote;
    const listener = await net.socket("inet", "stream");
    await net.bind(listener, loopback("inet"));
    await net.listen(listener, 8);
    const { port } = (await net.getsockname(listener)) as InetAddress;
    const clients = ["first", "second"].map((text) => {
      const client = connect(port, "127.0.0.1");
      onTestFinished(() => void client.destroy());
      client.write(text);
      return client;
    });
    for (const client of clients) if (client.connecting) await once(client, "connect");
    const taken = await exhaust(remote);
    const all = descriptorCount(remote);
    for (let i = 0; i < 3; i++) {
      await expect(net.accept(listener)).rejects.toEqual(failure("EMFILE"));
    }
    expect(descriptorCount(remote)).toBe(all);
    const heard: string[] = [];
    for (let i = 0; i < 2; i++) {
      await net.close(taken.pop()!);
      const fd = await net.accept(listener);
      const bytes = Buffer.alloc(16);
      heard.push(bytes.toString("latin1", 0, await net.recv(fd, bytes)));
      await expect(net.accept(listener)).rejects.toEqual(failure("EMFILE"));
    }
    expect(heard.sort()).toEqual(["first", "second"]);
  });

  test("socketpair is EMFILE where there is room for one, and takes none", async () => {
    const remote = limited();
    const { net } = remote;
    const taken = await exhaust(remote);
    const all = descriptorCount(remote);
    await net.close(taken.pop()!);
    await expect(net.socketpair("unix", "stream")).rejects.toEqual(failure("EMFILE"));
    expect(descriptorCount(remote)).toBe(all - 1);
    await net.close(taken.pop()!);
    await net.socketpair("unix", "stream");
    expect(descriptorCount(remote)).toBe(all);
  });

  test("epoll_create1 is EMFILE, and works once there is room", async () => {
    const remote = limited();
    const { net } = remote;
    const taken = await exhaust(remote);
    const all = descriptorCount(remote);
    await expect(net.epollCreate()).rejects.toEqual(failure("EMFILE"));
    const fd = taken.pop()!;
    await net.close(fd);
    expect(await net.epollCreate()).toBe(fd);
    expect(descriptorCount(remote)).toBe(all);
  });

  test.each([0, 1, 2])(
    "recvmsg of three descriptors with room for %d gives so many, ctrunc, and every byte",
    async (room) => {
      const remote = limited();
      const { net } = remote;
      const [left, right] = await net.socketpair("unix", "stream");
      const data = [Buffer.from("bytes")];
      await net.sendmsg(left, { data, control: [rights(left, left, left)] });
      await net.send(left, Buffer.from(" and more"));
      const taken = await exhaust(remote);
      const all = descriptorCount(remote);
      for (const fd of taken.splice(-room, room)) await net.close(fd);
      const bytes = Buffer.alloc(5);
      const received = await net.recvmsg(right, { data: [bytes], control: 64 });
      expect(received).toMatchObject({ count: 5, flags: ["ctrunc"] });
      expect(bytes.toString()).toBe("bytes");
      expect(passed(received!.control)).toHaveLength(room);
      expect(descriptorCount(remote)).toBe(all);
      const rest = Buffer.alloc(16);
      expect(rest.toString("latin1", 0, await net.recv(right, rest))).toBe(" and more");
    },
  );

  test("a guest that takes all learns it as EMFILE, and its host gets them back", async () => {
    const wasm = await compileGuest(`
      import { AF, SOCK, close, errno, socket } from "wasi-sockets/assembly";
      let last: i32 = -1;
      export function greedy(): i32 {
        for (let fd = 0; fd >= 0; ) {
          fd = socket(AF.UNIX, SOCK.STREAM, 0);
          if (fd >= 0) last = fd;
        }
        return errno();
      }
      export function release(): i32 { return close(last--); }
    `);
    const remote = limited();
    await remote.host(wasm, true);
    expect(await remote.invoke("greedy")).toBe(errnoOf("EMFILE"));
    await expect(remote.net.socket("inet", "stream")).rejects.toEqual(failure("EMFILE"));
    expect(await remote.invoke("release")).toBe(0);
    const fd = await remote.net.socket("inet", "stream");
    await remote.net.close(fd);
    expect(await remote.invoke("greedy")).toBe(errnoOf("EMFILE"));
  });
});

describe("on a machine that is out of files", () => {
  const testWithStrace = testWith("strace");

  // fs.file-max is of the whole machine, and root goes past it: strace(1) ends the kernel's call instead, as the
  // kernel does. With -D the process that it traces is its parent.
  function without(fault: string): Remote {
    const command = ["strace", "-D", "-f", "-qq", "-o", "/dev/null"];
    const [name] = fault.split(":");
    const remote = new Remote([...command, "-e", `trace=${name}`, "-e", `inject=${fault}`]);
    onTestFinished(() => remote[Symbol.asyncDispose]());
    return remote;
  }

  testWithStrace("socket is ENFILE, and works once there is room", async () => {
    const { net } = without("socket:error=ENFILE:when=2");
    const first = await net.socket("inet", "stream");
    await expect(net.socket("inet", "stream")).rejects.toEqual(failure("ENFILE"));
    expect(await net.socket("inet", "stream")).toBe(first + 1);
  });

  testWithStrace("accept is ENFILE, and the connection with its bytes waits", async () => {
    const remote = without("accept4:error=ENFILE:when=1..3");
    const { net } = remote;
    const listener = await net.socket("inet", "stream");
    await net.bind(listener, loopback("inet"));
    await net.listen(listener, 8);
    const { port } = (await net.getsockname(listener)) as InetAddress;
    const client = connect(port, "127.0.0.1");
    onTestFinished(() => void client.destroy());
    client.write("bytes");
    await once(client, "connect");
    const before = descriptorCount(remote);
    for (let i = 0; i < 3; i++) {
      await expect(net.accept(listener)).rejects.toEqual(failure("ENFILE"));
    }
    expect(descriptorCount(remote)).toBe(before);
    const fd = await net.accept(listener);
    const bytes = Buffer.alloc(16);
    expect(bytes.toString("latin1", 0, await net.recv(fd, bytes))).toBe("bytes");
    expect(descriptorCount(remote)).toBe(before + 1);
  });

  testWithStrace("socketpair is ENFILE and takes none", async () => {
    const remote = without("socketpair:error=ENFILE:when=1");
    const { net } = remote;
    await net.gethostname(); // it has started
    const before = descriptorCount(remote);
    await expect(net.socketpair("unix", "stream")).rejects.toEqual(failure("ENFILE"));
    expect(descriptorCount(remote)).toBe(before);
    await net.socketpair("unix", "stream");
    expect(descriptorCount(remote)).toBe(before + 2);
  });

  testWithStrace("a guest learns it as ENFILE", async () => {
    const wasm = await compileGuest(`
      import { AF, SOCK, errno, socket } from "wasi-sockets/assembly";
      export function open(): i32 {
        return socket(AF.INET, SOCK.DGRAM, 0) < 0 ? -errno() : 0;
      }
    `);
    const remote = without("socket:error=ENFILE:when=1");
    await remote.host(wasm, true);
    expect(await remote.invoke("open")).toBe(-errnoOf("ENFILE"));
    expect(await remote.invoke("open")).toBe(0);
  });
});

describe("ENOBUFS", () => {
  testInNetwork(
    "ends a join of more groups than a socket may have, and one fewer makes room",
    async (network) => {
      const host = network.host();
      host.set("net/ipv4/igmp_max_memberships", "3");
      await using remote = new Remote(host.prefix);
      const { net } = remote;
      const fd = await net.socket("inet", "dgram");
      const group = (n: number) => ({
        group: { family: "inet", address: `239.1.1.${n}`, port: 0 } as const,
        interface: "lo",
      });
      for (let n = 1; n <= 3; n++) await net.setsockopt(fd, "ip", "mcast-join-group", group(n));
      await expect(net.setsockopt(fd, "ip", "mcast-join-group", group(4))).rejects.toEqual(
        failure("ENOBUFS"),
      );
      await net.setsockopt(fd, "ip", "mcast-leave-group", group(2));
      await net.setsockopt(fd, "ip", "mcast-join-group", group(4));
    },
  );

  testInNetwork(
    "is told once by a netlink socket that lost messages, and then come those that are left",
    async (network) => {
      const host = network.host();
      await using remote = new Remote(host.prefix);
      const { net } = remote;
      const fd = await net.socket("netlink", "raw", 0);
      await net.setsockopt(fd, "socket", "rcvbuf", 1);
      await net.bind(fd, { family: "netlink", pid: 0, groups: 1 });
      for (let i = 0; i < 10; i++) host.ip("link", "set", "lo", i % 2 === 0 ? "down" : "up");
      const bytes = new Uint8Array(8192);
      expect(await net.recv(fd, bytes, "dontwait")).toBe(-1);
      expect(remote.errno).toMatchObject({ code: "ENOBUFS", errno: errnoOf("ENOBUFS") });
      expect(await net.recv(fd, bytes, "dontwait")).toBeGreaterThan(0);
      while ((await net.recv(fd, bytes, "dontwait")) > 0);
      expect(remote.errno).toMatchObject({ code: "EAGAIN" });
    },
  );
});

describe("ENOMEM", () => {
  testInNetwork(
    "ends a join of more IPv6 groups than a socket has memory for, net.core.optmem_max",
    async (network) => {
      const host = network.host();
      await using remote = new Remote(host.prefix);
      const { net } = remote;
      const join = async (fd: number, n: number) => {
        const address = `ff05::${n.toString(16)}`;
        const group = { family: "inet6", address, port: 0 } as const;
        await net.setsockopt(fd, "ipv6", "mcast-join-group", { group, interface: "lo" });
      };
      const fd = await net.socket("inet6", "dgram");
      let joined = 0;
      const joining = async () => {
        for (; joined < 10_000; joined++) await join(fd, joined + 1);
      };
      await expect(joining()).rejects.toEqual(failure("ENOMEM"));
      expect(joined).toBeGreaterThan(100);
      await join(await net.socket("inet6", "dgram"), 1);
    },
  );

  const starved = isMusl
    ? " (skipped: musl keeps no memory at hand, so that V8 itself is out of it)"
    : "";

  // libc cannot start the thread that tells of an answer, so the answer is found by looking for it.
  test.skipIf(isMusl)(
    `of the whole process leaves streams whole, and a look-up still ends${starved}`,
    async () => {
      const program = `
      import { randomBytes } from "node:crypto";
      import { readFileSync } from "node:fs";
      import koffi from "koffi";
      import { open } from ${JSON.stringify(PACKAGE)};
      import * as promises from ${JSON.stringify(PROMISES)};
      const net = await open();
      const resolver = await promises.open();
      const [left, right] = net.socketpair("unix", "stream");
      const sent = randomBytes(1 << 20);
      const received = Buffer.alloc(sent.length);
      const transfer = () => {
        for (let at = 0; at < sent.length; at += 4096) {
          net.send(left, sent.subarray(at, at + 4096));
          net.recv(right, received.subarray(at, at + 4096), "waitall");
        }
        return received.equals(sent) && received.fill(0) !== null;
      };
      transfer();
      // Of sys/resource.h. A program that is started for it takes some of the little memory that is left.
      const [RLIMIT_AS, RLIM_INFINITY] = [9, 2n ** 64n - 1n];
      const setrlimit = koffi.load(null).func("int setrlimit(int resource, const uint64_t *limits)");
      const limit = (bytes) => setrlimit(RLIMIT_AS, BigUint64Array.of(bytes, RLIM_INFINITY));
      limit(RLIM_INFINITY);
      const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[0]);
      limit(BigInt(pages * 4096 + (6 << 20))); // less than the stack of a thread
      const whole = transfer();
      let short;
      try {
        const { length } = await resolver.getaddrinfo("localhost", "80", { type: "stream", family: "inet" });
        short = length === 1;
      } catch ({ code }) {
        short = code === "EAI_MEMORY" || code === "EAI_AGAIN" || code === "ENOMEM";
      }
      limit(RLIM_INFINITY);
      const { length: answers } = await resolver.getaddrinfo("localhost", "80", { type: "stream", family: "inet" });
      console.log(JSON.stringify({ whole, again: transfer(), short, answers }));
    `;
      const node = ["--input-type=module", "--eval", program];
      const { stdout } = await promisify(execFile)(process.execPath, node, { timeout: 20_000 });
      expect(JSON.parse(stdout)).toEqual({ whole: true, again: true, short: true, answers: 1 });
    },
  );
});
