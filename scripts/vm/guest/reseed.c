// Mixes standard input into the kernel's random numbers. Without RNDRESEEDCRNG machines that were resumed from one state go on alike.
#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void) {
  char seed[512];
  int random = open("/dev/urandom", O_RDWR);
  ssize_t size = read(0, seed, sizeof seed);
  if (random < 0 || size < 1 || write(random, seed, size) != size) return 1;
  return ioctl(random, RNDRESEEDCRNG) ? 1 : 0;
}
