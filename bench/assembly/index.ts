// The guest of the bench. Each work takes (port, amount, size), as its twins in ../c and ../programs
// do, and gives how much was done; `main` is what run() runs.

export { batches, segments } from "./message";
export { datagrams } from "./udp";
export { main } from "./run";
export { addresses } from "./sockaddr";
export { flags } from "./flags";
export { pingpong, receive, send } from "./tcp";
export { unixPingpong, unixReceive, unixSend } from "./unix";
export { accepts, connects } from "./connection";
export { lookups } from "./lookup";
export { amongFew, amongMany } from "./table";
export { listenHttp, serveHttp } from "./http";
export { dial, echo } from "./crowd"; // for the soak, whose guests do more than one work
