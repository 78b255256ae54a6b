/* Elements of sets and maps of nftables, and counters, by lines in the words of nft(8): all of them or none, in one transaction of the kernel. nft itself would
 * have to be started and to ask the kernel for all tables first. What a line says besides is EINVAL. */
#include "ops.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>

struct query {
  struct nlmsghdr head;
  struct nfgenmsg table;
  char body[1024];
};

/* What a key or a value consists of: one field as it is, several each filled up to a multiple of four bytes. */
struct fields {
  unsigned count;
  size_t length, used;
  char data[96];
};

static int family_of(const char *word) {
  static const struct {
    const char *name;
    int number;
  } ALL[] = {{"inet", NFPROTO_INET}, {"ip", NFPROTO_IPV4}, {"bridge", NFPROTO_BRIDGE}, {"ip6", NFPROTO_IPV6}};
  for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++)
    if (is(word, ALL[i].name)) return ALL[i].number;
  return -1;
}

static bool add_field(struct fields *f, const void *data, size_t length) {
  if (f->used + NLMSG_ALIGN(length) > sizeof f->data) return false;
  memcpy(f->data + f->used, data, length);
  f->used += NLMSG_ALIGN(length);
  f->length = f->count++ ? f->used : length;
  return true;
}

/* Two digits for each byte. */
static bool add_bytes(struct fields *f, const char *text) {
  unsigned char bytes[16];
  size_t n = strlen(text) / 2;
  if (!made_of(text, HEX) || n > sizeof bytes || strlen(text) != 2 * n) return false;
  for (size_t i = 0; i < n; i++) sscanf(text + 2 * i, "%2hhx", &bytes[i]);
  return add_field(f, bytes, n);
}

/* "LINK", an address of IPv4, IPv6 or Ethernet, tcp or udp, a port, or bytes: each is known by how it looks. */
static bool add_word(struct fields *f, const char *text) {
  char link[IFNAMSIZ] = "", address[16];
  unsigned char ether[6];
  uint32_t port;
  size_t length = strlen(text);
  if (*text == '"') {
    if (length < 3 || length - 2 >= sizeof link || text[length - 1] != '"') return false;
    return memcpy(link, text + 1, length - 2), add_field(f, link, sizeof link);
  }
  if (!strncmp(text, "0x", 2)) return add_bytes(f, text + 2);
  if (inet_pton(AF_INET, text, address) == 1) return add_field(f, address, 4);
  if (inet_pton(AF_INET6, text, address) == 1) return add_field(f, address, 16);
  if (mac(text, ether)) return add_field(f, ether, sizeof ether);
  if (is(text, "tcp") || is(text, "udp")) return add_field(f, &(uint8_t){*text == 't' ? IPPROTO_TCP : IPPROTO_UDP}, 1);
  return number(text, &port) && port <= UINT16_MAX && add_field(f, &(uint16_t){htons((uint16_t)port)}, 2);
}

static void put_fields(struct nlmsghdr *q, unsigned short type, const struct fields *f) {
  struct rtattr *of = nest(q, type);
  put(q, NFTA_DATA_VALUE, f->data, f->length);
  end_nest(q, of);
}

/* { FIELD [. FIELD]… [: FIELD [. FIELD]… | : "COUNTER"] }. To be deleted one is known by its key. */
static bool element(struct nlmsghdr *q, char **words, bool delete) {
  struct fields key = {0}, value = {0}, *into = &key;
  const char *counter = NULL;
  bool due = true; /* a field comes next */
  if (!*words || !is(*words++, "{")) return false;
  for (; *words && !is(*words, "}"); words++) {
    if (!due && is(*words, ".")) due = true;
    else if (!due && is(*words, ":") && into == &key) due = true, into = &value;
    else if (!due || !(due = false, into == &value && **words == '"' ? (counter = *words) != NULL : add_word(into, *words))) return false;
  }
  if (due || !*words || words[1] || (counter && value.count)) return false;
  struct rtattr *list = nest(q, NFTA_SET_ELEM_LIST_ELEMENTS), *one = nest(q, NFTA_LIST_ELEM);
  put_fields(q, NFTA_SET_ELEM_KEY, &key);
  if (value.count && !delete) put_fields(q, NFTA_SET_ELEM_DATA, &value);
  if (counter && !delete) {
    char name[NFT_OBJ_MAXNAMELEN] = "";
    size_t length = strlen(counter);
    if (length < 3 || length - 2 >= sizeof name) return false;
    memcpy(name, counter + 1, length - 2);
    put(q, NFTA_SET_ELEM_OBJREF, name, length - 1);
  }
  return end_nest(q, one), end_nest(q, list), true;
}

static void put_string(struct nlmsghdr *q, unsigned short type, const char *text) { put(q, type, text, strlen(text) + 1); }

