/* What a connection costs: connect PLAIN COUNTED ROUNDS LOOPS connects over the loopback of a network of its own, accepts, and closes both ends, by turns
 * with both ends in the first cgroup, with the one that connects in the second, and with both there. One line for each round: nanoseconds of CPU per
 * connection in the three cases. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void join(const char *group) {
  char path[4096];
  snprintf(path, sizeof path, "%s/cgroup.procs", group);
  FILE *file = fopen(path, "w");
  if (!file || fputs("0", file) < 0 || fclose(file) != 0) err(1, "%s", path);
}

static double turn(const char *server_in, const char *client_in, int loops) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  struct linger abrupt = {.l_onoff = 1};
  join(server_in); /* what comes in is of its listener's group */
  int door = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(door, (void *)&at, length) < 0 || listen(door, 16) < 0 || getsockname(door, (void *)&at, &length) < 0) err(1, "listen");
  join(client_in);
  double from = now();
  for (int i = 0; i < loops; i++) {
    int client = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(client, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt); /* nothing waits for late packets */
    if (connect(client, (void *)&at, length) < 0) err(1, "connect");
    int server = accept(door, NULL, NULL);
    if (server < 0) err(1, "accept");
    close(server);
    close(client);
  }
  double took = (now() - from) / loops;
  close(door);
  return took;
}

int main(int argc, char **argv) {
  struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  if (argc != 5) errx(2, "usage: connect PLAIN COUNTED ROUNDS LOOPS");
  if (unshare(CLONE_NEWNET) < 0) err(1, "unshare");
  if (ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &up) < 0) err(1, "lo");
  const char *cases[3][2] = {{argv[1], argv[1]}, {argv[1], argv[2]}, {argv[2], argv[2]}};
  int loops = atoi(argv[4]);
  for (int round = atoi(argv[3]); round > 0; round--) {
    double took[3];
    for (int i = 0; i < 3; i++) {
      int which = (round + i) % 3; /* whoever is first changes from round to round */
      took[which] = turn(cases[which][0], cases[which][1], loops);
    }
    printf("%.0f %.0f %.0f\n", took[0], took[1], took[2]);
  }
}
