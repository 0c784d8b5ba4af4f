// Guests that end in the middle of something: a trap in a call of the host's, in a function that the host calls back,
// in the judgement of a policy. The next call works, and nothing of them is left.

import { readdirSync } from "node:fs";
import { instantiate, open } from "wasi-sockets";
import { beforeAll, expect, test } from "vitest";
import { compileGuest } from "../support/guest.js";
import { connected, errnoOf } from "../support/sockets.js";

interface Exports {
  /** Makes the two sockets that the others use. */
  open(): void;
  /** Opens a socket, sends, calls back, and receives: an error number. */
  work(): number;
  /** Traps. */
  trap(): void;
  /** Sends and receives: how many bytes came. */
  exchange(): number;
  /** Asks whether it may connect: an error number. */
  judged(): number;
}

let module: WebAssembly.Module;
beforeAll(async () => {
  const wasm = await compileGuest(`
    import { AF, Inet, SOCK, connect, errno, recv, send, socket, socketpair } from "wasi-sockets/assembly";
    @external("host", "back")
    declare function back(): void;
    let pair: StaticArray<i32> = [];
    export function open(): void {
      pair = socketpair(AF.UNIX, SOCK.STREAM, 0)!;
    }
    export function work(): i32 {
      socket(AF.INET, SOCK.STREAM, 0);
      send(pair[0], new Uint8Array(7));
      back();
      return recv(pair[1], new Uint8Array(7)) < 0 ? errno() : 0;
    }
    export function trap(): void {
      socket(AF.INET, SOCK.DGRAM, 0);
      unreachable();
    }
    export function exchange(): i32 {
      send(pair[0], new Uint8Array(5));
      return recv(pair[1], new Uint8Array(64));
    }
    export function judged(): i32 {
      const fd = socket(AF.INET, SOCK.STREAM, 0);
      return connect(fd, new Inet("127.0.0.1", 9)) < 0 ? errno() : 0;
    }
  `);
  module = await WebAssembly.compile(wasm);
});

const descriptors = () => readdirSync("/proc/self/fd");

test("a trap in a function that the host calls back ends the call, and the guest goes on if its host likes", async () => {
  (await instantiate(module, { imports: { host: { back: () => undefined } } })).dispose();
  const before = descriptors();
  for (let i = 0; i < 50; i++) {
    const guest = await instantiate<Exports>(module, {
      allow: true,
      imports: {
        host: {
          back: () => {
            guest.exports.trap();
          },
        },
      },
    });
    guest.exports.open();
    expect(() => guest.exports.work()).toThrow(WebAssembly.RuntimeError);
    // The seven bytes that were under way, and five more.
    expect(guest.exports.exchange()).toBe(12);
    expect(descriptors().length).toBe(before.length + 4);
    guest.dispose();
    expect(descriptors()).toEqual(before);
  }
});

test("a trap in the judgement of one of its calls refuses that call, and leaves nothing", async () => {
  using net = await open();
  const before = descriptors();
  const guest = await instantiate<Exports>(module, {
    allow: (use) => {
      if (use === "tcp-connect") guest.exports.trap();
      return true;
    },
    imports: { host: { back: () => undefined } },
  });
  guest.exports.open();
  for (let i = 0; i < 50; i++) expect(guest.exports.judged()).toBe(errnoOf("EACCES"));
  expect(guest.exports.exchange()).toBe(5);
  guest.dispose();
  expect(descriptors()).toEqual(before);
  const [left, right] = connected(net);
  expect(net.send(left, Buffer.from("others"))).toBe(6);
  expect(net.recv(right, new Uint8Array(8))).toBe(6);
});

test("a guest that is disposed of in a function that the host calls back has no descriptor, and its calls are EBADF", async () => {
  const before = descriptors();
  const guest = await instantiate<Exports>(module, {
    allow: true,
    imports: {
      host: {
        back: () => {
          guest.dispose();
        },
      },
    },
  });
  guest.exports.open();
  expect(guest.exports.work()).toBe(errnoOf("EBADF"));
  expect(descriptors()).toEqual(before);
});
