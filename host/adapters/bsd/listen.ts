// Listening: listen, accept4.

import { Errno } from "../../marshal.js";
import { scratchLength } from "../../scratch.js";
import { accept4, listen } from "../../syscalls/listen.js";
import { until, type Wait } from "../../wait/index.js";
import { ACCEPT } from "../../wait/plan.js";
import type { Frame } from "./frame.js";

const { EBADF } = Errno;

/** The imports of one guest. */
export function listenCalls(frame: Frame, wait: Wait) {
  return {
    listen(fd: number, backlog: number): number {
      const descriptor = frame.descriptor(fd);
      return descriptor === undefined ? -EBADF : listen(frame.guest, descriptor, backlog);
    },

    accept4: until(wait, ACCEPT, (fd, pointer, lengthPointer, flags) => {
      const descriptor = frame.descriptor(fd);
      if (descriptor === undefined) return -EBADF;
      const error = frame.checkAddress(pointer, lengthPointer);
      if (error < 0) return error;
      const accepted = accept4(frame.guest, descriptor, flags, pointer !== 0);
      if (accepted >= 0) frame.writeAddress(pointer, lengthPointer, scratchLength());
      return accepted;
    }),
  };
}
