/**
 * struct tcp_info, TCP_INFO of tcp(7), as Linux 6.1's linux/tcp.h has it; a kernel may give less of it, or
 * more. Bytes 6 and 7 are bit fields in C: the two window scales, and what limited the delivery rate.
 *
 * Unlike the others it is no `@unmanaged` class: a program holds it, and an object's fields are laid out alike.
 */
export class TcpInfo {
  tcpi_state: u8;
  tcpi_ca_state: u8;
  tcpi_retransmits: u8;
  tcpi_probes: u8;
  tcpi_backoff: u8;
  tcpi_options: u8;
  tcpi_wscale: u8;
  tcpi_limited: u8;
  tcpi_rto: u32;
  tcpi_ato: u32;
  tcpi_snd_mss: u32;
  tcpi_rcv_mss: u32;
  tcpi_unacked: u32;
  tcpi_sacked: u32;
  tcpi_lost: u32;
  tcpi_retrans: u32;
  tcpi_fackets: u32;
  tcpi_last_data_sent: u32;
  tcpi_last_ack_sent: u32;
  tcpi_last_data_recv: u32;
  tcpi_last_ack_recv: u32;
  tcpi_pmtu: u32;
  tcpi_rcv_ssthresh: u32;
  tcpi_rtt: u32;
  tcpi_rttvar: u32;
  tcpi_snd_ssthresh: u32;
  tcpi_snd_cwnd: u32;
  tcpi_advmss: u32;
  tcpi_reordering: u32;
  tcpi_rcv_rtt: u32;
  tcpi_rcv_space: u32;
  tcpi_total_retrans: u32;
  tcpi_pacing_rate: u64;
  tcpi_max_pacing_rate: u64;
  tcpi_bytes_acked: u64;
  tcpi_bytes_received: u64;
  tcpi_segs_out: u32;
  tcpi_segs_in: u32;
  tcpi_notsent_bytes: u32;
  tcpi_min_rtt: u32;
  tcpi_data_segs_in: u32;
  tcpi_data_segs_out: u32;
  tcpi_delivery_rate: u64;
  tcpi_busy_time: u64;
  tcpi_rwnd_limited: u64;
  tcpi_sndbuf_limited: u64;
  tcpi_delivered: u32;
  tcpi_delivered_ce: u32;
  tcpi_bytes_sent: u64;
  tcpi_bytes_retrans: u64;
  tcpi_dsack_dups: u32;
  tcpi_reord_seen: u32;
  tcpi_rcv_ooopack: u32;
  tcpi_snd_wnd: u32;
}

