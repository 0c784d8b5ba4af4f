// Look-ups where libc has no getaddrinfo_a(3): threads of Node's ask, getaddrinfo(3), and the event loop is told. A
// thread that blocks asks itself, for nobody could tell it. What a thread reads and writes is native memory of its own,
// which is freed once that has its answer, whether anybody waits for it or not.
//
// Node has four threads for files, zlib and others' look-ups, and a name server that says nothing holds one for many
// seconds. So no more than half of them ask, as Node has it itself for dns.lookup(); the others stand in a queue.

import { clib, getaddrinfoAside } from "../libc.js";
import { marshal } from "../marshal.js";
import { scratch } from "../scratch.js";
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

const { EAI, LookUp: at, native_gaicb } = marshal;

/** How many threads Node has, UV_THREADPOOL_SIZE of its environment. */
const THREADS = Number.parseInt(process.env["UV_THREADPOOL_SIZE"] ?? "", 10) || 4;
/** How many of this thread's look-ups are asked at once. */
const AT_ONCE = Math.max(1, Math.floor((THREADS + 1) / 2));

/** Those that no thread asks yet, in order. */
let queue: ThreadLookUp[] = [];
/** How many are asked. */
let asked = 0;

/** Has as many asked as may be. */
function askNext(): void {
  while (asked < AT_ONCE) {
    const lookUp = queue.shift();
    if (lookUp === undefined) return;
    asked++;
    lookUp.ask();
  }
}

class ThreadLookUp extends LookUp {
  readonly #node: number;
  readonly #service: number;
  readonly #hints: number;
  readonly #free: (request: number) => void;
  #answer: Answer | undefined;
  #abandoned = false;
  #tell: (() => void) | undefined;

  /**
   * @param name what is looked up
   * @param request the native address of the request
   * @param service where the service is behind the name in the request, 0 for none
   * @param hasHints whether there are hints in it
   * @param free frees the request, of which nobody may know by then
   */
  constructor(
    name: string,
    request: number,
    service: number,
    hasHints: boolean,
    free: (request: number) => void,
  ) {
    super(name, CLOSED, request);
    this.#node = request + at.text;
    this.#service = service === 0 ? 0 : this.#node + service;
    this.#hints = hasHints ? request + at.hints : 0;
    this.#free = free;
  }

  override get done(): boolean {
    return this.#answer !== undefined;
  }

  /** What it found: undefined where it is not done. */
  get answer(): Answer | undefined {
    return this.#answer;
  }

  /** @throws Error always: a thread that blocks would never be told */
  override suspend(): boolean {
    throw new Error("a look-up of the event loop cannot be waited for by a thread");
  }

  override whenDone(tell: () => void): void {
    if (this.done) tell();
    else this.#tell = tell;
  }

  /** Has a thread ask. */
  ask(): void {
    const result = this.request + at.gaicb + native_gaicb.ar_result;
    try {
      getaddrinfoAside(this.#node, this.#service, this.#hints, result, (code, errno) => {
        this.#answered(code, errno);
      });
    } catch {
      // Koffi has as many calls in hand as it takes: this process has others than ours.
      setImmediate(() => {
        this.#answered(EAI.AGAIN, 0);
      });
    }
  }

  #answered(code: number, errno: number): void {
    asked--;
    askNext();
    this.#answer = code === 0 ? { code, errno, list: listOf(this.request) } : failure(code, errno);
    if (this.#abandoned) this.#free(this.request);
    else this.#tell?.();
  }

  /** Leaves it to the thread that asks, where there is one. */
  abandon(): void {
    this.#abandoned = true;
    const left = queue.filter((lookUp) => lookUp !== this);
    if (this.done || left.length < queue.length) this.#free(this.request);
    queue = left;
  }
}

/** The look-ups of one guest. */
export class ThreadLookUps implements LookUps {
  readonly #requests: Float64Array;
  /** Those under way, by their requests. */
  readonly #begun = new Map<number, ThreadLookUp>();
  #ended = false;

  /** @param requests see `lookUpsOf` */
  constructor(requests: Float64Array) {
    this.#requests = requests;
  }

  begins(waiting: Waiting): boolean {
    return waiting === "loop";
  }

  begin(name: string, service: number, textLength: number, hasHints: boolean): LookUp | Answer {
    const slot = this.#free();
    if (slot < 0) return failure(EAI.AGAIN);
    const size = marshal.lookUpSize(textLength);
    const request = clib.malloc(size);
    if (request === 0) return failure(EAI.MEMORY);
    marshal.lookUpWrite(request, service, textLength, hasHints, 0, 0, CLOSED, CLOSED);
    clib.memcpy(request, scratch.block, size);
    this.#requests[slot] = request;
    const lookUp = new ThreadLookUp(name, request, service, hasHints, this.#release);
    this.#begun.set(request, lookUp);
    queue.push(lookUp);
    askNext();
    return lookUp;
  }

  get full(): boolean {
    return this.#free() < 0;
  }

  finish({ request }: LookUp): Answer {
    const answer = this.#begun.get(request)!.answer!;
    this.#forget(request); // first of all: nobody else may free it, should this thread be terminated
    clib.free(request);
    return answer;
  }

  abandon({ request }: LookUp): void {
    this.#begun.get(request)!.abandon();
  }

  dispose(): void {
    this.#ended = true; // and the event loop frees what is abandoned
  }

  readonly #release = (request: number): void => {
    this.#forget(request);
    freeRequest(request);
  };

  /** Where the next request is written down, -1 for nowhere. */
  #free(): number {
    return this.#ended ? -1 : this.#requests.indexOf(0);
  }

  #forget(request: number): void {
    this.#requests[this.#requests.indexOf(request)] = 0;
    this.#begun.delete(request);
  }
}

/** See `takeOver` of ./index: Node ends no thread of JavaScript before the threads that ask for it have their answers. */
export function takeOver(requests: Float64Array): void {
  for (const request of requests) if (request !== 0) freeRequest(request);
  requests.fill(0);
}
