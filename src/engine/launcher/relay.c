/* Between our terminals and what a program in a container has in their place. */
#include "relay.h"

#include <termios.h>

static struct termios before;
static bool raw;

const int RELAYED[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, 0};
bool is_quiet(int number) { return strchr((char[]){SIGCHLD, SIGWINCH, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, 0}, number); }

void set_size(int terminal, struct winsize size) {
  if (size.ws_row || ioctl(0, TIOCGWINSZ, &size) == 0) ioctl(terminal, TIOCSWINSZ, &size);
}

static void restore(void) {
  if (raw) tcsetattr(0, TCSANOW, &before);
  raw = false;
}
static void restore_and_die(int number) { restore(), signal(number, SIG_DFL), raise(number); }
static void set_raw(void) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, 0};
  for (const int *fault = faults; *fault; fault++) signal(*fault, restore_and_die);
  if (!raw && tcgetattr(0, &before) < 0) return;
  struct termios modes = before;
  raw = true;
  cfmakeraw(&modes);
  tcsetattr(0, TCSANOW, &modes);
}

/* A description of our own may be non-blocking; the one we were given belongs to the shell that waits for us, too, but for a pane's. */
static int own(int fd, bool pane) {
  char self[32];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  if (pane) fcntl(fd, F_SETFL, O_NONBLOCK);
  int mine = fd && isatty(fd) ? open(self, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
  return mine < 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : mine;
}

/* One way of the bytes; both ends are closed when one is. */
struct flow {
  int from, to;
  uint8_t tells; /* so many times the end of what comes may be told as Ctrl-D */
  bool ready; /* `to` does not block: the common write needs no question before */
  size_t at, length;
  uint8_t data[RELAY_ROOM];
};
static bool full(const struct flow *f) { return f->at < f->length; }
/* Once more after everything that the program prints: a shell that sets up its terminal throws away what was typed before. */
static void tell_over(struct flow *f) {
  if (f->tells && f->from < 0 && !full(f)) f->tells--, f->at = 0, f->data[0] = 4, f->length = 1;
}

static void flow(struct flow *f) {
  bool out = full(f);
  ssize_t n = out ? write(f->to, f->data + f->at, f->length - f->at) : read(f->from, f->data, RELAY_ROOM);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (out && n > 0) f->at += (size_t)n;
  else f->at = 0, f->length = n > 0 ? (size_t)n : 0;
  if (n > 0) return out || !f->ready ? (void)0 : flow(f);
  close_fd(&f->from);
  if (out || !f->tells) close_fd(&f->to);
  else tell_over(f);
}

struct end {
  pid_t child;
  int status;
  bool came, left, gone; /* left: somebody wants to go although not all has been shown; gone: our terminal is, or has to be */
};
static void look_for_end(struct end *e) {
  pid_t pid = waitpid(e->child, &e->status, WNOHANG);
  if (pid < 0 && !e->came) e->status = SIGKILL; /* reaped while we rested */
  e->came |= pid != 0;
}

/* Ctrl-Z, when the program has no terminal of its own: it stops, and so do we. Meanwhile the kernel reaps it, see RELAYED. */
static void rest(struct end *e) {
  sigset_t stop = {0};
  sigaddset(&stop, SIGTSTP);
  signal(SIGCHLD, SIG_IGN);
  look_for_end(e);
  if (!e->came) {
    kill(-e->child, SIGSTOP);
    raise(SIGTSTP); /* not SIGSTOP: without a shell that could wake us the kernel forgets it */
    sigprocmask(SIG_UNBLOCK, &stop, NULL);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    kill(-e->child, SIGCONT);
  }
  signal(SIGCHLD, SIG_DFL);
  look_for_end(e);
}

static void on_signals(int signals, struct end *e, int terminal /* the program's own, -1: none */) {
  struct signalfd_siginfo info;
  while (read(signals, &info, sizeof info) == sizeof info) {
    int number = (int)info.ssi_signo;
    if (number == SIGCHLD) look_for_end(e);
    if (number == SIGTSTP && terminal < 0 && !e->came) rest(e);
    if (number == SIGCONT && terminal >= 0) set_raw();
    if ((number == SIGCONT || number == SIGWINCH) && terminal >= 0) set_size(terminal, (struct winsize){0});
    if (is_quiet(number) || (e->left = e->came)) continue;
    bool key = terminal < 0 && (number == SIGINT || number == SIGQUIT); /* what a shell waits for hears of it, too */
    if (terminal >= 0) e->gone = true;
    else kill(key ? -e->child : e->child, number);
  }
}

/* Until the program has ended and what it printed has been shown: what pipe or terminal hold, not what others go on writing. `sizes`: of a pane, -1:
 * ours is a terminal, or none is meant. */
static void carry(struct flow flows[3], int signals, int sizes, struct end *e, int terminal) {
  bool hangs = sizes >= 0 || isatty(0);
  look_for_end(e); /* the signal may have come while we joined */
  for (int late = 0; !e->came || (!e->left && late < 80 && (flows[1].from >= 0 || flows[2].from >= 0));) {
    struct pollfd fds[5] = {[3] = {.fd = signals, .events = POLLIN}, [4] = {.fd = sizes, .events = POLLIN}};
    bool over = e->came, showing = full(&flows[1]) || full(&flows[2]);
    for (struct flow *f = flows; f < flows + 3; f++)
      fds[f - flows] = full(f) ? (struct pollfd){.fd = f->to, .events = POLLOUT} : (struct pollfd){.fd = f->from, .events = POLLIN};
    poll(fds, 5, over && !showing ? 0 : -1);
    if (fds[3].revents) on_signals(signals, e, terminal);
    for (int i = 0; i < 3; i++)
      if (fds[i].revents) flow(&flows[i]);
      else if (over && !full(&flows[i])) close_fd(&flows[i].from);
    struct winsize size = {0}; /* begins with rows and columns, as what is said does */
    bool said = fds[4].revents && read(sizes, &size, 4) == 4;
    if (said) set_size(terminal, size);
    e->gone |= (fds[4].revents && !said) || (hangs && fds[0].revents && flows[0].from < 0);
    if (terminal >= 0 && e->gone) { /* the kernel hangs up: also on who ignores SIGHUP, is stopped, never reads */
      for (struct flow *f = flows; f < flows + 3; f++) close_fd(&f->from), close_fd(&f->to);
      if (!e->came) e->came = true, e->status = SIGHUP;
    }
    if (fds[1].revents) tell_over(&flows[0]);
    late += over && !showing;
  }
}

/* Bytes of a flood that the kernel holds for a pane, and doubles: what is typed is answered behind them. */
enum { PANE_AHEAD = 16384 };

/* Ours stay open only for who comes in our place, so that a reader sees its end. */
int relay(const struct relayed *r) {
  static struct flow flows[3];
  struct end e = {.child = r->child};
  int terminal = r->pty ? r->ends[0] : -1;
  bool pane = r->sizes >= 0;
  for (int i = 0; i < 3; i++) {
    int theirs = i == 1 && r->pty ? fcntl(terminal, F_DUPFD_CLOEXEC, 3) : r->ends[i], ours = theirs < 0 ? -1 : own(i, pane);
    flows[i] = (struct flow){.from = i ? theirs : ours, .to = i ? ours : theirs};
    flows[i].ready = flows[i].to >= 0 && fcntl(flows[i].to, F_GETFL) & O_NONBLOCK;
  }
  if (pane) setsockopt(1, SOL_SOCKET, SO_SNDBUF, &(int){PANE_AHEAD}, sizeof(int));
  memcpy(flows[0].data, r->typed.at, flows[0].length = r->pty ? r->typed.length : 0);
  if (r->pty && !pane && !isatty(0)) flows[0].tells = 64;
  if (r->pty) set_raw();
  else if (!r->followed) null_stdio();
  carry(flows, r->signals, r->sizes, &e, terminal);
  restore();
  return e.status;
}
