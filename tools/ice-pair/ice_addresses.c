/* Which local addresses to gather on. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <nice/agent.h>

#include "base/log.h"
#include "ice_private.h"

static bool chosen(const char *name, const struct pc_opt_list *interfaces)
{
	for (unsigned i = 0; i < interfaces->n; i++)
		if (strcmp(name, interfaces->v[i]) == 0)
			return true;
	return interfaces->n == 0;
}

static bool usable(const struct ifaddrs *ifa, bool loopback)
{
	const struct sockaddr *sa = ifa->ifa_addr;

	if (!sa || !(ifa->ifa_flags & IFF_UP))
		return false;
	if (!!(ifa->ifa_flags & IFF_LOOPBACK) != loopback)
		return false;
	if (sa->sa_family == AF_INET6) {
		struct pc_addr a = { .len = sizeof(a.in6) };

		memcpy(&a.in6, sa, sizeof(a.in6));
		/* RFC 8445 5.1.1.1: pairs only with link-local peers */
		return !IN6_IS_ADDR_LINKLOCAL(&a.in6.sin6_addr);
	}
	return sa->sa_family == AF_INET;
}

static unsigned add_interfaces(NiceAgent *agent, const struct ifaddrs *list,
			       const struct pc_opt_list *interfaces,
			       bool loopback)
{
	unsigned n = 0;

	for (const struct ifaddrs *ifa = list; ifa; ifa = ifa->ifa_next) {
		NiceAddress addr;

		if (!usable(ifa, loopback) ||
		    !chosen(ifa->ifa_name, interfaces))
			continue;
		nice_address_init(&addr);
		nice_address_set_from_sockaddr(&addr, ifa->ifa_addr);
		nice_address_set_port(&addr, 0);
		n += nice_agent_add_local_address(agent, &addr) ? 1 : 0;
	}
	return n;
}

/* The names given must be of interfaces that there are. */
static int check_names(const struct pc_opt_list *interfaces)
{
	for (unsigned i = 0; i < interfaces->n; i++) {
		if (if_nametoindex(interfaces->v[i]) != 0)
			continue;
		pc_warnx("--interface %s: there is none of that name",
			 interfaces->v[i]);
		return -EINVAL;
	}
	return 0;
}

static int add_addresses(NiceAgent *agent, const struct pc_opt_list *chosen)
{
	for (unsigned i = 0; i < chosen->n; i++) {
		NiceAddress addr;

		nice_address_init(&addr);
		if (!nice_address_set_from_string(&addr, chosen->v[i])) {
			pc_warnx("%s: not an IP address (--address)",
				 chosen->v[i]);
			return -EINVAL;
		}
		nice_agent_add_local_address(agent, &addr);
	}
	return 0;
}

int ice_add_addresses(NiceAgent *agent, const struct ice_config *cfg)
{
	struct ifaddrs *list;
	unsigned n;

	if (cfg->addresses->n)
		return add_addresses(agent, cfg->addresses);
	if (check_names(cfg->interfaces) != 0)
		return -EINVAL;
	if (getifaddrs(&list) != 0) {
		pc_warn("the interfaces' addresses cannot be read");
		return -errno;
	}
	n = add_interfaces(agent, list, cfg->interfaces, false);
	if (cfg->loopback || n == 0)
		n += add_interfaces(agent, list, cfg->interfaces, true);
	freeifaddrs(list);
	if (n == 0) {
		pc_warnx("no network address to use: is %s up?",
			 cfg->interfaces->n ? "that interface"
					    : "an interface");
		return -EADDRNOTAVAIL;
	}
	return 0;
}
