/*
 * "qjs:machine": one function per system call, so that the program decides and this does not.
 * A call that the kernel refuses throws an object with `errno`. Every descriptor is O_CLOEXEC.
 * The TypeScript view of it is src/machine/qjs-machine.d.ts.
 */
#include "machine.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define countof(array) (sizeof(array) / sizeof((array)[0]))

int machine_argc;
char **machine_argv;

/* No Error: to note where one was made takes a hundred times as long as the call, and it never leaves the adapter. */
JSValue throw_errno(JSContext *ctx, int number)
{
    JSValue error = JS_NewObject(ctx);
    JS_DefinePropertyValueStr(ctx, error, "errno", JS_NewInt32(ctx, number), JS_PROP_C_W_E);
    return JS_Throw(ctx, error);
}

static JSValue number_or_errno(JSContext *ctx, int64_t result)
{
    return result < 0 ? throw_errno(ctx, errno) : JS_NewInt64(ctx, result);
}

/* A path argument; NULL with the exception set when it is none, or has a NUL inside. */
static const char *to_path(JSContext *ctx, JSValueConst value)
{
    size_t length;
    const char *path = JS_ToCStringLen(ctx, &length, value);
    if (path && strlen(path) != length) {
        JS_FreeCString(ctx, path);
        throw_errno(ctx, EINVAL);
        return NULL;
    }
    return path;
}

/* Length of the well-formed sequence at p, or 0; *bad is then the length of the malformed part. */
static size_t utf8_sequence(const uint8_t *p, size_t left, size_t *bad)
{
    uint8_t first = p[0], low = 0x80, high = 0xbf;
    size_t need;
    *bad = 1;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    need = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first == 0xe0) low = 0xa0;  /* shorter forms exist */
    if (first == 0xed) high = 0x9f; /* surrogates */
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f; /* beyond U+10FFFF */
    for (size_t i = 1; i < need; i++) {
        if (i >= left || p[i] < low || p[i] > high) {
            *bad = i;
            return 0;
        }
        low = 0x80;
        high = 0xbf;
    }
    return need;
}

JSValue new_text(JSContext *ctx, const uint8_t *bytes, size_t length)
{
    size_t bad, used = 0, ascii = 0;
    while (ascii < length && bytes[ascii] < 0x80)
        ascii++;
    if (ascii == length)
        return JS_NewStringLen(ctx, (const char *)bytes, length);
    uint8_t *clean = js_malloc(ctx, length * 3 + 1);
    if (!clean)
        return JS_EXCEPTION;
    for (size_t i = 0; i < length;) {
        size_t good = utf8_sequence(bytes + i, length - i, &bad);
        memcpy(clean + used, good ? bytes + i : (const uint8_t *)"\xef\xbf\xbd", good ? good : 3);
        used += good ? good : 3;
        i += good ? good : bad;
    }
    JSValue text = JS_NewStringLen(ctx, (char *)clean, used);
    js_free(ctx, clean);
    return text;
}

static JSValue js_exit(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int32_t status = 70;
    JS_ToInt32(ctx, &status, argv[0]);
    exit(status);
}

static JSValue js_argv(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    JSValue list = JS_NewArray(ctx);
    for (int i = 0; i < machine_argc; i++)
        JS_SetPropertyUint32(ctx, list, i, new_text(ctx, (uint8_t *)machine_argv[i], strlen(machine_argv[i])));
    return list;
}

/* Every "NAME=value" of the environment. */
static JSValue js_environment(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    JSValue list = JS_NewArray(ctx);
    for (int i = 0; environ && environ[i]; i++)
        JS_SetPropertyUint32(ctx, list, i, new_text(ctx, (uint8_t *)environ[i], strlen(environ[i])));
    return list;
}

/* Columns of the terminal at a descriptor; 0 when unknown, -1 when it is no terminal. */
static JSValue js_columns(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct winsize window = {0};
    int32_t fd;
    if (JS_ToInt32(ctx, &fd, argv[0]))
        return JS_EXCEPTION;
    if (!isatty(fd))
        return JS_NewInt32(ctx, -1);
    return JS_NewInt32(ctx, ioctl(fd, TIOCGWINSZ, &window) < 0 ? 0 : window.ws_col);
}

