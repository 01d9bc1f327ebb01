// SPDX-License-Identifier: Apache-2.0
// First program of the virtual board: loads the modules of /modules.list, mounts the root device and
// hands over to systemd. Debian's kernel has virtio, ext4 and the SD card as modules.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const root_devices[] = {"/dev/vda", "/dev/mmcblk0", "/dev/mmcblk1"};

static void stop(const char *what) {
  fprintf(stderr, "init: %s: %s\n", what, strerror(errno));
  for (;;) pause();
}

static void load_module(const char *path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || (syscall(SYS_finit_module, file, "", 0) != 0 && errno != EEXIST))
    fprintf(stderr, "init: %s: %s\n", path, strerror(errno));
  close(file);
}

static void load_modules(void) {
  FILE *const list = fopen("/modules.list", "r");
  char path[256];
  if (list == NULL) stop("/modules.list");
  while (fgets(path, sizeof path, list) != NULL) {
    path[strcspn(path, "\n")] = 0;
    load_module(path);
  }
}

static int mount_any(void) {
  for (size_t i = 0; i < sizeof root_devices / sizeof *root_devices; ++i)
    if (mount(root_devices[i], "/root", "ext4", 0, NULL) == 0) return 0;
  return -1;
}

int main(void) {
  mkdir("/dev", 0755);
  mkdir("/root", 0755);
  mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
  const int console = open("/dev/console", O_RDWR);
  for (int i = 0; console >= 0 && i < 3; ++i) dup2(console, i);
  load_modules();
  for (int tries = 0; mount_any() != 0; ++tries) {
    if (tries > 6000) stop("no root device after 60 s");
    usleep(10000);
  }
  if (mount("/dev", "/root/dev", NULL, MS_MOVE, NULL) != 0) stop("moving /dev");
  if (chdir("/root") != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
    stop("switching to the root device");
  execl("/sbin/init", "/sbin/init", (char *)NULL);
  stop("/sbin/init");
}
