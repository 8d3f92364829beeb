/*
 * Runs one program to its end: standard input /dev/null, stdout and stderr collected, a session of
 * its own (it cannot ask at the terminal, and a timeout kills what it started with it).
 */
#include "machine.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct output {
    int fd; /* -1 at its end */
    uint8_t *bytes;
    size_t length, room;
};

static void free_strings(JSContext *ctx, char **strings)
{
    for (int i = 0; strings && strings[i]; i++)
        JS_FreeCString(ctx, strings[i]);
    js_free(ctx, strings);
}

/* A NULL-terminated array for execve(2); NULL with the exception set, EINVAL for a NUL inside. */
static char **to_strings(JSContext *ctx, JSValueConst list)
{
    uint32_t count = 0;
    size_t size;
    JSValue length = JS_GetPropertyStr(ctx, list, "length");
    if (JS_ToUint32(ctx, &count, length))
        return NULL;
    char **strings = js_mallocz(ctx, (count + 1) * sizeof(char *));
    for (uint32_t i = 0; strings && i < count; i++) {
        JSValue item = JS_GetPropertyUint32(ctx, list, i);
        strings[i] = (char *)JS_ToCStringLen(ctx, &size, item);
        JS_FreeValue(ctx, item);
        if (strings[i] && strlen(strings[i]) == size)
            continue;
        if (strings[i])
            throw_errno(ctx, EINVAL);
        free_strings(ctx, strings);
        return NULL;
    }
    return strings;
}

int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wake_up(int signal_number)
{
}

/* Reads what is there; closes at the end. 0, or ENOMEM. */
static int drain(struct output *out)
{
    if (out->room - out->length < 4096) {
        size_t room = out->room * 2 + 8192;
        uint8_t *bytes = realloc(out->bytes, room);
        if (!bytes)
            return ENOMEM;
        out->bytes = bytes;
        out->room = room;
    }
    ssize_t got = read(out->fd, out->bytes + out->length, out->room - out->length);
    if (got > 0) {
        out->length += got;
    } else if (got == 0 || errno != EINTR) {
        close(out->fd);
        out->fd = -1;
    }
    return 0;
}

/*
 * Waits for a child that was killed, a second at most: one in uninterruptible sleep, on a disk that does not answer,
 * goes when the disk does. It is left behind then; its status is that of a killed child all the same.
 */
static void reap(pid_t pid, const sigset_t *waiting, int *status)
{
    int64_t deadline = monotonic_ms() + 1000, left;
    while (waitpid(pid, status, WNOHANG) != pid) {
        if ((left = deadline - monotonic_ms()) <= 0) {
            *status = SIGKILL;
            return;
        }
        struct timespec time = {left / 1000, left % 1000 * 1000000};
        ppoll(NULL, 0, &time, waiting);
    }
}

/*
 * Until the program has ended and both its streams are closed, or the time is over. SIGCHLD is
 * blocked but inside ppoll(2), so the end of the program cannot fall between look and wait.
 */
static int collect(pid_t pid, struct output outputs[2], int64_t deadline, const sigset_t *waiting,
                   int *status, int *timed_out)
{
    int ended = 0, number = 0;
    while (number == 0) {
        if (!ended && waitpid(pid, status, WNOHANG) == pid)
            ended = 1;
        if (ended && outputs[0].fd < 0 && outputs[1].fd < 0)
            return 0;
        int64_t left = deadline - monotonic_ms();
        if (left <= 0)
            break;
        struct pollfd polls[2] = {{outputs[0].fd, POLLIN, 0}, {outputs[1].fd, POLLIN, 0}};
        struct timespec time = {left / 1000, left % 1000 * 1000000};
        if (ppoll(polls, 2, &time, waiting) <= 0)
            continue;
        for (int i = 0; i < 2 && number == 0; i++)
            if (polls[i].revents)
                number = drain(&outputs[i]);
    }
    *timed_out = number == 0;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    if (!ended)
        reap(pid, waiting, status);
    return number;
}

/*
 * Starts the program. 0, or the errno that kept it from starting; closes all but the outputs. By posix_spawn(3), which
 * takes the child's memory from us until it is the program: a fork would copy page tables, and we each page after it.
 */
static int start(char **argv, char **environment, pid_t *pid, struct output outputs[2])
{
    int fds[5] = {-1, -1, -1, -1, -1}, number = 0;
    posix_spawn_file_actions_t streams;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawn_file_actions_init(&streams);
    fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fds[0] < 0 || pipe2(fds + 1, O_CLOEXEC) < 0 || pipe2(fds + 3, O_CLOEXEC) < 0)
        number = errno;
    for (int i = 0; i < 3 && number == 0; i++)
        number = posix_spawn_file_actions_adddup2(&streams, fds[i * 2], i);
    if (number == 0) {
        char **own = environ;
        environ = environment; /* where posix_spawnp(3) takes PATH from */
        number = posix_spawnp(pid, argv[0], &streams, &attributes, argv, environment);
        environ = own;
    }
    posix_spawn_file_actions_destroy(&streams);
    for (int i = 0; i < 5; i++) {
        int is_output = i == 1 || i == 3;
        if (fds[i] >= 0 && (number != 0 || !is_output))
            close(fds[i]);
    }
    if (number == 0) {
        outputs[0].fd = fds[1];
        outputs[1].fd = fds[3];
    }
    return number;
}

JSValue machine_spawn(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct output outputs[2] = {{.fd = -1}, {.fd = -1}};
    struct sigaction action = {.sa_handler = wake_up}, old_action;
    sigset_t blocked, old_mask, waiting;
    int64_t timeout_ms;
    int status = 0, timed_out = 0, number;
    pid_t pid;

    if (JS_ToInt64(ctx, &timeout_ms, argv[2]))
        return JS_EXCEPTION;
    char **program = to_strings(ctx, argv[0]);
    char **environment = program ? to_strings(ctx, argv[1]) : NULL;
    if (!environment) {
        free_strings(ctx, program);
        return JS_EXCEPTION;
    }
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &old_mask);
    sigaction(SIGCHLD, &action, &old_action);
    waiting = old_mask;
    sigdelset(&waiting, SIGCHLD);

    number = program[0] ? start(program, environment, &pid, outputs) : EINVAL;
    if (number == 0)
        number = collect(pid, outputs, monotonic_ms() + timeout_ms, &waiting, &status, &timed_out);

    sigaction(SIGCHLD, &old_action, NULL);
    sigprocmask(SIG_SETMASK, &old_mask, NULL);
    free_strings(ctx, program);
    free_strings(ctx, environment);
    JSValue result = JS_UNDEFINED;
    if (number == 0) {
        result = JS_NewObject(ctx);
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        JS_SetPropertyStr(ctx, result, "status", JS_NewInt32(ctx, code));
        JS_SetPropertyStr(ctx, result, "stdout", new_text(ctx, outputs[0].bytes, outputs[0].length));
        JS_SetPropertyStr(ctx, result, "stderr", new_text(ctx, outputs[1].bytes, outputs[1].length));
        JS_SetPropertyStr(ctx, result, "timedOut", JS_NewBool(ctx, timed_out));
    }
    for (int i = 0; i < 2; i++) {
        if (outputs[i].fd >= 0)
            close(outputs[i].fd);
        free(outputs[i].bytes);
    }
    return number == 0 ? result : throw_errno(ctx, number);
}
