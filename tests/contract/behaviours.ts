// What sockets do, in plain sentences: the same in every ABI.

import { expect } from "vitest";
import {
  Failure,
  type Allowed,
  type Awaitable,
  type Driver,
  type Family,
  type Need,
  type Place,
  type Sockets,
} from "./driver.js";
import type { Node } from "./peer.js";

/** What a behaviour is checked with. */
export interface Context {
  /** The other side. */
  readonly node: Node;
  readonly driver: Driver;
  /** Starts a guest that may reach everything, or what it is allowed. */
  readonly start: (allow?: Allowed) => Promise<Sockets>;
}

export interface Behaviour {
  readonly says: string;
  readonly needs: readonly Need[];
  readonly check: (context: Context) => Promise<void>;
}

const HOSTS = { inet: "127.0.0.1", inet6: "::1" } as const;
const FAMILIES = ["inet", "inet6"] as const;

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const any = (family: Family): Place => ({ family, address: HOSTS[family], port: 0 });

/** Expects a call to fail. */
async function fails(call: () => Awaitable<unknown>, code: string): Promise<void> {
  let outcome: unknown;
  try {
    outcome = await call();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).codes).toContain(code);
    return;
  }
  expect.fail(`it did not fail with ${code}: ${JSON.stringify(outcome)}`);
}

/** A connection between a guest and Node, over a listener that the guest finds. */
async function connection(
  { node }: Context,
  s: Sockets,
  family: Family = "inet",
): Promise<[fd: number, peer: number]> {
  const { fd, address } = s.listeners.find((listener) => listener.address.family === family)!;
  const peer = await node.connect(address);
  return [await s.accept(fd), peer as number];
}

/** A socket that is connected to a server of Node's. */
async function connected(s: Sockets, to: Place): Promise<number> {
  const fd = await s.socket(to.family, "stream");
  await s.connect(fd, to);
  return fd;
}

/** A socket of the guest's own that listens, and its address. */
async function listening(s: Sockets, family: Family): Promise<[fd: number, at: Place]> {
  const fd = await s.socket(family, "stream");
  await s.bind(fd, any(family));
  await s.listen(fd, 8);
  return [fd, await s.getsockname(fd)];
}

/** A datagram socket that is bound, and its address. */
async function bound(s: Sockets, family: Family): Promise<[fd: number, at: Place]> {
  const fd = await s.socket(family, "dgram");
  await s.bind(fd, any(family));
  return [fd, await s.getsockname(fd)];
}

/** Everything up to the end. */
async function receiveAll(s: Sockets, fd: number): Promise<number> {
  for (let count = 0; ;) {
    const { length } = await s.recv(fd, 65536);
    if (length === 0) return count;
    count += length;
  }
}

/** Sends until a socket that does not wait takes no more. */
async function fill(s: Sockets, fd: number): Promise<number> {
  const chunk = new Uint8Array(65536);
  for (let count = 0; ;) {
    try {
      count += await s.send(fd, chunk);
    } catch (error) {
      expect(error).toMatchObject({ codes: ["EAGAIN"] });
      return count;
    }
  }
}

const table: Behaviour[] = [];

/** Adds a behaviour to the table. */
function it(says: string, needs: readonly Need[], check: Behaviour["check"]): void {
  table.push({ says, needs, check });
}

// Opening and closing

it("the lowest free number is the next socket's", ["open", "numbers"], async ({ start }) => {
  const s = await start();
  const [first, second] = [await s.socket("inet", "stream"), await s.socket("inet", "stream")];
  expect(second).toBe(first + 1);
  await s.close(first);
  expect(await s.socket("inet6", "dgram")).toBe(first);
});

it(
  "a closed descriptor is EBADF to every call",
  ["open", "names", "numbers"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    await s.close(fd);
    await fails(() => s.close(fd), "EBADF");
    await fails(() => s.send(fd, bytesOf("x")), "EBADF");
    await fails(() => s.recv(fd, 1), "EBADF");
    await fails(() => s.listen(fd, 1), "EBADF");
    await fails(() => s.connect(fd, any("inet")), "EBADF");
    await fails(() => s.bind(fd, any("inet")), "EBADF");
    await fails(() => s.getsockname(fd), "EBADF");
    await fails(() => s.getpeername(fd), "EBADF");
    await fails(() => s.shutdown(fd, "both"), "EBADF");
    await fails(() => s.accept(fd), "EBADF");
  },
);

it("a descriptor that never was is EBADF", ["numbers"], async ({ start }) => {
  const s = await start();
  for (const fd of [1000, 0x7fffffff, -1]) {
    await fails(() => s.recv(fd, 1), "EBADF");
    await fails(() => s.send(fd, bytesOf("x")), "EBADF");
    await fails(() => s.close(fd), "EBADF");
    await fails(() => s.shutdown(fd, "write"), "EBADF");
    await fails(() => s.accept(fd), "EBADF");
  }
});

it("closing a connection ends it for the peer", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await s.close(fd);
  expect(await context.node.fate(peer)).toBe("end");
});

it("closing a connection with bytes that nobody took resets it", ["poll"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.write(peer, "unread");
  await s.poll([{ fd, events: "in" }], -1);
  await s.close(fd);
  expect(await context.node.fate(peer)).toBe("ECONNRESET");
});

it("closing a listener frees its port", ["open", "listen", "names"], async ({ start }) => {
  const s = await start();
  const [fd, at] = await listening(s, "inet");
  await s.close(fd);
  const again = await s.socket("inet", "stream");
  await s.bind(again, at);
  expect(await s.getsockname(again)).toEqual(at);
});

