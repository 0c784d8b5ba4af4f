// Look-ups that libc has in hand, getaddrinfo_a(3): its threads ask, and where somebody waits for a descriptor, close
// its other end when they are done. What libc still reads and writes of a look-up that was left is freed by a later sweep.

import { clib, closeAddress, lastErrno, libc, resolver as found } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { scratch, setWord, word } from "../scratch.js";
import {
  CLOSED,
  LookUp,
  failure,
  freeRequest,
  listOf,
  type Answer,
  type LookUps,
  type Waiting,
} from "./lookup.js";

const { EIO } = Errno;
const { AF, EAI, GAI, INT_SIZE, LookUp: at, SOCK } = marshal;
/** ./index makes look-ups of this file only where there are these functions. */
const resolver = found!;
/** How long one gai_suspend(3) takes at most, in milliseconds: between two, a thread can be ended. */
const SLICE = 20;

class LibcLookUp extends LookUp {
  override get done(): boolean {
    return resolver.gai_error(this.request) !== EAI.INPROGRESS;
  }

  /** gai_suspend(3). */
  override suspend(): boolean {
    const { request } = this;
    resolver.gai_suspend(request + at.list, 1, request + at.timeout);
    return this.done;
  }
}

/** The requests whose guests are gone, until libc is done with them. */
let orphans: number[] = [];

/** The look-ups of one guest. */
export class LibcLookUps implements LookUps {
  readonly #requests: Float64Array;
  readonly #abandoned = new Set<number>();
  #ended = false;

  /** @param requests see `lookUpsOf` of ./index */
  constructor(requests: Float64Array) {
    this.#requests = requests;
  }

  begins(waiting: Waiting): boolean {
    return waiting !== "call";
  }

  begin(
    name: string,
    service: number,
    textLength: number,
    hasHints: boolean,
    waiting: Waiting,
  ): LookUp | Answer {
    const tells = waiting !== "slices";
    this.#sweep();
    const slot = this.#free();
    if (slot < 0) return failure(EAI.AGAIN);
    const paired = tells ? pair() : 0;
    if (paired < 0) return failure(EAI.SYSTEM, -paired);
    const readEnd = tells ? word(marshal.block) : CLOSED;
    const writeEnd = tells ? word(marshal.block + INT_SIZE) : CLOSED;
    const size = marshal.lookUpSize(textLength);
    const request = clib.malloc(size);
    if (request === 0) {
      if (tells) closePair();
      return failure(EAI.MEMORY);
    }
    marshal.lookUpWrite(
      request,
      service,
      textLength,
      hasHints,
      SLICE,
      closeAddress,
      readEnd,
      writeEnd,
    );
    clib.memcpy(request, scratch.block, size);
    const code = resolver.getaddrinfo_a(GAI.NOWAIT, request + at.list, 1, request + at.sigevent);
    if (code === 0) {
      this.#requests[slot] = request;
      return new LibcLookUp(name, readEnd, request);
    }
    // There is no thread left. libc may or may not have found one to close its end: that stays open, for a
    // descriptor that is closed twice would be somebody else's.
    const errno = lastErrno();
    leave(request);
    if (code === EAI.SYSTEM) clib.free(request);
    else orphans.push(request); // it was begun, and nobody will be told
    return failure(code, errno);
  }

  get full(): boolean {
    return this.#free() < 0;
  }

  finish({ native: readEnd, request }: LookUp): Answer {
    const code = resolver.gai_error(request);
    const errno = code === EAI.SYSTEM ? lostErrno() : 0;
    this.#forget(request); // first of all: nobody else may free it, should this thread be terminated
    if (readEnd !== CLOSED) libc.close(readEnd);
    const list = listOf(request);
    clib.free(request);
    return { code, errno, list };
  }

  abandon({ request }: LookUp): void {
    leave(request);
    this.#abandoned.add(request);
    this.#release(request);
  }

  dispose(): void {
    this.#ended = true;
    orphans.push(...this.#abandoned);
    for (const request of this.#abandoned) this.#forget(request);
  }

  /** Where the next request is written down, -1 for nowhere. */
  #free(): number {
    if (this.#ended) return -1;
    return this.#requests[0] === 0 ? 0 : this.#requests.indexOf(0); // a call into the engine
  }

  #forget(request: number): void {
    this.#requests[this.#requests.indexOf(request)] = 0;
    this.#abandoned.delete(request);
  }

  #sweep(): void {
    orphans = orphans.filter((request) => !release(request));
    for (const request of this.#abandoned) this.#release(request);
  }

  /** Frees an abandoned request where it can be freed. Meanwhile it is written down nowhere, as in `finish`. */
  #release(request: number): void {
    const slot = this.#requests.indexOf(request);
    this.#requests[slot] = 0;
    if (release(request)) this.#abandoned.delete(request);
    else this.#requests[slot] = request;
  }
}

/** See `takeOver` of ./index. */
export function takeOver(requests: Float64Array): void {
  for (const request of requests) if (request !== 0) leave(request);
  orphans = [...orphans, ...requests].filter((request) => request !== 0 && !release(request));
  requests.fill(0);
}

/** Closes one of the ends of a request, and writes down that it is closed. */
function closeEnd(request: number, end: number): void {
  clib.memcpy(scratch.value, request + end, INT_SIZE);
  const descriptor = word(marshal.value);
  if (descriptor === CLOSED) return;
  setWord(marshal.value, CLOSED);
  clib.memcpy(request + end, scratch.value, INT_SIZE);
  libc.close(descriptor);
}

/** Closes the end of a request that somebody waited for. */
function leave(request: number): void {
  closeEnd(request, at.readEnd);
}

/** Frees a request that nobody waits for, where libc is done with it or has not begun: whether it could. */
function release(request: number): boolean {
  const code = resolver.gai_cancel(request + at.gaicb);
  if (code === EAI.NOTCANCELED) return false;
  // One that had not begun tells nobody that it is done.
  if (code === EAI.CANCELED) closeEnd(request, at.writeEnd);
  freeRequest(request);
  return true;
}

/**
 * The error number behind EAI_SYSTEM, which stays in libc's thread: what two more descriptors fail of, for
 * a resolver that could open none fails like this; else EIO.
 */
function lostErrno(): number {
  const paired = pair();
  if (paired < 0) return -paired;
  closePair();
  return EIO;
}

/** Leaves a pair of descriptors in the `block` scratch area, of which one is readable once the other is closed. */
function pair(): number {
  return libc.socketpair(AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0, scratch.block);
}

/** Closes the pair in the scratch area. */
function closePair(): void {
  libc.close(word(marshal.block));
  libc.close(word(marshal.block + INT_SIZE));
}
