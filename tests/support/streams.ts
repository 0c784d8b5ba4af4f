// Streams of both directions, read to their end.

import { once } from "node:events";
import type { Duplex } from "node:stream";

/** All that a stream receives. Iterating it would destroy it at the end, with what it has still to write. */
export async function collected(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(stream, "end");
  return Buffer.concat(chunks);
}