it(
  "a guest that is gone has closed its listeners",
  ["open", "listen", "names"],
  async (context) => {
    const s = await context.start();
    const [, at] = await listening(s, "inet");
    await s.dispose();
    expect(await context.node.connect(at)).toBe("ECONNREFUSED");
  },
);

// Connecting

for (const family of FAMILIES) {
  it(
    `connect to a server carries bytes both ways, over ${family}`,
    ["open"],
    async ({ node, start }) => {
      const s = await start();
      const [, at] = await node.listen(family, "echo");
      const fd = await connected(s, at);
      expect(await s.send(fd, bytesOf("hello"))).toBe(5);
      expect(textOf(await s.recv(fd, 100))).toBe("hello");
    },
  );

  it(`connect to a closed port is refused, over ${family}`, ["open"], async ({ node, start }) => {
    const s = await start();
    const at = await node.closed(family);
    const fd = await s.socket(family, "stream");
    await fails(() => s.connect(fd, at), "ECONNREFUSED");
  });

  it(
    `getsockname and getpeername say what the peer sees, over ${family}`,
    ["open", "names"],
    async ({ node, start }) => {
      const s = await start();
      const [server, at] = await node.listen(family);
      const fd = await connected(s, at);
      const [own, peer] = await node.address(await node.accept(server));
      expect(await s.getsockname(fd)).toEqual(peer);
      expect(await s.getpeername(fd)).toEqual(own);
      expect(own).toEqual(at);
    },
  );

  it(
    `bind to port 0 gets a port of the kernel's, over ${family}`,
    ["open", "names"],
    async ({ start }) => {
      const s = await start();
      const fd = await s.socket(family, "stream");
      await s.bind(fd, any(family));
      const at = await s.getsockname(fd);
      expect(at).toMatchObject({ family, address: HOSTS[family] });
      expect(at.port).toBeGreaterThan(0);
    },
  );

  it(
    `a socket that is bound connects from there, over ${family}`,
    ["open", "names"],
    async ({ node, start }) => {
      const s = await start();
      const [server, at] = await node.listen(family);
      const fd = await s.socket(family, "stream");
      await s.bind(fd, any(family));
      const own = await s.getsockname(fd);
      await s.connect(fd, at);
      const [, peer] = await node.address(await node.accept(server));
      expect(peer).toEqual(own);
    },
  );

  it(
    `a server of the guest's serves Node, over ${family}`,
    ["open", "listen", "names"],
    async ({ node, start }) => {
      const s = await start();
      const [listener, at] = await listening(s, family);
      const peer = (await node.connect(at)) as number;
      const fd = await s.accept(listener);
      await node.write(peer, "question");
      expect(textOf(await s.recv(fd, 100))).toBe("question");
      await s.send(fd, bytesOf("answer"));
      expect(await node.read(peer, 6)).toBe("answer");
    },
  );

  it(
    `a datagram arrives whole, with who sent it, over ${family}`,
    ["open", "datagrams", "names"],
    async ({ node, start }) => {
      const s = await start();
      const [fd, at] = await bound(s, family);
      const [socket, from] = await node.datagrams(family);
      await node.sendto(socket, "datagram", at);
      const received = await s.recvfrom(fd, 100);
      expect(textOf(received.bytes)).toBe("datagram");
      expect(received.from).toEqual(from);
      expect(received.truncated).toBe(false);
    },
  );

  it(
    `a datagram can be answered by the address it came with, over ${family}`,
    ["open", "datagrams", "names"],
    async ({ node, start }) => {
      const s = await start();
      const [fd, at] = await bound(s, family);
      const [socket] = await node.datagrams(family);
      await node.sendto(socket, "question", at);
      const { from } = await s.recvfrom(fd, 100);
      expect(await s.sendto(fd, bytesOf("answer"), from)).toBe(6);
      expect(await node.received(socket)).toEqual(["answer", at]);
    },
  );
}

it("a second connect is EISCONN", ["open"], async ({ node, start }) => {
  const s = await start();
  const [, at] = await node.listen("inet");
  const fd = await connected(s, at);
  await fails(() => s.connect(fd, at), "EISCONN");
});

