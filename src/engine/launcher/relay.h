/* Between our terminals and what a program in a container has in their place (relay.c). */
#pragma once
#include "protocol.h"

#define RELAY_ROOM 16384

/* What is watched while it runs. Never stopped from a terminal (SIGT…): as long as a zombie of ours lies in the container's pid namespace, its init
 * cannot end. */
extern const int RELAYED[];
/* Not a wish to end. */
bool is_quiet(int number);
/* Of a terminal; all zero: as ours. */
void set_size(int terminal, struct winsize size);

struct relayed {
  pid_t child;
  const int *ends; /* ours of its 0, 1, 2, -1: it has our own; with `pty` the first is the master of its terminal */
  bool pty;
  bool followed; /* somebody comes in our place: what we were given stays open for him */
  struct bytes typed; /* RELAY_ROOM at most, before anything else */
  int signals; /* of RELAYED */
  int sizes; /* a pane says here how large it is, -1: our terminal does, or there is none */
};
/* Until the program has ended and what it printed has been shown; how it ended, as waitpid tells. */
int relay(const struct relayed *program);
