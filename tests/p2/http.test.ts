// wasi:http of preview2-shim for a component of run(): its requests are made where everything is allowed, and nowhere else.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { http } from "#host/run/http";
import type { Denied } from "wasi-sockets";
import { expect, onTestFinished, test } from "vitest";
import { missing } from "../support/components.js";

if (missing !== undefined) console.warn(`left out: ${missing}`);

const shim = new URL(
  "../components/node_modules/@bytecodealliance/preview2-shim/dist/nodejs/http.js",
  import.meta.url,
).href;

/** What is called of preview2-shim. */
interface Types {
  readonly Fields: new () => object;
  readonly OutgoingRequest: new (headers: object) => {
    setAuthority(authority: string): void;
    setPathWithQuery(path: string): void;
    setScheme(scheme: { tag: "HTTP" }): void;
    body(): object;
  };
  readonly OutgoingBody: { finish(body: object, trailers: undefined): void };
}

test.skipIf(missing !== undefined)(
  "a request is denied and told of, unless everything is allowed",
  async () => {
    const server = createServer((_request, response) => response.end()).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server, "listening");
    const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const denied: Denied[] = [];
    const onDenied = (event: Denied) => denied.push(event);
    const send = async (allowed: boolean) => {
      const imports = await http(shim, allowed, onDenied);
      const types = imports["wasi:http/types"] as unknown as Types;
      const request = new types.OutgoingRequest(new types.Fields());
      request.setScheme({ tag: "HTTP" });
      request.setAuthority(authority);
      request.setPathWithQuery("/asked");
      types.OutgoingBody.finish(request.body(), undefined);
      const { handle } = imports["wasi:http/outgoing-handler"] as {
        handle: (request: object, options: undefined) => unknown;
      };
      return handle(request, undefined);
    };
    await expect(send(false)).rejects.toMatchObject({ payload: { tag: "HTTP-request-denied" } });
    expect(denied).toEqual([
      { use: "tcp-connect", protocol: "tcp", address: authority, syscall: "handle" },
    ]);
    const asked = once(server, "request") as Promise<[{ url: string }]>;
    await send(true);
    const [{ url }] = await asked;
    expect(url).toBe("/asked");
    expect(denied).toHaveLength(1);
  },
);
