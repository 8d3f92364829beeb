/*
 * A program that is watched: it goes on in a child, and the parent gives it up when one of its calls to the kernel
 * does not return. Whoever waits for a disk that no longer answers cannot even be killed; only another process can go on.
 */
#include "machine.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child is doing; shared with its parent. NULL in a process that nobody watches. */
static struct {
    volatile int64_t last_ms; /* when the call has to be over, by CLOCK_MONOTONIC; 0 outside of one */
    char path[4096];          /* PATH_MAX; ends in 0 whatever is written */
} *work;

enum {
    LOOK_EVERY_MS = 500,
    EXIT_LOST = 1, /* somebody else was told how the child ended */
};

JSValue machine_enter(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int64_t limit_ms;
    const char *path = work ? JS_ToCString(ctx, argv[0]) : NULL;
    if (!path)
        return work ? JS_EXCEPTION : JS_UNDEFINED;
    strncpy(work->path, path, sizeof(work->path) - 1);
    JS_FreeCString(ctx, path);
    if (JS_ToInt64(ctx, &limit_ms, argv[1]))
        return JS_EXCEPTION;
    work->last_ms = monotonic_ms() + limit_ms;
    return JS_UNDEFINED;
}

JSValue machine_leave(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    if (work)
        work->last_ms = 0;
    return JS_UNDEFINED;
}

/* Until the child has ended: 1; or until a call of it is overdue, and it is killed: 0. */
static int wait_for(pid_t pid, const sigset_t *waiting, int *status)
{
    struct timespec time = {0, LOOK_EVERY_MS * 1000000};
    pid_t ended;
    while ((ended = waitpid(pid, status, WNOHANG)) != pid) {
        if (ended < 0 && errno == ECHILD) {
            *status = EXIT_LOST << 8;
            return 1;
        }
        int64_t last_ms = work->last_ms;
        if (last_ms != 0 && monotonic_ms() > last_ms) {
            kill(pid, SIGKILL);
            return 0;
        }
        ppoll(NULL, 0, &time, waiting);
    }
    return 1;
}

static void wake_up(int signal_number)
{
}

/* The parent's side: the exit status of the child, or the path of the call that it was given up in. */
static JSValue watch(JSContext *ctx, pid_t pid, const sigset_t *old_mask)
{
    sigset_t waiting = *old_mask;
    int status = 0;
    sigdelset(&waiting, SIGCHLD);
    int ended = wait_for(pid, &waiting, &status);
    JSValue result = JS_NULL;
    if (!ended)
        result = new_text(ctx, (uint8_t *)work->path, strlen(work->path));
    else
        result = JS_NewInt32(ctx, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    munmap(work, sizeof(*work));
    work = NULL;
    return result;
}

JSValue machine_watched(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct sigaction action = {.sa_handler = wake_up}, old_action;
    sigset_t blocked, old_mask;
    void *shared = mmap(NULL, sizeof(*work), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return throw_errno(ctx, errno);
    work = shared;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &old_mask);
    sigaction(SIGCHLD, &action, &old_action);
    pid_t pid = fork();
    int number = errno;
    JSValue result = JS_UNDEFINED;
    if (pid > 0)
        result = watch(ctx, pid, &old_mask);
    sigaction(SIGCHLD, &old_action, NULL);
    sigprocmask(SIG_SETMASK, &old_mask, NULL);
    if (pid >= 0)
        return result;
    munmap(work, sizeof(*work));
    work = NULL;
    return throw_errno(ctx, number);
}
