// WasmEdge's addresses: {buf, buf_len}, where buf has 128 bytes that begin with a family, or 4 or 16 that do not;
// and the port, in host byte order, as a parameter.

import { Errno, marshal, marshalBytes } from "../../../marshal.js";
import type { GuestMemory } from "../../../memory.js";
import type { Names } from "../names.js";

const { EFAULT, EINVAL } = Errno;
const { INT_SIZE, text, wasmedge_address: address, wasmedge_storage: storage } = marshal;

/** The strategy of one guest; where a call gives no port, portPointer is 0. */
export function wasmedgeNames(memory: GuestMemory): Names {
  let buffer = 0;
  let room = 0;
  let port = 0;
  return {
    read(pointer, port, out) {
      if (!memory.holds(pointer, address.sizeof)) return -EFAULT;
      const size = Math.min(memory.int32(pointer + address.buf_len) >>> 0, storage.sizeof);
      const from = memory.int32(pointer + address.buf);
      if (!memory.read(from, size, marshalBytes, text)) return -EFAULT;
      return marshal.wasmedgeToSockaddr(text, size, port, out);
    },

    check({ domain }, pointer, portPointer) {
      if (!memory.holds(pointer, address.sizeof)) return -EFAULT;
      room = Math.min(memory.int32(pointer + address.buf_len) >>> 0, storage.sizeof);
      buffer = memory.int32(pointer + address.buf);
      port = portPointer;
      if (!memory.holds(buffer, room)) return -EFAULT;
      if (port !== 0 && !memory.holds(port, INT_SIZE)) return -EFAULT;
      return room < marshal.wasmedgeBareSize(domain) ? -EINVAL : 0;
    },

    write(at, length) {
      const size = marshal.wasmedgeFromSockaddr(at, length, room, text);
      memory.write(buffer, size, marshalBytes, text);
      if (port !== 0 && memory.holds(port, INT_SIZE)) {
        memory.setInt32(port, marshal.wasmedgePortOf(at, length));
      }
    },
  };
}