it(
  "a socket whose connect was refused can connect again",
  ["open", "reconnect"],
  async ({ node, start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    const closed = await node.closed("inet");
    await fails(() => s.connect(fd, closed), "ECONNREFUSED");
    const [, at] = await node.listen("inet", "echo");
    await s.connect(fd, at);
    await s.send(fd, bytesOf("x"));
    expect(textOf(await s.recv(fd, 1))).toBe("x");
  },
);

it(
  "connect of a socket that does not wait is EINPROGRESS, and writable once it is connected",
  ["open", "nonblocking", "poll"],
  async ({ node, start }) => {
    const s = await start();
    const [server, at] = await node.listen("inet");
    const fd = await s.socket("inet", "stream");
    await s.setNonBlocking(fd, true);
    await fails(() => s.connect(fd, at), "EINPROGRESS");
    expect(await s.poll([{ fd, events: "out" }], 5000)).toEqual([{ fd, events: "out" }]);
    await s.send(fd, bytesOf("late"));
    expect(await node.read(await node.accept(server), 4)).toBe("late");
  },
);

it(
  "SO_ERROR tells why a connect that was not waited for failed, and then no more",
  ["open", "nonblocking", "poll", "option error"],
  async ({ node, start }) => {
    const s = await start();
    const at = await node.closed("inet");
    const fd = await s.socket("inet", "stream");
    await s.setNonBlocking(fd, true);
    await fails(() => s.connect(fd, at), "EINPROGRESS");
    await s.poll([{ fd, events: "out" }], 5000);
    await fails(async () => {
      await s.getOption(fd, "error");
    }, "ECONNREFUSED");
    expect(await s.getOption(fd, "error")).toBe(0);
  },
);

it("connect to an address of another family fails", ["open"], async ({ start }) => {
  const s = await start();
  const fd = await s.socket("inet", "stream");
  await fails(() => s.connect(fd, { family: "inet6", address: "::1", port: 9 }), "EAFNOSUPPORT");
});

it(
  "getpeername of a socket that is not connected is ENOTCONN",
  ["open", "names"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    await fails(() => s.getpeername(fd), "ENOTCONN");
  },
);

it(
  "getsockname of a socket that is not bound is the unspecified address",
  ["open", "names", "names unbound"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    expect(await s.getsockname(fd)).toEqual({ family: "inet", address: "0.0.0.0", port: 0 });
    const fd6 = await s.socket("inet6", "stream");
    expect(await s.getsockname(fd6)).toEqual({ family: "inet6", address: "::", port: 0 });
  },
);

it(
  "a guest's two sockets are connected to each other",
  ["open", "listen", "names"],
  async ({ start }) => {
    const s = await start();
    const [listener, at] = await listening(s, "inet");
    const client = await connected(s, at);
    const server = await s.accept(listener);
    await s.send(client, bytesOf("ping"));
    expect(textOf(await s.recv(server, 9))).toBe("ping");
    expect(await s.getpeername(server)).toEqual(await s.getsockname(client));
  },
);

// Binding and listening

it("a second listener on the port is in use", ["open", "listen", "names"], async ({ start }) => {
  const s = await start();
  const [, at] = await listening(s, "inet");
  const second = await s.socket("inet", "stream");
  await fails(() => s.bind(second, at), "EADDRINUSE");
});

it("a second bind is EINVAL", ["open"], async ({ start }) => {
  const s = await start();
  const fd = await s.socket("inet", "stream");
  await s.bind(fd, any("inet"));
  await fails(() => s.bind(fd, any("inet")), "EINVAL");
});

it("bind to an address that is not this host's is EADDRNOTAVAIL", ["open"], async ({ start }) => {
  const s = await start();
  const fd = await s.socket("inet", "stream");
  await fails(() => s.bind(fd, { family: "inet", address: "192.0.2.1", port: 0 }), "EADDRNOTAVAIL");
});

it("any address of 127.0.0.0/8 can be bound", ["open", "names"], async ({ start }) => {
  const s = await start();
  const fd = await s.socket("inet", "stream");
  await s.bind(fd, { family: "inet", address: "127.0.0.2", port: 0 });
  expect((await s.getsockname(fd)).address).toBe("127.0.0.2");
});

it(
  "SO_REUSEADDR does not let two listen on a port",
  ["open", "listen", "names", "option reuseaddr"],
  async ({ start }) => {
    const s = await start();
    const [, at] = await listening(s, "inet");
    const second = await s.socket("inet", "stream");
    await s.setOption(second, "reuseaddr", 1);
    await fails(() => s.bind(second, at), "EADDRINUSE");
  },
);

it(
  "accept of a socket that does not listen is EINVAL",
  ["open", "accept anywhere"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    await fails(() => s.accept(fd), "EINVAL");
  },
);

it(
  "listen on a socket of datagrams is EOPNOTSUPP",
  ["open", "datagrams", "any type"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "dgram");
    await fails(() => s.listen(fd, 1), "EOPNOTSUPP");
  },
);

it(
  "accept of a socket of datagrams is EOPNOTSUPP",
  ["open", "datagrams", "any type"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "dgram");
    await fails(() => s.accept(fd), "EOPNOTSUPP");
  },
);

it(
  "a socket that was never bound listens on a port of the kernel's",
  ["open", "listen", "names", "listen unbound"],
  async ({ node, start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    await s.listen(fd, 4);
    const { port } = await s.getsockname(fd);
    expect(port).toBeGreaterThan(0);
    expect(await node.connect({ ...any("inet"), port })).toBeTypeOf("number");
  },
);

it("connections are accepted in their order", [], async ({ node, start }) => {
  const s = await start();
  const { fd, address } = s.listeners[0]!;
  const peers = [await node.connect(address), await node.connect(address)] as number[];
  const accepted = [await s.accept(fd), await s.accept(fd)];
  for (const [i, peer] of peers.entries()) await node.write(peer, String(i));
  expect(textOf(await s.recv(accepted[0]!, 9))).toBe("0");
  expect(textOf(await s.recv(accepted[1]!, 9))).toBe("1");
});

it(
  "a connection that the peer closed before accept is accepted, and at its end",
  [],
  async ({ node, start }) => {
    const s = await start();
    const { fd, address } = s.listeners[0]!;
    const peer = (await node.connect(address)) as number;
    await node.write(peer, "gone");
    await node.end(peer);
    const accepted = await s.accept(fd);
    expect(textOf(await s.recv(accepted, 9))).toBe("gone");
    expect(await s.recv(accepted, 9)).toHaveLength(0);
  },
);

it("an accepted socket waits although its listener does not", ["nonblocking"], async (context) => {
  const s = await context.start();
  const { fd, address } = s.listeners[0]!;
  await s.setNonBlocking(fd, true);
  const peer = (await context.node.connect(address)) as number;
  const accepted = await s.accept(fd);
  await context.node.write(peer, "x");
  expect(textOf(await s.recv(accepted, 1))).toBe("x");
});

it(
  "accept can make a socket that does not wait",
  ["accept-nonblocking"],
  async ({ node, start }) => {
    const s = await start();
    const { fd, address } = s.listeners[0]!;
    await node.connect(address);
    const accepted = await s.accept(fd, true);
    await fails(() => s.recv(accepted, 1), "EAGAIN");
  },
);

it(
  "accept on a listener that does not wait is EAGAIN where nobody has come",
  ["nonblocking"],
  async ({ start }) => {
    const s = await start();
    const { fd } = s.listeners[0]!;
    await s.setNonBlocking(fd, true);
    await fails(() => s.accept(fd), "EAGAIN");
  },
);

it("a listener has no bytes: recv is ENOTCONN", ["recv anywhere"], async ({ start }) => {
  const s = await start();
  await fails(() => s.recv(s.listeners[0]!.fd, 1), "ENOTCONN");
});

it("send on a listener is EPIPE", ["send anywhere"], async ({ start }) => {
  const s = await start();
  await fails(() => s.send(s.listeners[0]!.fd, bytesOf("x")), "EPIPE");
});

it(
  "a bad place for a new descriptor is EFAULT, and loses no connection",
  ["pointers"],
  async ({ node, start }) => {
    const s = await start();
    const { fd, address } = s.listeners[0]!;
    const peer = (await node.connect(address)) as number;
    await fails(() => s.acceptNowhere(fd), "EFAULT");
    const accepted = await s.accept(fd);
    await s.send(accepted, bytesOf("kept"));
    expect(await node.read(peer, 4)).toBe("kept");
  },
);

// Streams

for (const family of FAMILIES) {
  it(`a connection carries bytes both ways, over ${family}`, [], async (context) => {
    const s = await context.start();
    const [fd, peer] = await connection(context, s, family);
    await context.node.write(peer, "to the guest");
    expect(textOf(await s.recv(fd, 100))).toBe("to the guest");
    expect(await s.send(fd, bytesOf("to the peer"))).toBe(11);
    expect(await context.node.read(peer, 11)).toBe("to the peer");
  });
}

it("recv takes no more than there is room for, and the rest later", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.write(peer, "abcdef");
  expect(textOf(await s.recv(fd, 2))).toBe("ab");
  expect(textOf(await s.recv(fd, 100))).toBe("cdef");
});

