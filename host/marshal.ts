// Typed calls into the codecs of assembly/codec, whichever instance they live in.

import type { MarshalExports } from "./codecs.js";
import { compile, instantiate } from "./loader.js";

export { readText, writeText, type Codecs } from "./codecs.js";

/** The host's own trusted instance. No guest can reach its memory, which never grows. */
export const marshal: MarshalExports = instantiate(compile("marshal"));

/** The bytes of that instance. */
export const marshalBytes = new Uint8Array(marshal.memory.buffer);

/** The guest ABI's error numbers. */
export const Errno: MarshalExports["Errno"] = marshal.Errno;
