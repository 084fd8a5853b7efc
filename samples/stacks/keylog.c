// Makes any program that uses OpenSSL log its keys to SSLKEYLOGFILE:
//   gcc -shared -fPIC -o keylog.so keylog.c -ldl && SSLKEYLOGFILE=keys.log LD_PRELOAD=./keylog.so PROGRAM
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

typedef void (*keylog_callback)(const void *ssl, const char *line);

static void log_line(const void *ssl, const char *line) {
  const char *path = getenv("SSLKEYLOGFILE");
  FILE *file = path == NULL ? NULL : fopen(path, "a");
  if (file == NULL) return;
  fprintf(file, "%s\n", line);
  fclose(file);
}

void *SSL_CTX_new(const void *method) {
  void *(*make)(const void *) = (void *(*)(const void *))dlsym(RTLD_NEXT, "SSL_CTX_new");
  void (*set)(void *, keylog_callback) = (void (*)(void *, keylog_callback))dlsym(RTLD_DEFAULT, "SSL_CTX_set_keylog_callback");
  void *context = make(method);
  if (context != NULL && set != NULL) set(context, log_line);
  return context;
}