it("recv of nothing gives nothing, and takes nothing", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.write(peer, "x");
  expect(await s.recv(fd, 0)).toHaveLength(0);
  expect(textOf(await s.recv(fd, 1))).toBe("x");
});

it("recv waits for bytes that are under way", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  const reply = context.node.read(peer, 1).then(() => context.node.write(peer, "reply"));
  await s.send(fd, bytesOf("x"));
  await reply;
  expect(textOf(await s.recv(fd, 9))).toBe("reply");
});

it("recv gives the end where the peer has ended, again and again", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.end(peer);
  for (let i = 0; i < 3; i++) expect(await s.recv(fd, 10)).toHaveLength(0);
});

it("bytes that came before the end are still there", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.write(peer, "last words");
  await context.node.end(peer);
  expect(textOf(await s.recv(fd, 4))).toBe("last");
  expect(textOf(await s.recv(fd, 100))).toBe(" words");
  expect(await s.recv(fd, 100)).toHaveLength(0);
});

it("after the peer has ended, bytes can still be sent", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.end(peer);
  expect(await s.recv(fd, 1)).toHaveLength(0);
  await s.send(fd, bytesOf("half open"));
  expect(await context.node.read(peer, 9)).toBe("half open");
});

it("a reset is ECONNRESET to recv, and then the end", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.reset(peer);
  await fails(() => s.recv(fd, 1), "ECONNRESET");
  expect(await s.recv(fd, 1)).toHaveLength(0);
});

it("send after a reset is EPIPE once the reset was told", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.reset(peer);
  await fails(() => s.recv(fd, 1), "ECONNRESET");
  await fails(() => s.send(fd, bytesOf("x")), "EPIPE");
});

it("8 MiB arrive whole at the guest", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.flood(peer, 8 << 20);
  expect(await receiveAll(s, fd)).toBe(8 << 20);
});

it("a send of 4 MiB waits until all of it is taken", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  const bytes = new Uint8Array(4 << 20).fill(7);
  expect(await s.send(fd, bytes)).toBe(bytes.length);
  await s.shutdown(fd, "write");
  expect(await context.node.count(peer)).toBe(bytes.length);
});

it("bytes keep their values, all 256 of them", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  await s.send(fd, all);
  const back = await context.node.read(peer, 256);
  expect(back).toBe(textOf(all));
  await context.node.write(peer, back);
  const received: number[] = [];
  while (received.length < 256) received.push(...(await s.recv(fd, 256)));
  expect(received).toEqual([...all]);
});

it(
  "recv on a socket that is not connected is ENOTCONN",
  ["open", "recv anywhere"],
  async ({ start }) => {
    const s = await start();
    await fails(async () => s.recv(await s.socket("inet", "stream"), 1), "ENOTCONN");
  },
);

it(
  "send on a socket that is not connected is EPIPE",
  ["open", "send anywhere"],
  async ({ start }) => {
    const s = await start();
    await fails(async () => s.send(await s.socket("inet", "stream"), bytesOf("x")), "EPIPE");
  },
);

it("peek leaves the data", ["peek"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.write(peer, "looked at");
  expect(textOf(await s.recv(fd, 6, "peek"))).toBe("looked");
  expect(textOf(await s.recv(fd, 100, "peek"))).toBe("looked at");
  expect(textOf(await s.recv(fd, 100))).toBe("looked at");
});

it("a receive of all bytes waits for the last of them", ["waitall"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.flood(peer, 300_000);
  expect(await s.recv(fd, 200_000, "waitall")).toHaveLength(200_000);
});

it(
  "a receive of all bytes gives what there was where the peer ends",
  ["waitall"],
  async (context) => {
    const s = await context.start();
    const [fd, peer] = await connection(context, s);
    await context.node.write(peer, "short");
    await context.node.end(peer);
    expect(textOf(await s.recv(fd, 100, "waitall"))).toBe("short");
  },
);

