/* What neighbours on a link are told, that an address is to be found at the node from now on, and what they are asked before: whether somebody has it. */
#include "ops.h"

#include <arpa/inet.h>
#include <linux/filter.h>

#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <netpacket/packet.h>

/* Index and MAC of a link. */
static int look_at(struct run *r, const char *device, unsigned *index, uint8_t mac[ETH_ALEN]) {
  struct ifreq request = {0};
  if (strlen(device) >= sizeof request.ifr_name) return refuse(r, ENODEV, "ioctl SIOCGIFHWADDR", device);
  memcpy(request.ifr_name, device, strlen(device));
  AUTO_FD fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0) return no(r, "ioctl SIOCGIFHWADDR", device);
  memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
  return done_or(r, ioctl(fd, SIOCGIFINDEX, &request), "ioctl SIOCGIFINDEX", device) < 0 ? -1 : (*index = (unsigned)request.ifr_ifindex, 0);
}

/* An ARP announcement (RFC 5227, 2.3): who has an entry for the address, takes the new one. */
static int tell_arp(struct run *r, const char *device, unsigned index, const uint8_t *mac, const uint8_t *address) {
  struct ether_arp arp = {.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER), .ar_pro = htons(ETHERTYPE_IP), .ar_hln = ETH_ALEN, .ar_pln = 4, .ar_op = htons(ARPOP_REQUEST)}};
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_ARP), .sll_ifindex = (int)index, .sll_halen = ETH_ALEN};
  memset(to.sll_addr, 0xff, ETH_ALEN);
  memcpy(arp.arp_sha, mac, ETH_ALEN), memcpy(arp.arp_spa, address, 4), memcpy(arp.arp_tpa, address, 4);
  AUTO_FD fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return no(r, "socket", device);
  return sendto(fd, &arp, sizeof arp, 0, (struct sockaddr *)&to, sizeof to) < 0 ? no(r, "sendto", device) : 0;
}

/* An unsolicited neighbour advertisement (RFC 4861, 7.2.6) to all nodes of the link, which overrides. */
static int tell_nd(struct run *r, const char *device, unsigned index, const uint8_t *mac, const uint8_t *address) {
  struct {
    struct nd_neighbor_advert head;
    struct nd_opt_hdr option;
    uint8_t mac[ETH_ALEN];
  } advert = {.head = {.nd_na_hdr = {.icmp6_type = ND_NEIGHBOR_ADVERT}}, .option = {.nd_opt_type = ND_OPT_TARGET_LINKADDR, .nd_opt_len = 1}};
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_scope_id = index, .sin6_addr = {.s6_addr = {0xff, 2, [15] = 1}}};
  advert.head.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE | ND_NA_FLAG_ROUTER;
  memcpy(&advert.head.nd_na_target, address, 16), memcpy(advert.mac, mac, ETH_ALEN);
  AUTO_FD fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
  if (fd < 0) return no(r, "socket", device);
  if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &(int){255}, sizeof(int)) < 0) return no(r, "setsockopt", device);
  return sendto(fd, &advert, sizeof advert, 0, (struct sockaddr *)&to, sizeof to) < 0 ? no(r, "sendto", device) : 0;
}

int do_announce(struct run *r, const struct value *a) {
  unsigned index;
  uint8_t mac[ETH_ALEN];
  size_t length = a[1].bytes.length;
  if (length != 4 && length != 16) return refuse(r, EINVAL, "sendto", a[0].text);
  if (look_at(r, a[0].text, &index, mac) < 0) return -1;
  int told = length == 4 ? tell_arp(r, a[0].text, index, mac, a[1].bytes.at) : tell_nd(r, a[0].text, index, mac, a[1].bytes.at);
  /* a cable that is out, or a link that has no IPv6 just now: neighbours ask when they need it */
  return told < 0 && (r->why.error == ENETDOWN || r->why.error == ENETUNREACH || r->why.error == EADDRNOTAVAIL || r->why.error == ENOBUFS) ? 0 : told;
}

/* --- asking */
struct question {
  const char *text;
  uint8_t length, address[16];
};

/* ARP from the node's own address: routers and other nodes that answer for somebody else do so only to somebody. */
static int ask_arp(int fd, unsigned index, const uint8_t *mac, const uint8_t *from, const uint8_t *address) {
  struct ether_arp arp = {.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER), .ar_pro = htons(ETHERTYPE_IP), .ar_hln = ETH_ALEN, .ar_pln = 4, .ar_op = htons(ARPOP_REQUEST)}};
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_ARP), .sll_ifindex = (int)index, .sll_halen = ETH_ALEN};
  memset(to.sll_addr, 0xff, ETH_ALEN);
  memcpy(arp.arp_sha, mac, ETH_ALEN), memcpy(arp.arp_spa, from, 4), memcpy(arp.arp_tpa, address, 4);
  return sendto(fd, &arp, sizeof arp, 0, (struct sockaddr *)&to, sizeof to) < 0 ? -1 : 0;
}

