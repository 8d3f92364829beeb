/*
 * holdfast's static executable: the QuickJS runtime without its parser, the module "qjs:machine",
 * and the program as bytecode, in modules of which the last is not read for the calls of a boot. Before: a kernel, perhaps nothing else. After: an exit status.
 */
#include "allocator.h"
#include "machine.h"
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const uint8_t code_shared[], code_boot[], code_rest[];
extern const uint32_t code_shared_size, code_boot_size, code_rest_size;

enum {
    EXIT_BUG = 70,
    GC_BYTES = 8 << 20, /* a run that stays below it, as most do, never looks for cycles */
};

/* With a standard stream closed, the next file opened would get its number and be written into. */
static void settle_descriptors(void)
{
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        if (open("/dev/null", O_RDWR) < 0)
            open("/", O_RDONLY | O_DIRECTORY);
    }
    /* What the caller left open is nothing to the programs run here; kernels before 5.11 refuse. */
    syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
}

static void print_exception(JSContext *ctx, JSValueConst error)
{
    const char *message = JS_ToCString(ctx, error);
    JSValue stack = JS_GetPropertyStr(ctx, error, "stack");
    const char *where = JS_IsString(stack) ? JS_ToCString(ctx, stack) : NULL;
    dprintf(2, "holdfast: this is a bug in holdfast: %s\n%s", message ? message : "?", where ? where : "");
    JS_FreeCString(ctx, message);
    JS_FreeCString(ctx, where);
    JS_FreeValue(ctx, stack);
}

/* Reads a module and runs it; 0 with the error printed when it cannot. */
static int run_module(JSContext *ctx, const uint8_t *code, uint32_t size)
{
    JSValue module = JS_ReadObject(ctx, code, size, JS_READ_OBJ_BYTECODE);
    JSValue promise = JS_IsException(module) || JS_ResolveModule(ctx, module) < 0 ? JS_EXCEPTION
                                                                                 : JS_EvalFunction(ctx, module);
    if (JS_IsException(promise))
        print_exception(ctx, JS_GetException(ctx));
    else if (JS_PromiseState(ctx, promise) == JS_PROMISE_REJECTED)
        print_exception(ctx, JS_PromiseResult(ctx, promise));
    else
        return 1;
    return 0;
}

/* Each module uses those before it. The program ends in machine.exit(): that this returns at all is an error. */
static int run_program(JSContext *ctx)
{
    if (run_module(ctx, code_shared, code_shared_size) && run_module(ctx, code_boot, code_boot_size) &&
        run_module(ctx, code_rest, code_rest_size))
        dprintf(2, "holdfast: this is a bug in holdfast: it ended without an exit status\n");
    return EXIT_BUG;
}

int main(int argc, char **argv)
{
    settle_descriptors();
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an EPIPE, not the end of the work */
    machine_argc = argc > 0 ? argc - 1 : 0;
    machine_argv = argv + 1;

    JSRuntime *runtime = JS_NewRuntime2(&allocator, NULL);
    JSContext *ctx = runtime ? JS_NewContextRaw(runtime) : NULL;
    if (!ctx) {
        dprintf(2, "holdfast: no memory\n");
        return EXIT_BUG;
    }
    JS_SetGCThreshold(runtime, GC_BYTES);
    JS_AddIntrinsicBaseObjects(ctx);
    JS_AddIntrinsicRegExpCompiler(ctx);
    JS_AddIntrinsicRegExp(ctx);
    JS_AddIntrinsicJSON(ctx);
    JS_AddIntrinsicMapSet(ctx);
    JS_AddIntrinsicTypedArrays(ctx);
    JS_AddIntrinsicPromise(ctx);
    JS_AddIntrinsicWeakRef(ctx);
    JS_AddIntrinsicDate(ctx);
    if (!machine_module(ctx)) {
        dprintf(2, "holdfast: no memory\n");
        return EXIT_BUG;
    }
    return run_program(ctx);
}
