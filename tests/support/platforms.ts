// This machine as it is, and as if its kernel had no epoll: what a test runs on both.

import { currentPlatform, type Platform } from "#host/platform/index";

/** An epoll to test: its name, and the platform that has it. */
export interface Epoll {
  readonly epoll: string;
  readonly platform: Platform;
}

const here = currentPlatform();

export const kernel: Epoll = { epoll: "the kernel's epoll", platform: here };
export const made: Epoll = { epoll: "epoll made of poll(2)", platform: { ...here, epoll: false } };
/** Both, where the kernel has one. */
export const epolls: readonly Epoll[] = here.epoll ? [kernel, made] : [made];