/* A neighbour solicitation as of an address that one is about to take (RFC 4862, 5.4.2), which needs no IPv6 address on the link. The answer goes to all. */
static int ask_nd(int fd, unsigned index, const uint8_t *address) {
  struct {
    struct ip6_hdr ip;
    struct nd_neighbor_solicit head;
  } q = {.ip = {.ip6_dst = {.s6_addr = {0xff, 2, [11] = 1, 0xff}}}, .head = {.nd_ns_hdr = {.icmp6_type = ND_NEIGHBOR_SOLICIT}}};
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_IPV6), .sll_ifindex = (int)index, .sll_halen = ETH_ALEN, .sll_addr = {0x33, 0x33, 0xff}};
  memcpy(&q.ip.ip6_dst.s6_addr[13], address + 13, 3), memcpy(to.sll_addr + 3, address + 13, 3);
  memcpy(&q.head.nd_ns_target, address, 16);
  /* sum of what stands there, and of length and next header, which the pseudo-header has */
  uint32_t sum = htons(sizeof q.head) + (uint32_t)htons(IPPROTO_ICMPV6);
  for (size_t i = 0; i < sizeof q; i += 2) sum += *(uint16_t *)(void *)((char *)&q + i);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  q.head.nd_ns_hdr.icmp6_cksum = (uint16_t)~sum;
  q.ip.ip6_flow = htonl(6u << 28), q.ip.ip6_plen = htons(sizeof q.head), q.ip.ip6_nxt = IPPROTO_ICMPV6, q.ip.ip6_hlim = 255;
  return sendto(fd, &q, sizeof q, 0, (struct sockaddr *)&to, sizeof to) < 0 ? -1 : 0;
}

/* All ARP, and of IPv6 neighbour advertisements only, of one link. */
static int listen_on(unsigned index, int family) {
  static struct sock_filter advert[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 40),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 256),
    BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog filter = {.len = sizeof advert / sizeof *advert, .filter = advert};
  struct packet_mreq all = {.mr_ifindex = (int)index, .mr_type = PACKET_MR_MULTICAST, .mr_alen = ETH_ALEN, .mr_address = {0x33, 0x33, [5] = 1}};
  struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(family == 4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6), .sll_ifindex = (int)index};
  AUTO_FD fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (family == 6 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0) return -1;
  if (family == 6 && setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0) return -1;
  return bind(fd, (struct sockaddr *)&here, sizeof here) < 0 ? -1 : take_fd(&fd);
}

/* Who says in what has come that an address is his, if it is one of those; whatever the node itself sends is no answer. */
static const struct question *answer(int fd, const uint8_t *mac, const struct question *list, size_t count, uint8_t who[ETH_ALEN]) {
  uint8_t packet[256];
  struct sockaddr_ll from;
  socklen_t size = sizeof from;
  for (ssize_t n; (n = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &size)) >= 0; size = sizeof from) {
    bool arp = from.sll_protocol == htons(ETHERTYPE_ARP);
    const uint8_t *said = arp ? ((struct ether_arp *)packet)->arp_spa : packet + sizeof(struct ip6_hdr) + 8;
    memcpy(who, arp ? ((struct ether_arp *)packet)->arp_sha : from.sll_addr, ETH_ALEN);
    if (from.sll_pkttype == PACKET_OUTGOING || n < (ssize_t)(arp ? sizeof(struct ether_arp) : sizeof(struct ip6_hdr) + 24) || !memcmp(who, mac, ETH_ALEN)) continue;
    for (const struct question *q = list; q < list + count; q++)
      if (q->length == (arp ? 4 : 16) && !memcmp(q->address, said, q->length)) return q;
  }
  return NULL;
}

/* EADDRINUSE with "ADDRESS MAC" for the first that somebody answers for. */
static int ask(struct run *r, const char *device, const uint8_t *own, const struct question *list, size_t count, int64_t wait) {
  unsigned index;
  uint8_t mac[ETH_ALEN], who[ETH_ALEN];
  char text[128];
  if (look_at(r, device, &index, mac) < 0) return -1;
  AUTO_FD four = listen_on(index, 4);
  AUTO_FD six = four < 0 ? -1 : listen_on(index, 6);
  if (six < 0) return no(r, "socket", device);
  for (const struct question *q = list; q < list + count; q++)
    if ((q->length == 4 ? ask_arp(four, index, mac, own, q->address) : ask_nd(six, index, q->address)) < 0)
      return errno == ENETDOWN || errno == ENOBUFS || errno == EAGAIN ? 0 : no(r, "sendto", device); /* nobody is there */
  struct pollfd both[] = {{.fd = four, .events = POLLIN}, {.fd = six, .events = POLLIN}};
  for (int64_t left, end = now_ms(CLOCK_MONOTONIC) + wait; (left = end - now_ms(CLOCK_MONOTONIC)) > 0 && poll(both, 2, (int)left) >= 0;)
    for (int i = 0; i < 2; i++) {
      const struct question *q = both[i].revents ? answer(both[i].fd, mac, list, count, who) : NULL;
      if (!q) continue;
      snprintf(text, sizeof text, "%s %02x:%02x:%02x:%02x:%02x:%02x", q->text, who[0], who[1], who[2], who[3], who[4], who[5]);
      return refuse(r, EADDRINUSE, "recvfrom", text);
    }
  return 0;
}

int do_probe(struct run *r, const struct value *a) {
  size_t count = 0, room = 0;
  uint8_t own[4] = {0};
  for (char **text = a[2].list; *text; text++) room++;
  struct question *list = calloc(room + 1, sizeof *list);
  if (!list) abort();
  inet_pton(AF_INET, a[1].text, own);
  for (char **text = a[2].list; *text; text++) {
    struct question *q = &list[count++];
    q->text = *text, q->length = strchr(*text, ':') ? 16 : 4;
    if (inet_pton(q->length == 16 ? AF_INET6 : AF_INET, *text, q->address) != 1) return free(list), refuse(r, EINVAL, "inet_pton", *text);
  }
  int result = ask(r, a[0].text, own, list, count, (int64_t)a[3].n);
  return free(list), result;
}