it("several vectors are sent as one", ["vectors"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  const vectors = [bytesOf("one"), bytesOf(""), bytesOf("two"), bytesOf("three")];
  expect(await s.sendVectors(fd, vectors)).toBe(11);
  expect(await context.node.read(peer, 11)).toBe("onetwothree");
});

it("several vectors are filled one after the other", ["vectors"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.write(peer, "abcdefgh");
  const filled = await s.recvVectors(fd, [1, 0, 3, 100]);
  expect(filled.map(textOf)).toEqual(["a", "", "bcd", "efgh"]);
});

it("3 MiB in several vectors are all sent", ["vectors"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  const part = new Uint8Array(1 << 20);
  expect(await s.sendVectors(fd, [part, part, part])).toBe(3 << 20);
  await s.shutdown(fd, "write");
  expect(await context.node.count(peer)).toBe(3 << 20);
});

it(
  "memory that is not there is EFAULT to recv, and takes no bytes",
  ["pointers"],
  async (context) => {
    const s = await context.start();
    const [fd, peer] = await connection(context, s);
    await context.node.write(peer, "kept");
    await fails(() => s.recvNowhere(fd, 4), "EFAULT");
    expect(textOf(await s.recv(fd, 9))).toBe("kept");
  },
);

// Shutting down

it("shutdown of sending ends the stream for the peer, who may go on", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await s.send(fd, bytesOf("done"));
  await s.shutdown(fd, "write");
  expect(await context.node.read(peer, 4)).toBe("done");
  expect(await context.node.fate(peer)).toBe("end");
  await context.node.write(peer, "answer");
  expect(textOf(await s.recv(fd, 100))).toBe("answer");
});

it("send after shutdown of sending is EPIPE", ["send ended"], async (context) => {
  const s = await context.start();
  for (const how of ["write", "both"] as const) {
    const [fd] = await connection(context, s);
    await s.shutdown(fd, how);
    await fails(() => s.send(fd, bytesOf("x")), "EPIPE");
  }
});

it("recv after shutdown of receiving is the end", [], async (context) => {
  const s = await context.start();
  const [fd] = await connection(context, s);
  await s.shutdown(fd, "read");
  expect(await s.recv(fd, 1)).toHaveLength(0);
});

it("shutdown of receiving leaves sending alone", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await s.shutdown(fd, "read");
  await s.send(fd, bytesOf("still"));
  expect(await context.node.read(peer, 5)).toBe("still");
});

it("shutdown of both ends both", [], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await s.shutdown(fd, "both");
  expect(await s.recv(fd, 1)).toHaveLength(0);
  expect(await context.node.fate(peer)).toBe("end");
});

it(
  "shutdown of a socket that is not connected is ENOTCONN",
  ["open", "shutdown anywhere"],
  async ({ start }) => {
    const s = await start();
    await fails(async () => s.shutdown(await s.socket("inet", "stream"), "both"), "ENOTCONN");
  },
);

// Not waiting

it(
  "recv on a socket that does not wait is EAGAIN where there is nothing",
  ["nonblocking"],
  async (context) => {
    const s = await context.start();
    const [fd] = await connection(context, s);
    await s.setNonBlocking(fd, true);
    await fails(() => s.recv(fd, 1), "EAGAIN");
  },
);

it("a socket that does not wait can be made to wait again", ["nonblocking"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await s.setNonBlocking(fd, true);
  await fails(() => s.recv(fd, 1), "EAGAIN");
  await s.setNonBlocking(fd, false);
  await context.node.write(peer, "x");
  expect(textOf(await s.recv(fd, 1))).toBe("x");
});

it(
  "send on a socket that does not wait takes a part, and is EAGAIN when it is full",
  ["nonblocking"],
  async (context) => {
    const s = await context.start();
    const [fd, peer] = await connection(context, s);
    await s.setNonBlocking(fd, true);
    const count = await fill(s, fd);
    await s.shutdown(fd, "write");
    expect(await context.node.count(peer)).toBe(count);
  },
);

// Waiting for several

it("poll says that a connection with bytes is readable", ["poll"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.write(peer, "x");
  expect(await s.poll([{ fd, events: "in" }], -1)).toEqual([{ fd, events: "in" }]);
});

it("poll says that a connection with room is writable", ["poll"], async (context) => {
  const s = await context.start();
  const [fd] = await connection(context, s);
  expect(await s.poll([{ fd, events: "out" }], -1)).toEqual([{ fd, events: "out" }]);
});

it("poll says that a listener with a connection is readable", ["poll"], async ({ node, start }) => {
  const s = await start();
  const { fd, address } = s.listeners[0]!;
  await node.connect(address);
  expect(await s.poll([{ fd, events: "in" }], -1)).toEqual([{ fd, events: "in" }]);
});

it("poll says that a connection that has ended is readable", ["poll"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await context.node.end(peer);
  expect(await s.poll([{ fd, events: "in" }], -1)).toEqual([{ fd, events: "in" }]);
});

it("poll finds the one of several that is ready", ["poll"], async (context) => {
  const s = await context.start();
  const [first] = await connection(context, s);
  const [second, peer] = await connection(context, s);
  await context.node.write(peer, "x");
  const wanted = [first, second].map((fd) => ({ fd, events: "in" }) as const);
  expect(await s.poll(wanted, -1)).toEqual([{ fd: second, events: "in" }]);
});

it("poll finds all that are ready", ["poll"], async (context) => {
  const s = await context.start();
  const [first, one] = await connection(context, s);
  const [second, other] = await connection(context, s, "inet6");
  await context.node.write(one, "x");
  await context.node.write(other, "y");
  await s.poll([{ fd: first, events: "in" }], -1);
  await s.poll([{ fd: second, events: "in" }], -1);
  const wanted = [first, second].map((fd) => ({ fd, events: "in" }) as const);
  expect(await s.poll(wanted, -1)).toEqual(wanted);
});

