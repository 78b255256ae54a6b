/* bpf(2) as the plan has it. The kernel's own union bpf_attr is made in TypeScript, programs and keys likewise; what only this process can fill in
 * (descriptors, addresses, identities of what was opened) is put in its place here. Knows no program and no map. */
#include "ops.h"

#include <linux/bpf.h>
#include <net/if.h>

#define MAX_ATTR 256 /* the kernel takes a longer attr than it knows as long as the rest is zero */

/* A place in attr, or in the data that attr points to. Drawn in spec/bpf/call.ts. */
struct fix {
  uint32_t at, value;
  uint8_t in_data, what, zero[2];
};
enum { ADDRESS, DESCRIPTOR, IDENTITY, LINK };

static int bpf(unsigned command, void *attr, size_t size) { return (int)syscall(SYS_bpf, command, attr, size); }

int do_open(struct run *r, const struct value *a) {
  return keep(r, a, open(a[1].text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY), "open", a[1].text);
}

/* What belongs there; false: no such place in the data, nothing in the slot, or no such link. */
static bool look_up(const struct run *r, const struct fix *f, const struct bytes *data, uint64_t *value) {
  struct stat st;
  if (f->what == ADDRESS) return *value = (uintptr_t)(data->at + f->value), f->value < data->length;
  if (f->what == LINK)
    return f->value < data->length && memchr(data->at + f->value, 0, data->length - f->value) && (*value = if_nametoindex((const char *)data->at + f->value)) != 0;
  int fd = f->value < MAX_SLOTS ? r->slots[f->value] : -1;
  if (fd < 0 || (f->what == IDENTITY && fstat(fd, &st) < 0)) return false;
  return *value = f->what == IDENTITY ? st.st_ino : (uint64_t)fd, f->what <= IDENTITY;
}

int do_bpf(struct run *r, const struct value *a) {
  _Alignas(8) uint8_t attr[MAX_ATTR] = {0};
  struct bytes given = a[2].bytes, data = a[3].bytes, fixes = a[4].bytes;
  char command[32];
  snprintf(command, sizeof command, "command %u", (unsigned)a[1].n);
  if (given.length > sizeof attr || fixes.length % sizeof(struct fix) || (a[0].n >= MAX_SLOTS && a[0].n != NO_SLOT)) return refuse(r, EINVAL, "bpf", command);
  memcpy(attr, given.at, given.length);
  for (uint32_t i = 0; i < fixes.length; i += sizeof(struct fix)) {
    struct fix f;
    uint64_t value;
    memcpy(&f, fixes.at + i, sizeof f);
    uint8_t *into = f.in_data ? (uint8_t *)(uintptr_t)data.at : attr;
    uint32_t room = f.in_data ? data.length : given.length, size = f.what == DESCRIPTOR || f.what == LINK ? 4 : 8;
    if (room < size || f.at > room - size || !look_up(r, &f, &data, &value)) return refuse(r, EBADF, "fix", command);
    memcpy(into + f.at, &value, size);
  }
  int result = bpf((unsigned)a[1].n, attr, given.length);
  return a[0].n == NO_SLOT ? done_or(r, result, "bpf", command) : keep(r, a, result, "bpf", command);
}

/* The program that we attached before, -1: none. Nobody else attaches any to this directory; it stays root's. */
static int attached_program(int dir) {
  uint32_t id = 0;
  union bpf_attr query = {.query = {.target_fd = (uint32_t)dir, .attach_type = BPF_CGROUP_DEVICE, .prog_ids = (uintptr_t)&id, .prog_cnt = 1}};
  if (bpf(BPF_PROG_QUERY, &query, sizeof query) < 0 || query.query.prog_cnt != 1) return -1;
  return bpf(BPF_PROG_GET_FD_BY_ID, &(union bpf_attr){.prog_id = id}, sizeof(union bpf_attr));
}

/* Attached programs live as long as their cgroup; several may sit on one path to the root, and all must agree. One that is there already is replaced
 * in one step: at no time is there none. */
int do_bpf_device(struct run *r, const struct value *a) {
  union bpf_attr attr;
  AUTO_FD dir = open_cgroup(AT_FDCWD, a[0].text);
  if (dir < 0) return no(r, "open", a[0].text);
  memset(&attr, 0, sizeof attr);
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = (uintptr_t)a[1].bytes.at;
  attr.insn_cnt = a[1].bytes.length / sizeof(struct bpf_insn);
  attr.license = (uintptr_t)"MIT";
  AUTO_FD program = bpf(BPF_PROG_LOAD, &attr, sizeof attr);
  if (program < 0) return no(r, "bpf BPF_PROG_LOAD", a[0].text);
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)dir;
  attr.attach_bpf_fd = (uint32_t)program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  AUTO_FD before = attached_program(dir);
  attr.attach_flags = BPF_F_ALLOW_MULTI | (before < 0 ? 0 : BPF_F_REPLACE);
  attr.replace_bpf_fd = (uint32_t)(before < 0 ? 0 : before);
  return done_or(r, bpf(BPF_PROG_ATTACH, &attr, sizeof attr), "bpf BPF_PROG_ATTACH", a[0].text);
}
