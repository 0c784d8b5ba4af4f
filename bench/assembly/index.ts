// The guest of the bench. Each work takes (port, amount, size), as its twins in ../c and ../programs
// do, and gives how much was done.

export { datagrams } from "./udp";
export { addresses } from "./sockaddr";
export { pingpong, receive, send } from "./tcp";
export { dial, echo } from "./crowd";