it(
  "poll of nothing that is ready ends when its time is up",
  ["poll", "timeout"],
  async (context) => {
    const s = await context.start();
    const [fd] = await connection(context, s);
    expect(await s.poll([{ fd, events: "in" }], 20)).toEqual([]);
  },
);

it(
  "poll does not wait for its time where something is ready",
  ["poll", "timeout"],
  async (context) => {
    const s = await context.start();
    const [fd, peer] = await connection(context, s);
    await context.node.write(peer, "x");
    expect(await s.poll([{ fd, events: "in" }], 3_600_000)).toEqual([{ fd, events: "in" }]);
  },
);

it("poll waits for an answer that is under way", ["poll", "open"], async ({ node, start }) => {
  const s = await start();
  const [, at] = await node.listen("inet", "echo");
  const fd = await connected(s, at);
  await s.send(fd, bytesOf("x"));
  expect(await s.poll([{ fd, events: "in" }], -1)).toEqual([{ fd, events: "in" }]);
  expect(textOf(await s.recv(fd, 1))).toBe("x");
});

it(
  "a connection that is full is not writable",
  ["open", "poll", "timeout", "nonblocking"],
  async ({ node, start }) => {
    const s = await start();
    const [, at] = await node.listen("inet", "paused");
    const fd = await connected(s, at);
    await s.setNonBlocking(fd, true);
    await fill(s, fd);
    expect(await s.poll([{ fd, events: "out" }], 20)).toEqual([]);
  },
);

// Datagrams

it(
  "a datagram that is longer than its room is cut, and says so",
  ["open", "datagrams", "names", "truncation"],
  async ({ node, start }) => {
    const s = await start();
    const [fd, at] = await bound(s, "inet");
    const [socket] = await node.datagrams("inet");
    await node.sendto(socket, "too long for it", at);
    await node.sendto(socket, "next", at);
    const first = await s.recvfrom(fd, 3);
    expect(textOf(first.bytes)).toBe("too");
    expect(first.truncated).toBe(true);
    const second = await s.recvfrom(fd, 100);
    expect(textOf(second.bytes)).toBe("next");
    expect(second.truncated).toBe(false);
  },
);

it("an empty datagram is one", ["open", "datagrams", "names"], async ({ node, start }) => {
  const s = await start();
  const [fd, at] = await bound(s, "inet");
  const [socket, from] = await node.datagrams("inet");
  await node.sendto(socket, "", at);
  const received = await s.recvfrom(fd, 10);
  expect(received.bytes).toHaveLength(0);
  expect(received.from).toEqual(from);
});

it(
  "datagrams keep their borders and their order",
  ["open", "datagrams", "names"],
  async ({ node, start }) => {
    const s = await start();
    const [fd, at] = await bound(s, "inet");
    const [socket] = await node.datagrams("inet");
    for (const text of ["a", "bb", "ccc"]) await node.sendto(socket, text, at);
    for (const text of ["a", "bb", "ccc"]) {
      expect(textOf((await s.recvfrom(fd, 100)).bytes)).toBe(text);
    }
  },
);

it("an empty datagram is sent", ["open", "datagrams"], async ({ node, start }) => {
  const s = await start();
  const fd = await s.socket("inet", "dgram");
  const [socket, at] = await node.datagrams("inet");
  expect(await s.sendto(fd, new Uint8Array(0), at)).toBe(0);
  expect((await node.received(socket))[0]).toBe("");
});

it(
  "a datagram from a socket that was never bound has a port of the kernel's",
  ["open", "datagrams", "names", "send unbound"],
  async ({ node, start }) => {
    const s = await start();
    const fd = await s.socket("inet", "dgram");
    const [socket, at] = await node.datagrams("inet");
    await s.sendto(fd, bytesOf("x"), at);
    const [, from] = await node.received(socket);
    expect(from.port).toBeGreaterThan(0);
    expect((await s.getsockname(fd)).port).toBe(from.port);
  },
);

it(
  "a datagram of 60,000 bytes arrives whole both ways",
  ["open", "datagrams"],
  async ({ node, start }) => {
    const s = await start();
    const fd = await s.socket("inet", "dgram");
    const [, at] = await node.datagrams("inet", "echo");
    const bytes = new Uint8Array(60_000).fill(0x61);
    expect(await s.sendto(fd, bytes, at)).toBe(bytes.length);
    const received = await s.recvfrom(fd, 65_536);
    expect(textOf(received.bytes)).toBe(textOf(bytes));
    expect(received.from).toEqual(at);
  },
);

it(
  "a datagram of more than UDP carries is EMSGSIZE",
  ["open", "datagrams"],
  async ({ node, start }) => {
    const s = await start();
    const fd = await s.socket("inet", "dgram");
    const [, at] = await node.datagrams("inet");
    await fails(() => s.sendto(fd, new Uint8Array(65_508), at), "EMSGSIZE");
  },
);

it(
  "a datagram to the broadcast address is EACCES without SO_BROADCAST",
  ["open", "datagrams"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "dgram");
    const to = { family: "inet", address: "127.255.255.255", port: 9 } as const;
    await fails(() => s.sendto(fd, bytesOf("x"), to), "EACCES");
  },
);

it(
  "a datagram to the broadcast address goes with SO_BROADCAST",
  ["open", "datagrams", "option broadcast"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "dgram");
    await s.setOption(fd, "broadcast", 1);
    const to = { family: "inet", address: "127.255.255.255", port: 9 } as const;
    expect(await s.sendto(fd, bytesOf("x"), to)).toBe(1);
  },
);

