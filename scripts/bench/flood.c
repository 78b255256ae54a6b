// A program that floods its terminal and still answers keys: figures over figures in the upper lines, and below them the last small letter
// that was typed. It never waits for anything but its terminal.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

int main(void) {
  struct termios raw;
  tcgetattr(0, &raw);
  cfmakeraw(&raw);
  tcsetattr(0, TCSANOW, &raw);
  char letter = ' ', frame[1024];
  for (unsigned long round = 0;; round++) {
    struct pollfd keys = {.fd = 0, .events = POLLIN};
    char typed;
    if (poll(&keys, 1, 0) == 1) {
      if (read(0, &typed, 1) != 1) return 0;
      if (typed >= 'a' && typed <= 'z') letter = typed;
    }
    int length = snprintf(frame, sizeof frame, "\033[H");
    for (int line = 0; line < 6; line++) length += snprintf(frame + length, sizeof frame - (size_t)length, "%020lu\r\n", round * 7919 + (unsigned long)line);
    length += snprintf(frame + length, sizeof frame - (size_t)length, "%c", letter);
    for (int at = 0; at < length;) {
      ssize_t n = write(1, frame + at, (size_t)(length - at));
      if (n <= 0) return 0;
      at += (int)n;
    }
  }
}
