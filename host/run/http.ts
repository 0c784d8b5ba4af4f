// wasi:http 0.2, as preview2-shim has it. Its requests are none of our sockets, so no list can judge them: they are
// made for a component that may do everything, and for no other.

import { Failure } from "../component/error.js";
import type { ComponentImports } from "../adapters/p2/index.js";
import type { Denied } from "../policy/index.js";

interface Request {
  readonly authority: () => string | undefined;
}

/** What is used of preview2-shim. */
interface Shim {
  readonly types: Record<string, unknown>;
  readonly outgoingHandler: { readonly handle: (request: Request, options: unknown) => unknown };
}

/**
 * Loads those interfaces.
 *
 * @param url of preview2-shim's module
 * @param allowed whether requests are made
 * @param onDenied is told of each that is not
 */
export async function http(
  url: string,
  allowed: boolean,
  onDenied: (event: Denied) => void,
): Promise<ComponentImports> {
  const { types, outgoingHandler } = (await import(url)) as Shim;
  const handle = (request: Request, options: unknown): unknown => {
    if (allowed) return outgoingHandler.handle(request, options);
    const address = request.authority() ?? null;
    onDenied({ use: "tcp-connect", protocol: "tcp", address, syscall: "handle" });
    throw new Failure({ tag: "HTTP-request-denied" });
  };
  return { "wasi:http/types": types, "wasi:http/outgoing-handler": { handle } };
}