static JSValue js_open(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int32_t flags, mode;
    const char *path = to_path(ctx, argv[0]);
    if (!path || JS_ToInt32(ctx, &flags, argv[1]) || JS_ToInt32(ctx, &mode, argv[2]))
        return JS_EXCEPTION;
    int fd = open(path, flags | O_CLOEXEC, mode);
    JS_FreeCString(ctx, path);
    return number_or_errno(ctx, fd);
}

/* A whole file. Until read(2) gives nothing: files in /proc and /sys have no size to go by. */
static JSValue js_read_text(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    uint8_t line[4096], *bytes = line; /* most are a line of /sys */
    size_t length = 0, room = sizeof(line);
    ssize_t got;
    const char *path = to_path(ctx, argv[0]);
    if (!path)
        return JS_EXCEPTION;
    int fd = open(path, O_RDONLY | O_CLOEXEC), number = errno;
    JS_FreeCString(ctx, path);
    if (fd < 0)
        return throw_errno(ctx, number);
    for (number = 0; number == 0 && (got = read(fd, bytes + length, room - length)) != 0;) {
        if (got < 0) {
            number = errno == EINTR ? 0 : errno;
            continue;
        }
        length += got;
        if (length < room)
            continue;
        room *= 2;
        uint8_t *larger = bytes == line ? malloc(room) : realloc(bytes, room);
        if (!larger) {
            number = ENOMEM;
            continue;
        }
        if (bytes == line)
            memcpy(larger, line, length);
        bytes = larger;
    }
    close(fd);
    JSValue text = number == 0 ? new_text(ctx, bytes, length) : throw_errno(ctx, number);
    if (bytes != line)
        free(bytes);
    return text;
}

enum { FD_CLOSE, FD_SYNC, FD_TRUNCATE };

static JSValue js_descriptor_call(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int call)
{
    int32_t fd;
    int64_t length = 0;
    if (JS_ToInt32(ctx, &fd, argv[0]) || (call == FD_TRUNCATE && JS_ToInt64(ctx, &length, argv[1])))
        return JS_EXCEPTION;
    switch (call) {
    case FD_CLOSE: return number_or_errno(ctx, close(fd));
    case FD_SYNC: return number_or_errno(ctx, fsync(fd));
    default: return number_or_errno(ctx, ftruncate(fd, length));
    }
}

/* read(fd, buffer, at, length, offset): bytes read into the ArrayBuffer; offset -1 = where it stands. */
static JSValue js_transfer(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int writing)
{
    int32_t fd;
    int64_t at, length, offset;
    size_t room;
    ssize_t done;
    uint8_t *buffer = JS_GetArrayBuffer(ctx, &room, argv[1]);
    if (!buffer || JS_ToInt32(ctx, &fd, argv[0]) || JS_ToInt64(ctx, &at, argv[2]) ||
        JS_ToInt64(ctx, &length, argv[3]) || JS_ToInt64(ctx, &offset, argv[4]))
        return JS_EXCEPTION;
    if (at < 0 || length < 0 || (uint64_t)at > room || (uint64_t)length > room - at)
        return throw_errno(ctx, EINVAL);
    do {
        if (writing)
            done = offset < 0 ? write(fd, buffer + at, length) : pwrite(fd, buffer + at, length, offset);
        else
            done = offset < 0 ? read(fd, buffer + at, length) : pread(fd, buffer + at, length, offset);
    } while (done < 0 && errno == EINTR);
    return number_or_errno(ctx, done);
}

/* The text as UTF-8, in a new ArrayBuffer. */
static JSValue js_utf8(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!text)
        return JS_EXCEPTION;
    JSValue buffer = JS_NewArrayBufferCopy(ctx, (const uint8_t *)text, length);
    JS_FreeCString(ctx, text);
    return buffer;
}

