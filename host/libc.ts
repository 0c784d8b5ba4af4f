// libc as Linux has it: its calls, numbers and layouts, which are the guest's. On another system ./compat makes them of
// that system's own.

import type { OpenHandle } from "./native/handle.js";
import { currentPlatform } from "./platform/index.js";

const onLinux = currentPlatform().name === "Linux";

const made: typeof import("./native/linux.js") = onLinux
  ? await import("./native/linux.js")
  : await import("./compat/index.js");
const watching: { readonly openHandle: OpenHandle } = onLinux
  ? await import("./native/epoll.js")
  : await import("./native/loop.js");

export const { clib, closeAddress, ctext, getaddrinfoAside, lastErrno, libc, resolver, sendView } =
  made;
export const { openHandle } = watching;

export type { EventLoopHandle } from "./native/handle.js";
export { addressOf } from "./native/library.js";
