/** Two UDP sockets on loopback that are connected with each other: the first of them. */
int udp_pair(int *to);