/* Waits until a descriptor takes bytes: a terminal or pipe that somebody made non-blocking. */
static JSValue js_wait_writable(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct pollfd wait = {.events = POLLOUT};
    if (JS_ToInt32(ctx, &wait.fd, argv[0]))
        return JS_EXCEPTION;
    poll(&wait, 1, -1);
    return JS_UNDEFINED;
}

enum { PATH_MKDIR, PATH_RMDIR, PATH_UNLINK, PATH_RENAME, PATH_SYMLINK };

static JSValue js_path_call(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int call)
{
    int result = -1;
    const char *path = to_path(ctx, argv[0]);
    const char *second = path && call >= PATH_RENAME ? to_path(ctx, argv[1]) : NULL;
    if (!path || (call >= PATH_RENAME && !second)) {
        JS_FreeCString(ctx, path);
        return JS_EXCEPTION;
    }
    switch (call) {
    case PATH_MKDIR: result = mkdir(path, 0777); break;
    case PATH_RMDIR: result = rmdir(path); break;
    case PATH_UNLINK: result = unlink(path); break;
    case PATH_RENAME: result = rename(path, second); break;
    case PATH_SYMLINK: result = symlink(path, second); break;
    }
    int number = errno;
    JS_FreeCString(ctx, path);
    JS_FreeCString(ctx, second);
    return result < 0 ? throw_errno(ctx, number) : JS_UNDEFINED;
}

static JSValue js_exists(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length;
    const char *path = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!path)
        return JS_EXCEPTION;
    int found = strlen(path) == length && access(path, F_OK) == 0;
    JS_FreeCString(ctx, path);
    return JS_NewBool(ctx, found);
}

static void set_number(JSContext *ctx, JSValueConst object, const char *name, int64_t value)
{
    JS_DefinePropertyValueStr(ctx, object, name, JS_NewInt64(ctx, value), JS_PROP_C_W_E);
}

static JSValue js_stat(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int follow)
{
    struct stat st;
    const char *path = to_path(ctx, argv[0]);
    if (!path)
        return JS_EXCEPTION;
    int result = follow ? stat(path, &st) : lstat(path, &st);
    int number = errno;
    JS_FreeCString(ctx, path);
    if (result < 0)
        return throw_errno(ctx, number);
    JSValue object = JS_NewObject(ctx);
    set_number(ctx, object, "mode", st.st_mode);
    set_number(ctx, object, "uid", st.st_uid);
    set_number(ctx, object, "gid", st.st_gid);
    set_number(ctx, object, "size", st.st_size);
    set_number(ctx, object, "ino", st.st_ino);
    set_number(ctx, object, "nlink", st.st_nlink);
    set_number(ctx, object, "dev", st.st_dev);
    set_number(ctx, object, "rdev", st.st_rdev);
    set_number(ctx, object, "blocks", st.st_blocks);
    set_number(ctx, object, "mtime", st.st_mtim.tv_sec);
    set_number(ctx, object, "ctime", st.st_ctim.tv_sec);
    return object;
}

static JSValue js_free_bytes(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct statfs fs;
    const char *path = to_path(ctx, argv[0]);
    if (!path)
        return JS_EXCEPTION;
    int result = statfs(path, &fs);
    int number = errno;
    JS_FreeCString(ctx, path);
    return result < 0 ? throw_errno(ctx, number) : JS_NewInt64(ctx, (int64_t)fs.f_bavail * fs.f_bsize);
}

static JSValue js_read_link(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    char target[4096]; /* PATH_MAX: symlink(2) makes no longer one */
    const char *path = to_path(ctx, argv[0]);
    if (!path)
        return JS_EXCEPTION;
    ssize_t length = readlink(path, target, sizeof(target));
    int number = errno;
    JS_FreeCString(ctx, path);
    return length < 0 ? throw_errno(ctx, number) : new_text(ctx, (uint8_t *)target, length);
}

