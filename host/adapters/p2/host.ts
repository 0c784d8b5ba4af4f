// What this adapter keeps for one component.

import type { Guest } from "../../guest.js";
import { Blocking } from "../../wait/blocking.js";
import { Poller } from "./poll.js";

/** One component of the host. */
export class Host {
  readonly guest: Guest;
  readonly wait: Blocking;
  readonly poller: Poller;

  /**
   * @param guest its sockets and permissions
   * @param wake the descriptor that ends its waits
   */
  constructor(guest: Guest, wake?: number) {
    this.guest = guest;
    this.wait = new Blocking(guest.descriptors, wake);
    this.poller = new Poller(this.wait);
  }
}
