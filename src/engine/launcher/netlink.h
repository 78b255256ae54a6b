/* Messages of netlink, as links.c, routes.c and elements.c write them: attributes, and the words that they are written from. */
#pragma once
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The message lies in a buffer that has room for it: whoever puts a text has seen to its length. */
static inline struct rtattr *put(struct nlmsghdr *q, unsigned short type, const void *data, size_t length) {
  struct rtattr *attr = (void *)((char *)q + NLMSG_ALIGN(q->nlmsg_len));
  attr->rta_type = type, attr->rta_len = (unsigned short)RTA_LENGTH(length);
  memcpy(RTA_DATA(attr), data, length);
  q->nlmsg_len = NLMSG_ALIGN(q->nlmsg_len) + RTA_ALIGN(attr->rta_len);
  return attr;
}

static inline struct rtattr *nest(struct nlmsghdr *q, unsigned short type) { return put(q, type | NLA_F_NESTED, "", 0); }
static inline void end_nest(const struct nlmsghdr *q, struct rtattr *of) {
  of->rta_len = (unsigned short)((const char *)q + q->nlmsg_len - (char *)of);
}

static inline const struct rtattr *attribute(const struct rtattr *list, int length, unsigned short type) {
  for (const struct rtattr *a = list; RTA_OK(a, length); a = RTA_NEXT(a, length))
    if ((a->rta_type & NLA_TYPE_MASK) == type) return a;
  return NULL;
}

static inline bool is(const char *one, const char *other) { return !strcmp(one, other); }
/* Of these characters alone, and at least one. */
static inline bool made_of(const char *text, const char *these) { return *text && !text[strspn(text, these)]; }
#define HEX "0123456789abcdefABCDEF"

static inline bool number(const char *text, uint32_t *into) {
  unsigned long long n = made_of(text, "0123456789") ? strtoull(text, NULL, 10) : UINT64_MAX;
  return *into = (uint32_t)n, n <= UINT32_MAX;
}

static inline bool mac(const char *text, unsigned char into[6]) {
  int end = 0;
  return made_of(text, HEX ":") && sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &into[0], &into[1], &into[2], &into[3], &into[4], &into[5], &end) == 6 && !text[end];
}