export const enum tcp_info {
  tcpi_state = offsetof<TcpInfo>("tcpi_state"),
  tcpi_ca_state = offsetof<TcpInfo>("tcpi_ca_state"),
  tcpi_retransmits = offsetof<TcpInfo>("tcpi_retransmits"),
  tcpi_probes = offsetof<TcpInfo>("tcpi_probes"),
  tcpi_backoff = offsetof<TcpInfo>("tcpi_backoff"),
  tcpi_options = offsetof<TcpInfo>("tcpi_options"),
  tcpi_wscale = offsetof<TcpInfo>("tcpi_wscale"),
  tcpi_limited = offsetof<TcpInfo>("tcpi_limited"),
  tcpi_rto = offsetof<TcpInfo>("tcpi_rto"),
  tcpi_ato = offsetof<TcpInfo>("tcpi_ato"),
  tcpi_snd_mss = offsetof<TcpInfo>("tcpi_snd_mss"),
  tcpi_rcv_mss = offsetof<TcpInfo>("tcpi_rcv_mss"),
  tcpi_unacked = offsetof<TcpInfo>("tcpi_unacked"),
  tcpi_sacked = offsetof<TcpInfo>("tcpi_sacked"),
  tcpi_lost = offsetof<TcpInfo>("tcpi_lost"),
  tcpi_retrans = offsetof<TcpInfo>("tcpi_retrans"),
  tcpi_fackets = offsetof<TcpInfo>("tcpi_fackets"),
  tcpi_last_data_sent = offsetof<TcpInfo>("tcpi_last_data_sent"),
  tcpi_last_ack_sent = offsetof<TcpInfo>("tcpi_last_ack_sent"),
  tcpi_last_data_recv = offsetof<TcpInfo>("tcpi_last_data_recv"),
  tcpi_last_ack_recv = offsetof<TcpInfo>("tcpi_last_ack_recv"),
  tcpi_pmtu = offsetof<TcpInfo>("tcpi_pmtu"),
  tcpi_rcv_ssthresh = offsetof<TcpInfo>("tcpi_rcv_ssthresh"),
  tcpi_rtt = offsetof<TcpInfo>("tcpi_rtt"),
  tcpi_rttvar = offsetof<TcpInfo>("tcpi_rttvar"),
  tcpi_snd_ssthresh = offsetof<TcpInfo>("tcpi_snd_ssthresh"),
  tcpi_snd_cwnd = offsetof<TcpInfo>("tcpi_snd_cwnd"),
  tcpi_advmss = offsetof<TcpInfo>("tcpi_advmss"),
  tcpi_reordering = offsetof<TcpInfo>("tcpi_reordering"),
  tcpi_rcv_rtt = offsetof<TcpInfo>("tcpi_rcv_rtt"),
  tcpi_rcv_space = offsetof<TcpInfo>("tcpi_rcv_space"),
  tcpi_total_retrans = offsetof<TcpInfo>("tcpi_total_retrans"),
  tcpi_pacing_rate = offsetof<TcpInfo>("tcpi_pacing_rate"),
  tcpi_max_pacing_rate = offsetof<TcpInfo>("tcpi_max_pacing_rate"),
  tcpi_bytes_acked = offsetof<TcpInfo>("tcpi_bytes_acked"),
  tcpi_bytes_received = offsetof<TcpInfo>("tcpi_bytes_received"),
  tcpi_segs_out = offsetof<TcpInfo>("tcpi_segs_out"),
  tcpi_segs_in = offsetof<TcpInfo>("tcpi_segs_in"),
  tcpi_notsent_bytes = offsetof<TcpInfo>("tcpi_notsent_bytes"),
  tcpi_min_rtt = offsetof<TcpInfo>("tcpi_min_rtt"),
  tcpi_data_segs_in = offsetof<TcpInfo>("tcpi_data_segs_in"),
  tcpi_data_segs_out = offsetof<TcpInfo>("tcpi_data_segs_out"),
  tcpi_delivery_rate = offsetof<TcpInfo>("tcpi_delivery_rate"),
  tcpi_busy_time = offsetof<TcpInfo>("tcpi_busy_time"),
  tcpi_rwnd_limited = offsetof<TcpInfo>("tcpi_rwnd_limited"),
  tcpi_sndbuf_limited = offsetof<TcpInfo>("tcpi_sndbuf_limited"),
  tcpi_delivered = offsetof<TcpInfo>("tcpi_delivered"),
  tcpi_delivered_ce = offsetof<TcpInfo>("tcpi_delivered_ce"),
  tcpi_bytes_sent = offsetof<TcpInfo>("tcpi_bytes_sent"),
  tcpi_bytes_retrans = offsetof<TcpInfo>("tcpi_bytes_retrans"),
  tcpi_dsack_dups = offsetof<TcpInfo>("tcpi_dsack_dups"),
  tcpi_reord_seen = offsetof<TcpInfo>("tcpi_reord_seen"),
  tcpi_rcv_ooopack = offsetof<TcpInfo>("tcpi_rcv_ooopack"),
  tcpi_snd_wnd = offsetof<TcpInfo>("tcpi_snd_wnd"),
  sizeof = offsetof<TcpInfo>(),
}