static void begin(struct query *q, unsigned type, unsigned short flags, uint32_t seq, int family, uint16_t resource) {
  memset(q, 0, sizeof *q);
  q->head = (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH(sizeof q->table), .nlmsg_type = (unsigned short)type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = seq};
  q->table = (struct nfgenmsg){.nfgen_family = (uint8_t)family, .version = NFNETLINK_V0, .res_id = htons(resource)};
}

static bool destroys(const char *line) { return !strncmp(line, "destroy ", 8); }

/* add|delete element FAMILY TABLE SET { … }; flush set|map FAMILY TABLE SET; add|delete counter FAMILY TABLE NAME; destroy chain FAMILY TABLE NAME */
static bool compose(char *line, struct query *q, uint32_t seq, unsigned short flags) {
  char *words[32] = {NULL}, *at;
  size_t count = 0;
  for (char *word = strtok_r(line, " ", &at); word && count < 31; word = strtok_r(NULL, " ", &at)) words[count++] = word;
  int family = count < 5 ? -1 : family_of(words[2]);
  if (family < 0 || count == 31) return false;
  if (is(words[0], "destroy")) {
    begin(q, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELCHAIN, flags, seq, family, 0);
    put_string(&q->head, NFTA_CHAIN_TABLE, words[3]);
    put_string(&q->head, NFTA_CHAIN_NAME, words[4]);
    return is(words[1], "chain") && count == 5;
  }
  bool add = is(words[0], "add"), delete = is(words[0], "delete"), flush = is(words[0], "flush"), counter = is(words[1], "counter");
  unsigned type = counter ? (add ? NFT_MSG_NEWOBJ : NFT_MSG_DELOBJ) : add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM;
  begin(q, NFNL_SUBSYS_NFTABLES << 8 | type, flags | (add ? NLM_F_CREATE : 0), seq, family, 0);
  put_string(&q->head, counter ? NFTA_OBJ_TABLE : NFTA_SET_ELEM_LIST_TABLE, words[3]);
  put_string(&q->head, counter ? NFTA_OBJ_NAME : NFTA_SET_ELEM_LIST_SET, words[4]);
  if (flush) return count == 5 && (is(words[1], "set") || is(words[1], "map"));
  if (!add && !delete) return false;
  if (!counter) return is(words[1], "element") && element(&q->head, words + 5, delete);
  put(&q->head, NFTA_OBJ_TYPE, &(uint32_t){htonl(NFT_OBJECT_COUNTER)}, sizeof(uint32_t));
  if (add) nest(&q->head, NFTA_OBJ_DATA);
  return count == 5;
}

static void append(struct buffer *all, const struct query *q) {
  put_raw(all, q, q->head.nlmsg_len);
  put_raw(all, "\0\0\0", NLMSG_ALIGN(q->head.nlmsg_len) - q->head.nlmsg_len);
}

/* Errno of the first that the kernel refuses, with its number. */
static int transact(const struct buffer *all, uint32_t *refused) {
  char answer[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
  const struct nlmsghdr *m = (void *)answer;
  AUTO_FD fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0) return errno;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &(int){(int)all->length + 4096}, sizeof(int));
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &(int){1}, sizeof(int));
  if (send(fd, all->data, all->length, 0) < 0) return errno;
  ssize_t n = recv(fd, answer, sizeof answer, 0);
  if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || m->nlmsg_type != NLMSG_ERROR) return n < 0 ? errno : EPROTO;
  *refused = m->nlmsg_seq;
  return -((const struct nlmsgerr *)NLMSG_DATA(m))->error;
}

/* The kernel knows `destroy` by itself since 6.3. Asked first, since whoever is refused waits as long as whoever deletes: 10 ms and more. */
static bool is_there(struct query q) {
  struct buffer question = {0};
  q.head.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN;
  q.head.nlmsg_flags = NLM_F_REQUEST;
  append(&question, &q);
  int error = transact(&question, &(uint32_t){0});
  return free(question.data), error != ENOENT;
}

int do_elements(struct run *r, const struct value *a) {
  char **lines = a[0].list;
  struct buffer all = {0};
  struct query q;
  uint32_t count = 0, refused = 0;
  begin(&q, NFNL_MSG_BATCH_BEGIN, 0, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES), append(&all, &q);
  for (; lines[count]; count++) {
    char copy[512];
    /* the last one tells that all of them are done */
    bool good = strlen(lines[count]) < sizeof copy && (!destroys(lines[count]) || !lines[1]) && compose(strcpy(copy, lines[count]), &q, count, lines[count + 1] ? 0 : NLM_F_ACK);
    if (!good) return free(all.data), refuse(r, EINVAL, "nftables", lines[count]);
    if (destroys(lines[count]) && !is_there(q)) return free(all.data), 0;
    append(&all, &q);
  }
  begin(&q, NFNL_MSG_BATCH_END, 0, count, AF_UNSPEC, NFNL_SUBSYS_NFTABLES), append(&all, &q);
  int error = count ? transact(&all, &refused) : 0;
  free(all.data);
  return error ? refuse(r, error, "nftables", refused < count ? lines[refused] : "") : 0;
}
