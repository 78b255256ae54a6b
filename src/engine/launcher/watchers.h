/* Who watches a container's terminals (watchers.c). */
#pragma once
#include "terminal.h"

#define WATCHERS 17 /* the last place is for whoever is turned away */
#define PAUSE_MS 200 /* what a watcher that is far behind may hold up a terminal before it is dropped */
#define EACH_TTY(k, t) for (struct tty *t = (k)->ttys; t < (k)->ttys + (k)->tty_count; t++)

void watchers_begin(struct keeper *k);
/* Takes in whoever waits at the listener. */
void watchers_welcome(int listener);
/* Room for one more chunk without overwriting what a watcher has not seen? A watcher gets PAUSE_MS to make some, then it goes. */
bool watchers_let(struct tty *t, int64_t now);
/* A place for each. */
void watchers_gather(struct pollfd fds[WATCHERS]);
void watchers_serve(const struct pollfd fds[WATCHERS]);
/* Each gets what is left and the reason, as far as it is taken within PAUSE_MS. */
void watchers_part(const char *reason);