static JSValue js_list(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    const char *path = to_path(ctx, argv[0]);
    if (!path)
        return JS_EXCEPTION;
    DIR *directory = opendir(path); /* O_CLOEXEC in musl and in glibc */
    int number = errno;
    JS_FreeCString(ctx, path);
    if (!directory)
        return throw_errno(ctx, number);
    JSValue names = JS_NewArray(ctx);
    uint32_t count = 0;
    struct dirent *entry;
    for (errno = 0; (entry = readdir(directory)); errno = 0)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            JS_SetPropertyUint32(ctx, names, count++, new_text(ctx, (uint8_t *)entry->d_name, strlen(entry->d_name)));
    number = errno;
    closedir(directory);
    if (number == 0)
        return names;
    JS_FreeValue(ctx, names);
    return throw_errno(ctx, number);
}

static JSValue js_sleep(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int64_t ms;
    if (JS_ToInt64(ctx, &ms, argv[0]))
        return JS_EXCEPTION;
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
    return JS_UNDEFINED;
}

static JSValue js_clock(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return JS_NewInt64(ctx, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("exit", 1, js_exit),
    JS_CFUNC_DEF("argv", 0, js_argv),
    JS_CFUNC_DEF("environment", 0, js_environment),
    JS_CFUNC_DEF("columns", 1, js_columns),
    JS_CFUNC_DEF("utf8", 1, js_utf8),
    JS_CFUNC_DEF("readText", 1, js_read_text),
    JS_CFUNC_DEF("open", 3, js_open),
    JS_CFUNC_MAGIC_DEF("close", 1, js_descriptor_call, FD_CLOSE),
    JS_CFUNC_MAGIC_DEF("fsync", 1, js_descriptor_call, FD_SYNC),
    JS_CFUNC_MAGIC_DEF("ftruncate", 2, js_descriptor_call, FD_TRUNCATE),
    JS_CFUNC_MAGIC_DEF("read", 5, js_transfer, 0),
    JS_CFUNC_MAGIC_DEF("write", 5, js_transfer, 1),
    JS_CFUNC_DEF("waitWritable", 1, js_wait_writable),
    JS_CFUNC_MAGIC_DEF("mkdir", 1, js_path_call, PATH_MKDIR),
    JS_CFUNC_MAGIC_DEF("rmdir", 1, js_path_call, PATH_RMDIR),
    JS_CFUNC_MAGIC_DEF("unlink", 1, js_path_call, PATH_UNLINK),
    JS_CFUNC_MAGIC_DEF("rename", 2, js_path_call, PATH_RENAME),
    JS_CFUNC_MAGIC_DEF("symlink", 2, js_path_call, PATH_SYMLINK),
    JS_CFUNC_DEF("exists", 1, js_exists),
    JS_CFUNC_MAGIC_DEF("stat", 1, js_stat, 1),
    JS_CFUNC_MAGIC_DEF("lstat", 1, js_stat, 0),
    JS_CFUNC_DEF("freeBytes", 1, js_free_bytes),
    JS_CFUNC_DEF("readlink", 1, js_read_link),
    JS_CFUNC_DEF("list", 1, js_list),
    JS_CFUNC_DEF("spawn", 3, machine_spawn),
    JS_CFUNC_DEF("watched", 0, machine_watched),
    JS_CFUNC_DEF("enter", 2, machine_enter),
    JS_CFUNC_DEF("leave", 0, machine_leave),
    JS_CFUNC_DEF("sleep", 1, js_sleep),
    JS_CFUNC_MAGIC_DEF("monotonicMs", 0, js_clock, CLOCK_MONOTONIC),
    JS_CFUNC_MAGIC_DEF("epochMs", 0, js_clock, CLOCK_REALTIME),
};

static int export_functions(JSContext *ctx, JSModuleDef *module)
{
    return JS_SetModuleExportList(ctx, module, functions, countof(functions));
}

JSModuleDef *machine_module(JSContext *ctx)
{
    JSModuleDef *module = JS_NewCModule(ctx, "qjs:machine", export_functions);
    if (module)
        JS_AddModuleExportList(ctx, module, functions, countof(functions));
    return module;
}
