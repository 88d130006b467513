/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sockets by their addresses: "127.0.0.1:7311", "[::1]:7311", or the path of a Unix socket. Only to
 * connect to a host's name may be given: what a daemon listens on should not depend on a resolver.
 *
 * The file of a Unix socket outlives a daemon that was killed. It is replaced only when nobody
 * answers on it, and never when it is something other than a socket.
 */
#include "loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

struct host_port {
    char host[256];
    char port[6];
};

static enum st bad_address(struct str addr, struct err *err)
{
    return err_set(err, ST_CONFIG, STR_FMT ": expected ADDRESS:PORT or [ADDRESS]:PORT",
                   STR_ARG(addr));
}

static enum st split(struct str addr, struct host_port *out, struct err *err)
{
    const char *colon = addr.n > 0 ? memrchr(addr.p, ':', addr.n) : NULL;
    if (!colon)
        return bad_address(addr, err);
    struct str host = {addr.p, (size_t)(colon - addr.p)};
    struct str port = {colon + 1, addr.n - host.n - 1};
    bool bracketed = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    uint64_t number;

    if (bracketed)
        host = str_from(host.p + 1, host.n - 2);
    else if (host.n > 0 && memchr(host.p, ':', host.n))
        return bad_address(addr, err);
    if (host.n == 0 || host.n >= sizeof(out->host) || !str_u64(port, 65535, &number))
        return bad_address(addr, err);
    snprintf(out->host, sizeof(out->host), STR_FMT, STR_ARG(host));
    snprintf(out->port, sizeof(out->port), "%u", (unsigned)number);
    return ST_OK;
}

static enum st resolve(struct str addr, int flags, struct addrinfo **out, struct err *err)
{
    struct host_port hp;
    enum st st = split(addr, &hp, err);
    if (st != ST_OK)
        return st;
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = flags | AI_NUMERICSERV,
    };
    int failed = getaddrinfo(hp.host, hp.port, &hints, out);
    if (failed)
        return err_set(err, ST_CONFIG, STR_FMT ": %s", STR_ARG(addr), gai_strerror(failed));
    return ST_OK;
}

bool net_address_ok(struct str addr)
{
    struct host_port hp;
    unsigned char bytes[sizeof(struct in6_addr)];
    if (split(addr, &hp, NULL) != ST_OK)
        return false;
    return inet_pton(strchr(hp.host, ':') ? AF_INET6 : AF_INET, hp.host, bytes) == 1;
}

static bool bind_and_listen(int fd, const struct sockaddr *sa, socklen_t n)
{
    return bind(fd, sa, n) == 0 && listen(fd, BACKLOG) == 0;
}

enum st listen_tcp(const char *addr, int *fd, struct err *err)
{
    struct addrinfo *ai;
    int on = 1;
    if (!net_address_ok(str_of(addr)))
        return bad_address(str_of(addr), err);
    enum st st = resolve(str_of(addr), AI_PASSIVE | AI_NUMERICHOST, &ai, err);
    if (st != ST_OK)
        return st;
    *fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd >= 0) {
        setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* accepted ones inherit it */
    }
    if (*fd < 0 || !bind_and_listen(*fd, ai->ai_addr, ai->ai_addrlen)) {
        st = err_sys(err, "cannot listen on", addr);
        if (*fd >= 0)
            close(*fd);
    }
    freeaddrinfo(ai);
    return st;
}

static enum st unix_address(const char *path, struct sockaddr_un *out, struct err *err)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof(out->sun_path))
        return err_set(err, ST_CONFIG, "%s: a socket's path has 1 to %zu bytes", path,
                       sizeof(out->sun_path) - 1);
    memcpy(out->sun_path, path, n + 1);
    return ST_OK;
}

/* Remove the file that a daemon which is no more has left at path. */
static enum st clear_stale(const char *path, const struct sockaddr_un *sa, struct err *err)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? ST_OK : err_sys(err, "cannot listen on", path);
    if (!S_ISSOCK(st.st_mode))
        return err_set(err, ST_IO, "cannot listen on %s: there is a file that is no socket", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(err, "cannot listen on", path);
    bool answered = connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0;
    int why = errno;
    close(fd);
    if (answered || why != ECONNREFUSED)
        return err_set(err, ST_IO, "cannot listen on %s: another program answers there", path);
    return unlink(path) == 0 ? ST_OK : err_sys(err, "cannot remove", path);
}

enum st listen_unix(const char *path, int *fd, struct err *err)
{
    struct sockaddr_un sa;
    enum st st = unix_address(path, &sa, err);
    if (st == ST_OK)
        st = clear_stale(path, &sa, err);
    if (st != ST_OK)
        return st;
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd >= 0 && bind_and_listen(*fd, (const struct sockaddr *)&sa, sizeof(sa)))
        return ST_OK;
    st = err_sys(err, "cannot listen on", path);
    if (*fd >= 0)
        close(*fd);
    return st;
}

void listen_name(int fd, struct buf *out)
{
    struct sockaddr_storage ss = {0};
    socklen_t n = sizeof(ss);
    char host[INET6_ADDRSTRLEN] = "?", port[6] = "0";
    if (getsockname(fd, (struct sockaddr *)&ss, &n) == 0)
        getnameinfo((struct sockaddr *)&ss, n, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV);
    bool v6 = ss.ss_family == AF_INET6;
    buf_addf(out, "%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

static enum st dial_unix(const char *path, int *fd, struct err *err)
{
    struct sockaddr_un sa;
    enum st st = unix_address(path, &sa, err);
    if (st != ST_OK)
        return st;
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd >= 0 && connect(*fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0)
        return ST_OK;
    st = err_sys(err, "cannot connect to", path);
    if (*fd >= 0)
        close(*fd);
    return st;
}

enum st net_dial(const char *addr, const char *unix_path, int *fd, struct err *err)
{
    struct addrinfo *list;
    if (unix_path)
        return dial_unix(unix_path, fd, err);
    enum st st = resolve(str_of(addr), 0, &list, err);
    if (st != ST_OK)
        return st;
    st = err_set(err, ST_IO, "cannot connect to %s", addr);
    for (const struct addrinfo *ai = list; ai && st != ST_OK; ai = ai->ai_next) {
        *fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (*fd >= 0 && connect(*fd, ai->ai_addr, ai->ai_addrlen) == 0) {
            st = ST_OK;
            continue;
        }
        st = err_sys(err, "cannot connect to", addr);
        if (*fd >= 0)
            close(*fd);
    }
    freeaddrinfo(list);
    return st;
}