it(
  "a connected socket of datagrams sends to its peer",
  ["open", "datagrams", "connected-datagrams", "names"],
  async ({ node, start }) => {
    const s = await start();
    const [socket, at] = await node.datagrams("inet");
    const fd = await s.socket("inet", "dgram");
    await s.connect(fd, at);
    expect(await s.send(fd, bytesOf("to the peer"))).toBe(11);
    expect((await node.received(socket))[0]).toBe("to the peer");
    expect(await s.getpeername(fd)).toEqual(at);
  },
);

it(
  "a connected socket of datagrams receives from its peer alone",
  ["open", "datagrams", "connected-datagrams", "names"],
  async ({ node, start }) => {
    const s = await start();
    const [socket, at] = await node.datagrams("inet");
    const [stranger] = await node.datagrams("inet");
    const fd = await s.socket("inet", "dgram");
    await s.connect(fd, at);
    const own = await s.getsockname(fd);
    await node.sendto(stranger, "from a stranger", own);
    await node.sendto(socket, "from the peer", own);
    expect(textOf(await s.recv(fd, 100))).toBe("from the peer");
  },
);

it(
  "send without an address on a socket of datagrams is EDESTADDRREQ",
  ["open", "datagrams", "connected-datagrams"],
  async ({ start }) => {
    const s = await start();
    await fails(async () => s.send(await s.socket("inet", "dgram"), bytesOf("x")), "EDESTADDRREQ");
  },
);

it(
  "a connected socket of datagrams learns that nobody is there",
  ["open", "datagrams", "connected-datagrams", "poll"],
  async ({ node, start }) => {
    const s = await start();
    const at = await node.closed("inet");
    const fd = await s.socket("inet", "dgram");
    await s.connect(fd, at);
    await s.send(fd, bytesOf("x"));
    await s.poll([{ fd, events: "in" }], -1);
    await fails(() => s.recv(fd, 1), "ECONNREFUSED");
  },
);

// Options

it(
  "SO_REUSEADDR is off, and on once it was set",
  ["open", "option reuseaddr"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    expect(await s.getOption(fd, "reuseaddr")).toBe(0);
    await s.setOption(fd, "reuseaddr", 1);
    expect(await s.getOption(fd, "reuseaddr")).toBe(1);
  },
);

it("SO_KEEPALIVE can be set and taken back", ["option keepalive"], async (context) => {
  const s = await context.start();
  const [fd] = await connection(context, s);
  await s.setOption(fd, "keepalive", 1);
  expect(await s.getOption(fd, "keepalive")).toBe(1);
  await s.setOption(fd, "keepalive", 0);
  expect(await s.getOption(fd, "keepalive")).toBe(0);
});

it(
  "SO_SNDBUF and SO_RCVBUF are doubled by Linux",
  ["open", "option sndbuf", "option rcvbuf", "doubled sizes"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    await s.setOption(fd, "sndbuf", 65_536);
    await s.setOption(fd, "rcvbuf", 32_768);
    expect(await s.getOption(fd, "sndbuf")).toBe(131_072);
    expect(await s.getOption(fd, "rcvbuf")).toBe(65_536);
  },
);

it(
  "a buffer has at least the size that was asked for",
  ["open", "option sndbuf", "option rcvbuf"],
  async ({ start }) => {
    const s = await start();
    for (const option of ["sndbuf", "rcvbuf"] as const) {
      const fd = await s.socket("inet6", "stream");
      const before = await s.getOption(fd, option);
      await s.setOption(fd, option, 100_000);
      const after = await s.getOption(fd, option);
      expect(after).not.toBe(before);
      expect(after).toBeGreaterThanOrEqual(100_000);
    }
  },
);

it("TCP_NODELAY can be set", ["open", "option nodelay"], async ({ start }) => {
  const s = await start();
  const fd = await s.socket("inet", "stream");
  expect(await s.getOption(fd, "nodelay")).toBe(0);
  await s.setOption(fd, "nodelay", 1);
  expect(await s.getOption(fd, "nodelay")).toBe(1);
});

it("IP_TTL can be set", ["open", "option ttl"], async ({ start }) => {
  const s = await start();
  const fd = await s.socket("inet", "stream");
  await s.setOption(fd, "ttl", 42);
  expect(await s.getOption(fd, "ttl")).toBe(42);
  const other = await s.socket("inet", "stream");
  expect(await s.getOption(other, "ttl")).not.toBe(42);
});

it("an accepted socket has its listener's IP_TTL", ["option ttl"], async (context) => {
  const s = await context.start();
  await s.setOption(s.listeners[0]!.fd, "ttl", 33);
  const [fd] = await connection(context, s);
  expect(await s.getOption(fd, "ttl")).toBe(33);
});

it(
  "TCP_KEEPIDLE and TCP_KEEPINTVL are seconds, each its own",
  ["open", "option keepidle", "option keepintvl"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    await s.setOption(fd, "keepidle", 70);
    await s.setOption(fd, "keepintvl", 7);
    expect(await s.getOption(fd, "keepidle")).toBe(70);
    expect(await s.getOption(fd, "keepintvl")).toBe(7);
  },
);

it("TCP_KEEPCNT can be set", ["open", "option keepcnt"], async ({ start }) => {
  const s = await start();
  const fd = await s.socket("inet6", "stream");
  await s.setOption(fd, "keepcnt", 3);
  expect(await s.getOption(fd, "keepcnt")).toBe(3);
});

it(
  "SO_TYPE tells streams from datagrams",
  ["open", "datagrams", "option type"],
  async ({ start }) => {
    const s = await start();
    const stream = await s.getOption(await s.socket("inet", "stream"), "type");
    const datagram = await s.getOption(await s.socket("inet", "dgram"), "type");
    expect(stream).not.toBe(datagram);
  },
);

