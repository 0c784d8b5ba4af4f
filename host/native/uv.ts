// Node's event loop, libuv, woken by a descriptor without a call into JavaScript.

import { Socket } from "node:net";
import koffi from "koffi";
import { Library, addressOf, functionType } from "./library.js";
import { libc } from "./linux.js";

/** Of enum uv_handle_type, uv.h. */
const UV_NAMED_PIPE = 7;
// sys/socket.h, fcntl.h
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const O_CLOEXEC = 0o2000000;

/** What Node's program exports of libuv and Node-API. */
const library = new Library(null);

const visitor = koffi.pointer(functionType("void (uintptr_t handle, uintptr_t argument)"));
const walk = library.function("uv_walk", "void", [
  "uintptr_t",
  visitor,
  "uintptr_t",
]) as unknown as (loop: bigint, visit: (handle: number) => void, argument: number) => void;
const loopOf = library.function(
  "int napi_get_uv_event_loop(uintptr_t env, uintptr_t loop)",
) as unknown as (env: typeof koffi.node.env, loop: number) => number;

const { uv_handle_get_type, uv_fileno, uv_read_start } = library.bind({
  uv_handle_get_type: "int uv_handle_get_type(uintptr_t handle)",
  uv_fileno: "int uv_fileno(uintptr_t handle, uintptr_t fd)",
  uv_read_start: "int uv_read_start(uintptr_t stream, uintptr_t allocate, uintptr_t read)",
} as const);

/** Where functions write. koffi would write into an array, and aborts where its thread is being ended meanwhile. */
const answer = new BigInt64Array(16);
const numbers = new Int32Array(answer.buffer);
const answerAddress = addressOf(new Uint8Array(answer.buffer));

loopOf(koffi.node.env, answerAddress);
/** The event loop of this thread. */
const loop = answer[0]!;
/** A function that does nothing, whatever it is called with: it looks at its handle. */
const nothing = library.address("uv_is_active");

/** The stream of the event loop that has a descriptor: its native address, 0 for none. */
function streamOf(fd: number): number {
  let found = 0;
  const visit = (handle: number) => {
    if (uv_handle_get_type(handle) !== UV_NAMED_PIPE) return;
    if (uv_fileno(handle, answerAddress) === 0 && numbers[0] === fd) found = handle;
  };
  walk(loop, visit, 0);
  return found;
}

/**
 * A descriptor that wakes the event loop of this thread for as long as it is readable; the loop then runs its
 * immediates. Node takes it for a stream, and closes it with the thread. What libuv would ask for memory to read into,
 * and tell of what it has read, are functions that do nothing: so it reads nothing, and no JavaScript is called,
 * which a thread that worker.terminate() is ending cannot have. (koffi's own poll handles call it all the same, and
 * abort the process.)
 */
export class LoopWaker {
  readonly #stream: Socket;

  private constructor(
    /** The number of the descriptor. */
    readonly fd: number,
  ) {
    this.#stream = new Socket({ fd, readable: false });
  }

  /**
   * Opens a waker. A thread that is ended between any two of these calls loses one descriptor at most.
   *
   * @param create opens a descriptor that can be polled: its number, or -errno. It has another one in the waker
   * @returns the waker, or -errno
   */
  static open(create: () => number): LoopWaker | number {
    // Node asks what it is given: only a stream's place will do.
    const place = libc.socket(AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0);
    if (place < 0) return place;
    const waker = new LoopWaker(place);
    const fd = create();
    let status = fd;
    if (fd >= 0) {
      libc.dup3(fd, place, O_CLOEXEC);
      libc.close(fd);
      status = uv_read_start(streamOf(place), nothing, nothing);
    }
    if (status < 0) {
      waker.close();
      return status;
    }
    waker.unref();
    return waker;
  }

  /** Has the event loop go on. */
  ref(): void {
    this.#stream.ref();
  }

  /** Lets the event loop end, as it may from the start. */
  unref(): void {
    this.#stream.unref();
  }

  /** Closes the descriptor. */
  close(): void {
    this.#stream.destroy();
  }
}
