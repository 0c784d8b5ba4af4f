// WAMR's addresses: a struct addr_t, which holds the port as well.

import { Errno, marshal, marshalBytes } from "../../../marshal.js";
import type { GuestMemory } from "../../../memory.js";
import type { Names } from "../names.js";

const { EFAULT } = Errno;
const { text, wamr_addr: addr } = marshal;

/** The strategy of one guest. */
export function wamrNames(memory: GuestMemory): Names {
  let room = 0;
  return {
    read(pointer, _port, out) {
      if (!memory.read(pointer, addr.sizeof, marshalBytes, text)) return -EFAULT;
      return marshal.wamrToSockaddr(text, out);
    },

    check(_descriptor, pointer) {
      room = pointer;
      return memory.holds(pointer, addr.sizeof) ? 0 : -EFAULT;
    },

    write(at, length) {
      marshal.wamrFromSockaddr(at, length, text);
      memory.write(room, addr.sizeof, marshalBytes, text);
    },
  };
}
