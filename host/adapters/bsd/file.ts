// Files: sendfile.

import { Errno, marshal, marshalBytes } from "../../marshal.js";
import { sendfile } from "../../syscalls/file.js";
import { until, type Wait } from "../../wait/index.js";
import { SENDFILE } from "../../wait/plan.js";
import type { Frame } from "./frame.js";

const { EBADF, EFAULT } = Errno;
const { value } = marshal;
/** Bytes of an off_t. */
const OFFSET_SIZE = 2 * marshal.INT_SIZE;

/** The imports of one guest. */
export function fileCalls(frame: Frame, wait: Wait) {
  const { memory } = frame;
  return {
    sendfile: until(wait, SENDFILE, (fd, file, offset, count, _e, _f, done) => {
      const descriptor = frame.descriptor(fd);
      const source = frame.descriptor(file);
      if (descriptor === undefined || source === undefined) return -EBADF;
      if (offset !== 0 && !memory.read(offset, OFFSET_SIZE, marshalBytes, value)) return -EFAULT;
      const sent = sendfile(descriptor, source, offset !== 0, (count >>> 0) - done);
      if (sent > 0 && offset !== 0) memory.write(offset, OFFSET_SIZE, marshalBytes, value);
      return sent;
    }),
  };
}
