/* Shared by ua*.c; nobody else includes it. */
#ifndef PC_SIP_UA_PRIVATE_H
#define PC_SIP_UA_PRIVATE_H

#include <sys/time.h> /* osip.h does not bring it */
#include <time.h>

#include <osip2/osip.h>
#include <sys/queue.h>

#include "sip/ua.h"

struct pc_sip_client {
	LIST_ENTRY(pc_sip_client) link;
	struct pc_sip_ua *ua;
	osip_transaction_t *tr;
	struct pc_addr to;
	pc_sip_response_fn *fn;
	void *arg;
	int err; /* why the transport refused */
	bool provisional, cancel, done;
	char *cancel_reason; /* or NULL */
};

struct pc_sip_server {
	LIST_ENTRY(pc_sip_server) link;
	struct pc_sip_ua *ua;
	osip_transaction_t *tr;
	struct pc_addr from; /* where it came from */
	struct pc_addr back; /* where its responses go (18.2.2) */
	bool done;           /* a final response was given */
	bool refused;        /* and it was none of 2xx */

	/* RFC 3262: the reliable response that has no PRACK yet, or NULL */
	osip_message_t *reliable;
	char *reliable_text;
	size_t reliable_len;
	uint32_t rseq; /* of the last; 0: there was none */
	unsigned reliable_interval_ms;
	uint64_t reliable_next_ms, reliable_end_ms;
};

/* A 2xx we gave to an INVITE (13.3.1.4). */
struct pc_sip_accepted {
	LIST_ENTRY(pc_sip_accepted) link;
	osip_message_t *response;
	char *text;
	size_t len;
	struct pc_addr to;
	unsigned interval_ms;
	uint64_t next_ms, end_ms; /* next 0: not retransmitted any more */
};

struct pc_sip_ua {
	struct pc_tool *tool;
	struct pc_sip_ua_config config;
	struct pc_sip_transport *transport;
	osip_t *osip;
	struct pc_timer *timer;
	LIST_HEAD(pc_sip_clients, pc_sip_client) clients;
	LIST_HEAD(pc_sip_servers, pc_sip_server) servers;
	LIST_HEAD(pc_sip_accepteds, pc_sip_accepted) accepted;
	osip_list_t dead; /* transactions to free when nothing runs */
	bool running, was_busy;
};

/* Have ua_run called from the loop. */
void pc_sip_ua_kick(struct pc_sip_ua *ua);

int pc_sip_ua_send_text(struct pc_sip_ua *ua, const char *text, size_t len,
			const struct pc_addr *to);

/* 400 to a request that did not parse, if that is what it is. */
void pc_sip_ua_refuse_text(struct pc_sip_ua *ua, const char *data, size_t len,
			   const char *why, const struct pc_addr *from);

/* Put our Via on top of a request. branch NULL: a new one. */
int pc_sip_ua_add_via(struct pc_sip_ua *ua, osip_message_t *msg,
		      const struct pc_addr *to, const char *branch);

/* Run one event through its machine, tracing what it did. */
void pc_sip_ua_step(struct pc_sip_ua *ua, osip_transaction_t *tr,
		    osip_event_t *evt);

/*
 * osip2 takes every transport that it does not know (WS, WSS) for one that
 * loses messages: stop those timers of a new transaction (RFC 7118 5.2).
 */
void pc_sip_ua_reliable(osip_transaction_t *tr);

void pc_sip_client_install(osip_t *osip);
void pc_sip_server_install(osip_t *osip);

/* A new request from the network, given to a new server transaction. */
void pc_sip_server_new(struct pc_sip_ua *ua, osip_event_t *evt,
		       const struct pc_addr *from);

/*
 * Whether there is room for one more: the oldest may have to go for it
 * (ua_full.c). False: all of them wait for our answer.
 */
#define PC_SIP_SERVERS_MAX 64
bool pc_sip_server_room(struct pc_sip_ua *ua);
/* End one that is answered, before its timer. */
void pc_sip_server_end(struct pc_sip_server *s);

/* Answer without a transaction; for what cannot have one. */
void pc_sip_server_refuse(struct pc_sip_ua *ua, const osip_message_t *request,
			  int status, const char *reason,
			  const struct pc_addr *from);

/* The accepted INVITEs: their part of received, and their timers. */
int pc_sip_accepted_new(struct pc_sip_server *s,
			const osip_message_t *response);
bool pc_sip_accepted_invite(struct pc_sip_ua *ua, const osip_message_t *invite);
bool pc_sip_accepted_merged(const struct pc_sip_ua *ua,
			    const osip_message_t *request);
bool pc_sip_accepted_ack(struct pc_sip_ua *ua, const osip_message_t *ack);
void pc_sip_accepted_run(struct pc_sip_ua *ua, uint64_t now_ms);
uint64_t pc_sip_accepted_deadline(const struct pc_sip_ua *ua); /* 0: none */
void pc_sip_accepted_free(struct pc_sip_accepted *a);

/* Tell --trace of the state that RFC 6026 gave to IST, Accepted. */
void pc_sip_accepted_trace(const struct pc_sip_ua *ua,
			   const struct pc_sip_accepted *a, const char *from,
			   const char *to, const char *text, const char *fired);

/* The reliable provisional responses: their timers. */
void pc_sip_reliable_run(struct pc_sip_ua *ua, uint64_t now_ms);
uint64_t pc_sip_reliable_deadline(const struct pc_sip_ua *ua); /* 0: none */
void pc_sip_reliable_free(struct pc_sip_server *s); /* none is fine */

#endif
