/* What a wire carries: wire serve PORT takes connections at all addresses, each in a process of its own, throws away what comes or answers each byte;
 * wire stream ADDRESS PORT MS sends for so long and prints bytes per second, counted until the other end has all of them; wire ask ADDRESS PORT MS sends
 * one byte at a time, waits for the answer, and prints how often that went in a second. IPv4. Who serves stays on the last processor that it may use, who
 * asks on the first: where the kernel puts the two, on one or beside each other, makes more of a difference than any way between them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char block[256 << 10];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static struct sockaddr_in place(const char *address, const char *port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (inet_pton(AF_INET, address, &at.sin_addr) != 1) errx(2, "%s is no IPv4 address", address);
  return at;
}

static void stay(int first) {
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof all, &all) < 0) err(1, "sched_getaffinity");
  int at = first ? 0 : CPU_SETSIZE - 1;
  while (!CPU_ISSET(at, &all)) at += first ? 1 : -1;
  CPU_ZERO(&one);
  CPU_SET(at, &one);
  if (sched_setaffinity(0, sizeof one, &one) < 0) err(1, "sched_setaffinity");
}

static void at_once(int fd) { setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); }

/* The first byte says what is wanted. */
static void attend(int fd) {
  char kind;
  at_once(fd);
  if (read(fd, &kind, 1) != 1) return;
  for (ssize_t n; (n = read(fd, block, kind == 'a' ? 1 : sizeof block)) > 0;)
    if (kind == 'a' && write(fd, block, 1) != 1) return;
}

static void serve(const char *port) {
  struct sockaddr_in at = place("0.0.0.0", port);
  int door = socket(AF_INET, SOCK_STREAM, 0);
  signal(SIGCHLD, SIG_IGN);
  stay(0);
  if (bind(door, (void *)&at, sizeof at) < 0 || listen(door, 16) < 0) err(1, "listen");
  puts("ready");
  fflush(stdout);
  for (int fd; (fd = accept(door, NULL, NULL)) >= 0; close(fd))
    if (fork() == 0) attend(fd), _exit(0);
}

static double ask(int fd, double seconds) {
  double from = now(), took;
  long count = 0;
  for (; (took = now() - from) < seconds; count++)
    if (write(fd, block, 1) != 1 || read(fd, block, 1) != 1) err(1, "ask");
  return count / took;
}

static double stream(int fd, double seconds) {
  double from = now(), bytes = 0;
  while (now() - from < seconds) {
    ssize_t n = write(fd, block, sizeof block);
    if (n < 0) err(1, "stream");
    bytes += n;
  }
  shutdown(fd, SHUT_WR);
  if (read(fd, block, 1) != 0) err(1, "stream");
  return bytes / (now() - from);
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "serve")) return serve(argv[2]), 1;
  if (argc != 5) errx(2, "usage: wire serve PORT | wire stream|ask ADDRESS PORT MS");
  struct sockaddr_in at = place(argv[2], argv[3]);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  double seconds = atof(argv[4]) / 1000;
  stay(1);
  if (connect(fd, (void *)&at, sizeof at) < 0) err(1, "connect to %s", argv[2]);
  at_once(fd);
  if (write(fd, argv[1], 1) != 1) err(1, "%s", argv[1]);
  printf("%.0f\n", argv[1][0] == 'a' ? ask(fd, seconds) : stream(fd, seconds));
}
