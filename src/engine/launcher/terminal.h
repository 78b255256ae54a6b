/* A terminal of a container as its keeper has it (terminal.c). */
#pragma once
#include "protocol.h"

#define CHUNK 4096
#define LAST 4096 /* bytes of the console that are left for whoever asks why it ended */

/* A pty of the node's own devpts: checkpointing needs it so, and nothing inside can take it away. -1 with why. */
int open_terminal(struct tty *t, uint32_t creator, struct failure *why);
/* One chunk into ring and log; false when there is no more. */
bool drain(struct tty *t);
/* What the ring has from a byte of the stream on, as far as there is room. */
size_t recall(const struct tty *t, uint64_t from, uint8_t *to, size_t room);
/* Of the last `bytes`, LAST at most, what draws: `to` needs one byte more. */
size_t recall_text(const struct tty *t, size_t bytes, uint8_t *to);
/* Only called when nothing is pending, with at most a CHUNK. */
void type(struct tty *t, const uint8_t *data, uint32_t length);
void type_pending(struct tty *t);
