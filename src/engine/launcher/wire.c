/* What neighbours on a link are told: that an address is to be found at the node from now on. Nobody answers, so nothing is waited for. */
#include "ops.h"

#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
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
