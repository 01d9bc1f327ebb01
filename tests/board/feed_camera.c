// SPDX-License-Identifier: Apache-2.0
// feed-camera DEVICE FPS PICTURE.pgm: what a camera of the virtual board sees.
//
// Shows the grey picture, scaled to the height of a 640x480 frame and in its middle, on a V4L2 output
// (vivid's, looped to its capture node). The file is read again for each frame, so `mv other.pgm
// PICTURE.pgm` changes the scene. As in a camera no two frames are the same: one pixel counts.
// A picture of one pixel fills the whole frame. An unreadable one is shown as the one before. A file named
// PICTURE.pgm.still stops the counting.
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 640, HEIGHT = 480, BUFFERS = 3, MAX_SIDE = 256, BACKGROUND = 40 };

struct picture {
  unsigned width, height;
  uint8_t pixels[MAX_SIDE * MAX_SIDE];
};

static void require(int result, const char *what) {
  if (result >= 0) return;
  fprintf(stderr, "feed-camera: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void read_picture(const char *path, struct picture *picture) {
  static struct picture next;
  FILE *const file = fopen(path, "rb");
  if (file == NULL) return;
  const int fields = fscanf(file, "P5 %u %u 255", &next.width, &next.height);
  const int is_sane = fields == 2 && next.width - 1 < MAX_SIDE && next.height - 1 < MAX_SIDE && fgetc(file) != EOF;
  if (is_sane && fread(next.pixels, next.width, next.height, file) == next.height) *picture = next;
  fclose(file);
}

// The middle square holds the picture, the sides a dim wall.
static void draw(const struct picture *picture, uint32_t count, uint8_t *frame) {
  const unsigned left = (WIDTH - HEIGHT) / 2;
  memset(frame, picture->width == 1 ? picture->pixels[0] : BACKGROUND, (size_t)WIDTH * HEIGHT * 3);
  for (unsigned y = 0; y < HEIGHT; ++y) {
    const uint8_t *const row = picture->pixels + y * picture->height / HEIGHT * picture->width;
    uint8_t *const out = frame + ((size_t)y * WIDTH + left) * 3;
    for (unsigned x = 0; x < HEIGHT; ++x) memset(out + x * 3, row[x * picture->width / HEIGHT], 3);
  }
  memcpy(frame, &count, 3);
}

static void set_format(int device) {
  struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
  format.fmt.pix.width = WIDTH;
  format.fmt.pix.height = HEIGHT;
  format.fmt.pix.pixelformat = V4L2_PIX_FMT_BGR24;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  format.fmt.pix.colorspace = V4L2_COLORSPACE_SRGB;
  require(ioctl(device, VIDIOC_S_FMT, &format), "640x480 BGR3");
}

static void wait_until(struct timespec *when, long step_ns) {
  when->tv_nsec += step_ns;
  while (when->tv_nsec >= 1000000000L) {
    when->tv_nsec -= 1000000000L;
    ++when->tv_sec;
  }
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, when, NULL);
}

static void map_buffers(int device, uint8_t *memory[BUFFERS]) {
  struct v4l2_requestbuffers request = {.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
  require(ioctl(device, VIDIOC_REQBUFS, &request), "buffers");
  for (unsigned i = 0; i < BUFFERS; ++i) {
    struct v4l2_buffer buffer = {.type = request.type, .memory = V4L2_MEMORY_MMAP, .index = i};
    require(ioctl(device, VIDIOC_QUERYBUF, &buffer), "a buffer");
    memory[i] = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, device, buffer.m.offset);
    require(memory[i] == MAP_FAILED ? -1 : 0, "mapping a buffer");
  }
}

int main(int argc, char **argv) {
  if (argc != 4 || atoi(argv[2]) <= 0) {
    fprintf(stderr, "usage: feed-camera DEVICE FPS PICTURE.pgm\n");
    return 2;
  }
  const int device = open(argv[1], O_RDWR | O_CLOEXEC);
  require(device, argv[1]);
  set_format(device);
  uint8_t *memory[BUFFERS];
  map_buffers(device, memory);
  static struct picture picture = {.width = 1, .height = 1, .pixels = {BACKGROUND}};
  char still[4096];
  snprintf(still, sizeof still, "%s.still", argv[3]);
  const int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  struct timespec when;
  clock_gettime(CLOCK_MONOTONIC, &when);
  for (uint32_t shown = 0, count = 0;; ++shown) {
    struct v4l2_buffer buffer = {.type = type, .memory = V4L2_MEMORY_MMAP, .index = shown};
    if (shown >= BUFFERS) require(ioctl(device, VIDIOC_DQBUF, &buffer), "taking a buffer back");
    read_picture(argv[3], &picture);
    if (access(still, F_OK) != 0) ++count;
    draw(&picture, count, memory[buffer.index]);
    buffer.bytesused = WIDTH * HEIGHT * 3;
    buffer.field = V4L2_FIELD_NONE;
    require(ioctl(device, VIDIOC_QBUF, &buffer), "showing a buffer");
    if (shown == BUFFERS - 1) require(ioctl(device, VIDIOC_STREAMON, &type), "starting");
    wait_until(&when, 1000000000L / atoi(argv[2]));
  }
}
