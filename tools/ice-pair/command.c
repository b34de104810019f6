#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void set_end(const char *which, const struct pc_addr *addr,
		    const char *type)
{
	char name[32], text[PC_ADDR_TEXT];

	snprintf(name, sizeof(name), "ICE%sIP", which);
	setenv(name, pc_addr_ip(addr, text), 1);
	snprintf(name, sizeof(name), "ICE%sPORT", which);
	snprintf(text, sizeof(text), "%u", pc_addr_port(addr));
	setenv(name, text, 1);
	snprintf(name, sizeof(name), "ICE%sTYPE", which);
	setenv(name, type, 1);
}

static _Noreturn void become(const char *const *argv,
			     const struct ice_pair *pair, int in, int out,
			     pid_t parent)
{
	union {
		const char *const *from;
		char *const *to;
	} words = { .from = argv };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	setenv("PROTO", "ICE", 1);
	set_end("LOCAL", &pair->local, pair->local_type);
	set_end("REMOTE", &pair->remote, pair->remote_type);
	setenv("ICETRANSPORT", pair->transport, 1);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(127);
	execvp(argv[0], words.to);
	fprintf(stderr, "ice-pair: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

pid_t command_start(const char *const *argv, bool seq,
		    const struct ice_pair *pair, int *in, int *out)
{
	int type = (seq ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC;
	int from[2], to[2];
	pid_t self = getpid(), pid;

	if (socketpair(AF_UNIX, type, 0, from) != 0)
		return -errno;
	if (socketpair(AF_UNIX, type, 0, to) != 0) {
		pid = -errno;
		close(from[0]);
		close(from[1]);
		return pid;
	}
	pid = fork();
	if (pid == 0)
		become(argv, pair, to[1], from[1], self);
	if (pid < 0)
		pid = -errno;
	else
		setpgid(pid, pid); /* whoever of both comes first */
	close(from[1]);
	close(to[1]);
	if (pid < 0) {
		close(from[0]);
		close(to[0]);
		return pid;
	}
	*in = from[0];
	*out = to[0];
	return pid;
}
