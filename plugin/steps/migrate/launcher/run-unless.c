/*
 * run-unless MARKER COMMAND [ARGUMENT…]: does nothing, successfully, when MARKER exists; otherwise becomes COMMAND.
 *
 * The migration runs in the application's image, of which nothing is known (it may hold no shell), and Kubernetes
 * starts an init container whatever the one before found out. The migration is therefore started through this program,
 * which the guard copies beside its marker. Static, so that it runs on any base image.
 *
 * Exit codes: 0 when MARKER exists; 64 called wrongly; 126 COMMAND cannot be run; 127 COMMAND not found.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* execv over PATH by hand: execvp would hand a file without a header to /bin/sh. */
static int run(char **command) {
  const char *path = getenv("PATH");
  int seen = ENOENT;
  if (strchr(command[0], '/') != NULL) {
    execv(command[0], command);
    return errno;
  }
  if (path == NULL) path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  while (*path != '\0') {
    char file[PATH_MAX];
    size_t length = strcspn(path, ":");
    int written = snprintf(file, sizeof file, "%.*s/%s", (int)length, path, command[0]);
    if (length > 0 && written > 0 && (size_t)written < sizeof file) {
      execv(file, command);
      if (errno != ENOENT && errno != ENOTDIR) seen = errno;
    }
    path += length;
    if (*path == ':') path++;
  }
  return seen;
}

int main(int count, char **arguments) {
  int error;
  if (count < 3) {
    fprintf(stderr, "usage: run-unless MARKER COMMAND [ARGUMENT...]\n");
    return 64;
  }
  if (access(arguments[1], F_OK) == 0) {
    puts("recorded as done before: not run again");
    return 0;
  }
  /* Anything but a clear "it is not there" is no leave to run. */
  if (errno != ENOENT) {
    fprintf(stderr, "run-unless: %s: %s\n", arguments[1], strerror(errno));
    return 126;
  }
  error = run(arguments + 2);
  fprintf(stderr, "run-unless: %s: %s\n", arguments[2], strerror(error));
  return error == ENOENT ? 127 : 126;
}
