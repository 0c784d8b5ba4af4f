// wasi:sockets/ip-name-lookup.

import type { IpAddress } from "../../component/address.js";
import { Resolution } from "../../component/names.js";
import { Descriptor, NO_SOCKET } from "../../descriptors.js";
import { marshal } from "../../marshal.js";
import { failure } from "./error.js";
import type { Host } from "./host.js";
import { OwnPollable, type Source } from "./poll.js";
import { Resource } from "./resource.js";

const { POLL } = marshal;

/** wasi:sockets/ip-name-lookup's `resolve-address-stream`. */
export class ResolveAddressStream extends Resource implements Source {
  /** @internal */
  readonly deadline = Infinity;
  /** @internal */
  readonly events = POLL.IN;
  /** @internal */
  readonly descriptor: Descriptor | undefined;
  readonly #host: Host;
  readonly #resolution: Resolution;
  #next = 0;

  /** @internal */
  constructor(host: Host, name: string) {
    super();
    this.#host = host;
    this.#resolution = new Resolution(host.guest, name, "poll");
    const { lookUp } = this.#resolution;
    this.descriptor = lookUp && new Descriptor(lookUp.native, NO_SOCKET, NO_SOCKET, 0);
  }

  /**
   * The next address.
   *
   * @returns undefined behind the last
   * @throws Failure of an `error-code`: would-block where there is no answer yet
   */
  resolveNextAddress(): IpAddress | undefined {
    const done = this.settled || this.#host.poller.ready(this);
    const addresses = this.#resolution.answer(done);
    if (addresses === undefined) throw failure("would-block");
    return addresses[this.#next++];
  }

  /** A pollable that is ready once the answer is there. */
  subscribe(): OwnPollable {
    return new OwnPollable(this.#host.poller, this);
  }

  /** @internal */
  get settled(): boolean {
    return this.#resolution.lookUp === undefined || this.#resolution.lookUp.done;
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#resolution.abandon();
  }
}
