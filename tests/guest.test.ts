import { instantiate } from "wasi-sockets";
import { beforeAll, describe, expect, test } from "vitest";
import { compileGuest } from "./support/guest.js";

let wasm: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  wasm = await compileGuest(`
    import { AF, Errno, Inet, SOCK, connect, errno, socket } from "wasi-sockets/assembly";
    export function main(port: i32): i32 {
      const fd = socket(AF.INET, SOCK.STREAM, 0);
      return connect(fd, new Inet("127.0.0.1", port)) < 0 ? -errno() : fd;
    }
  `);
});

describe("instantiate", () => {
  test("a guest that is allowed nothing gets EACCES", async () => {
    using guest = await instantiate<{ main(port: number): number }>(wasm);
    expect(guest.exports.main(1)).toBe(-13);
  });
});
