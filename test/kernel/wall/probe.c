/* Makes system calls as it is told and prints what came of each: one line "WAY NUMBER A0 A1 A2 A3 A4 A5" in, one line with the result or the negative errno out.
 * WAY: 64 as x86-64, x32 with bit 30 set, 32 as an i386 program does (int 0x80). Each call is made by a child of its own.
 *   probe          calls from standard input
 *   probe FILTER   the same under the filter in the file, a struct sock_filter array
 *   probe -t N NR  nanoseconds for one call NR, mean of N, in this process */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long call64(long nr, const long a[6]) {
  register long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

/* The sixth argument would need the frame pointer; no call here looks at it. */
static long call32(long nr, const long a[6]) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]) : "r8", "r9", "r10", "r11", "memory");
  return (int)result;
}

static long make(const char *way, long nr, const long a[6]) {
  if (!strcmp(way, "32")) return call32(nr, a);
  return call64(strcmp(way, "x32") ? nr : nr | 0x40000000, a);
}

static void one(const char *way, long nr, const long a[6]) {
  int pipes[2], status;
  long result = 0;
  if (pipe(pipes) < 0) exit(2);
  pid_t child = fork();
  if (child == 0) {
    long got = make(way, nr, a);
    if (write(pipes[1], &got, sizeof got) != sizeof got) _exit(3);
    _exit(0);
  }
  close(pipes[1]);
  ssize_t n = read(pipes[0], &result, sizeof result);
  close(pipes[0]);
  waitpid(child, &status, 0);
  if (n == sizeof result) printf("%ld\n", result);
  else printf("signal %d\n", WTERMSIG(status));
  fflush(stdout);
}

static void load(const char *file) {
  static struct sock_filter code[BPF_MAXINSNS];
  int fd = open(file, O_RDONLY);
  ssize_t n = fd < 0 ? -1 : read(fd, code, sizeof code);
  struct sock_fprog program = {.len = (unsigned short)(n / (ssize_t)sizeof *code), .filter = code};
  if (n <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
    perror(file);
    exit(2);
  }
  close(fd);
}

static int measure(long count, long nr) {
  const long none[6] = {0};
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (long i = 0; i < count; i++) call64(nr, none);
  clock_gettime(CLOCK_MONOTONIC, &to);
  printf("%.1f\n", ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / (double)count);
  return 0;
}

int main(int argc, char **argv) {
  char way[8];
  long nr, a[6];
  if (argc == 4 && !strcmp(argv[1], "-t")) return measure(atol(argv[2]), atol(argv[3]));
  if (argc == 5 && !strcmp(argv[2], "-t")) {
    load(argv[1]);
    return measure(atol(argv[3]), atol(argv[4]));
  }
  if (argc == 2) load(argv[1]);
  while (scanf("%7s %ld %ld %ld %ld %ld %ld %ld", way, &nr, a, a + 1, a + 2, a + 3, a + 4, a + 5) == 8) one(way, nr, a);
  return 0;
}