it(
  "SO_ACCEPTCONN tells who listens",
  ["open", "listen", "option acceptconn"],
  async ({ start }) => {
    const s = await start();
    const fd = await s.socket("inet", "stream");
    await s.bind(fd, any("inet"));
    expect(await s.getOption(fd, "acceptconn")).toBe(0);
    await s.listen(fd, 1);
    expect(await s.getOption(fd, "acceptconn")).toBe(1);
  },
);

it("SO_RCVTIMEO ends a wait with EAGAIN", ["option rcvtimeo"], async (context) => {
  const s = await context.start();
  const [fd] = await connection(context, s);
  await s.setOption(fd, "rcvtimeo", 20);
  await fails(() => s.recv(fd, 1), "EAGAIN");
});

it("SO_LINGER of 0 seconds makes close a reset", ["option linger"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  await s.setOption(fd, "linger", 0);
  await s.close(fd);
  expect(await context.node.fate(peer)).toBe("ECONNRESET");
});

// One number space

it("write and read work on a connection", ["files"], async (context) => {
  const s = await context.start();
  const [fd, peer] = await connection(context, s);
  expect(await s.write(fd, bytesOf("written"))).toBe(7);
  expect(await context.node.read(peer, 7)).toBe("written");
  await context.node.write(peer, "read");
  expect(textOf(await s.read(fd, 100))).toBe("read");
});

it(
  "a descriptor that took another's number is that connection, and the other is closed",
  ["renumber"],
  async (context) => {
    const s = await context.start();
    const [first, one] = await connection(context, s);
    const [second, other] = await connection(context, s);
    await s.renumber(first, second);
    expect(await context.node.fate(other)).toBe("end");
    await fails(() => s.recv(first, 1), "EBADF");
    await context.node.write(one, "moved");
    expect(textOf(await s.recv(second, 100))).toBe("moved");
  },
);

it("the number of a descriptor that moved is free", ["renumber"], async (context) => {
  const s = await context.start();
  const [first] = await connection(context, s);
  const [second] = await connection(context, s);
  await s.renumber(first, second);
  const [third] = await connection(context, s);
  expect(third).toBe(first);
});

it("a number that is not open takes no descriptor", ["renumber"], async (context) => {
  const s = await context.start();
  const [fd] = await connection(context, s);
  await fails(() => s.renumber(fd, fd + 1), "EBADF");
  await fails(() => s.renumber(fd, 0x7fffffff), "EBADF");
  await fails(() => s.renumber(1000, fd), "EBADF");
});

// Names

it("localhost resolves to loopback", ["resolve"], async ({ start }) => {
  const s = await start();
  expect(await s.resolve("localhost", "inet")).toContain("127.0.0.1");
});

it("an address in text resolves to itself", ["resolve"], async ({ start }) => {
  const s = await start();
  expect(await s.resolve("192.0.2.7", "inet")).toEqual(["192.0.2.7"]);
  expect(await s.resolve("2001:db8::7", "inet6")).toEqual(["2001:db8::7"]);
});

// What is allowed

it("a guest that may reach nothing may connect nowhere", ["open"], async ({ node, start }) => {
  const s = await start({});
  const [, at] = await node.listen("inet");
  await fails(async () => s.connect(await s.socket("inet", "stream"), at), "EACCES");
});

it("a guest that may reach nothing may bind nothing", ["open"], async ({ start }) => {
  const s = await start({});
  await fails(async () => s.bind(await s.socket("inet", "stream"), any("inet")), "EACCES");
});

it(
  "a guest that may reach nothing may listen nowhere, also where it did not bind",
  ["open", "listen", "listen unbound"],
  async ({ start }) => {
    const s = await start({});
    await fails(async () => s.listen(await s.socket("inet", "stream"), 1), "EACCES");
  },
);

it(
  "a guest that may bind and reach nothing sends no datagram",
  ["open", "datagrams"],
  async ({ node, start }) => {
    const s = await start({ bind: true });
    const [, at] = await node.datagrams("inet");
    await fails(async () => s.sendto(await s.socket("inet", "dgram"), bytesOf("x"), at), "EACCES");
  },
);

it(
  "a guest reaches the address that it is allowed, and no other",
  ["open"],
  async ({ node, start }) => {
    const [, at] = await node.listen("inet", "echo");
    const [, other] = await node.listen("inet", "echo");
    const s = await start({ connect: [`tcp:127.0.0.1:${at.port}`] });
    await fails(async () => s.connect(await s.socket("inet", "stream"), other), "EACCES");
    const fd = await s.socket("inet", "stream");
    await s.connect(fd, at);
    await s.send(fd, bytesOf("x"));
    expect(textOf(await s.recv(fd, 1))).toBe("x");
  },
);

it(
  "a guest binds the address that it is allowed, and no other",
  ["open", "names"],
  async ({ start }) => {
    const s = await start({ bind: ["tcp:127.0.0.1:*"] });
    const fd = await s.socket("inet", "stream");
    await fails(() => s.bind(fd, { family: "inet", address: "127.0.0.2", port: 0 }), "EACCES");
    await s.bind(fd, any("inet"));
    expect((await s.getsockname(fd)).address).toBe("127.0.0.1");
  },
);

it(
  "a guest that may reach nothing accepts at a listener that it was given",
  ["given"],
  async (context) => {
    const s = await context.start({});
    const [fd, peer] = await connection(context, s);
    await context.node.write(peer, "given");
    expect(textOf(await s.recv(fd, 9))).toBe("given");
  },
);

/** All of them. */
export const behaviours: readonly Behaviour[] = table;
