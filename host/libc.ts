// libc as Linux has it: its calls, numbers and layouts, which are the guest's. On another system ./compat makes them of
// that system's own.

import { currentPlatform } from "./platform/index.js";

const made: typeof import("./native/linux.js") =
  currentPlatform().name === "Linux"
    ? await import("./native/linux.js")
    : await import("./compat/index.js");

export const { clib, closeAddress, ctext, getaddrinfoAside, lastErrno, libc, resolver, sendView } =
  made;

export { EventLoopHandle } from "./native/loop.js";
export { addressOf } from "./native/library.js";
