#ifndef MACHINE_H
#define MACHINE_H
#include <quickjs.h>

/* The arguments after the program's own name, for machine.argv. */
extern int machine_argc;
extern char **machine_argv;

/* Registers the module "qjs:machine"; NULL when there is no memory for it. */
JSModuleDef *machine_module(JSContext *ctx);

/* What bytes say as UTF-8, each malformed part replaced by U+FFFD as browsers and Node do. */
JSValue new_text(JSContext *ctx, const uint8_t *bytes, size_t length);

/* spawn(argv, environment, timeoutMs): see src/machine/qjs-machine.d.ts */
JSValue machine_spawn(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);

/* watched(), enter(path, limitMs) and leave(): see there too. */
JSValue machine_watched(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue machine_enter(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue machine_leave(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t monotonic_ms(void);

/* Throws an object whose property errno is the kernel's number. */
JSValue throw_errno(JSContext *ctx, int number);
#endif
