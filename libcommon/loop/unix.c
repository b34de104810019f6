#include "loop/unix.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int set_name(struct sockaddr_un *sun, const char *path)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(sun->sun_path))
		return -ENAMETOOLONG;
	memcpy(sun->sun_path, path, strlen(path) + 1);
	return 0;
}

/* Whoever is root could read it all anyway. */
static int check_peer(int fd, pid_t *pid)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	*pid = peer.pid;
	return peer.uid == geteuid() ? 0 : -EPERM;
}

static int checked(int fd, pid_t *pid)
{
	int rc = fd < 0 ? -errno : check_peer(fd, pid);

	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}

int pc_unix_connect(const char *path)
{
	struct sockaddr_un sun;
	int rc = set_name(&sun, path), fd;
	pid_t pid;

	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return checked(fd, &pid);
	rc = -errno;
	close(fd);
	return rc;
}

int pc_unix_accept(int fd, pid_t *pid)
{
	return checked(accept4(fd, NULL, NULL, SOCK_CLOEXEC), pid);
}

static int make_room(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = pc_unix_connect(path);
	if (fd >= 0)
		close(fd);
	if (fd != -ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(path) < 0 ? -errno : 0;
}

int pc_unix_listen(const char *path)
{
	struct sockaddr_un sun;
	int rc = set_name(&sun, path), fd;
	mode_t mask;

	if (rc == 0)
		rc = make_room(path);
	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	mask = umask(0177);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		rc = -errno;
	umask(mask);
	if (rc == 0 && listen(fd, SOMAXCONN) < 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

const char *pc_unix_text(int rc)
{
	switch (rc) {
	case -EADDRINUSE:
		return "another is using it";
	case -EEXIST:
		return "there is a file of this name that is no socket";
	case -ENAMETOOLONG:
		return "too long for a socket's path (107 bytes)";
	default:
		return strerror(-rc);
	}
}
